"""What the mails about moderation need."""

from typing import Any

from engage.kernel.i18n import translate
from engage.kernel.links import queue_url
from engage.kernel.settings import Site
from engage.mail.models import Message
from engage.responses.describing import REASONS
from engage.responses.enums import ReasonCode


def decision_context(message: Message, site: Site) -> dict[str, Any]:
    """Return what was decided on somebody's words, and why."""
    facts = message.facts
    reason = translate(REASONS[ReasonCode(facts["reason"])], message.locale) if facts["reason"] else ""
    said = {name: facts[name] for name in ("kind", "about_title", "action", "note")}
    return {**said, "reason": reason, "taken_out": facts.get("taken_out", "words")}


def to_read_context(message: Message, site: Site) -> dict[str, Any]:
    """Return how much waits in which collection, and where it is read."""
    facts = message.facts["collections"]
    found = [{**each, "link": queue_url(site.base_url, **{each["kind"]: each["slug"]})} for each in facts]
    return {"collections": found, "links": {"queue": queue_url(site.base_url)}}
