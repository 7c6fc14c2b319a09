"""What the mails about a sitting need."""

from typing import Any

from engage.kernel.settings import Site
from engage.mail.models import Message


def receipt_context(message: Message, site: Site) -> dict[str, Any]:
    """Return what was received, and on what."""
    return {name: message.facts[name] for name in ("kind", "about_title", "count")}
