"""What the mail about a recording that could not be used needs."""

from typing import Any

from engage.kernel.i18n import translate
from engage.kernel.settings import Site
from engage.mail.models import Message
from engage.media.describing import WHY_REFUSED
from engage.media.enums import Refusal


def media_refused_context(message: Message, site: Site) -> dict[str, Any]:
    """Return what the recording came with, and why it cannot be used."""
    facts = message.facts
    reason = translate(WHY_REFUSED[Refusal(facts["refusal"])], message.locale)
    return {"about_title": facts["about_title"], "number": facts["number"], "reason": reason}
