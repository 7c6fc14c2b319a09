"""What the mail about the organisation's reply needs."""

from typing import Any

from engage.kernel.links import response_url
from engage.kernel.settings import Site
from engage.mail.models import Message


def replied_context(message: Message, site: Site) -> dict[str, Any]:
    """Return what was replied to, and where the reply stands."""
    address = response_url(site.base_url, message.facts["reply_id"])
    return {"about_title": message.facts["about_title"], "links": {"thread": address}}
