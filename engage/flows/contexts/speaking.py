"""What the mails about speaking need: to organisers, and to speakers themselves."""

import uuid
from typing import Any

from engage.calendars.enums import PartStat
from engage.events.appearances import find_appearance
from engage.events.enums import AppearanceRole
from engage.events.queries import line_up
from engage.kernel.links import line_up_url
from engage.kernel.settings import Site
from engage.kernel.text import clean
from engage.mail.enums import MessageKind
from engage.mail.models import Message

UNANSWERED = PartStat.NEEDS_ACTION.value
# What speakers read instead of what attendees do.
SPEAKER_TEMPLATES = {
    MessageKind.MOVED: "speaker_moved",
    MessageKind.UPDATED: "speaker_updated",
    MessageKind.EVENT_CANCELLED: "speaker_cancelled",
}


def answered_context(message: Message, site: Site) -> dict[str, Any]:
    """Return who answered what, in their own words, for the organisers of an event."""
    facts = message.facts
    return {
        "chairs": chairs(message.about_id),
        "speaker": clean(facts["speaker"], limit=200),
        "answer": facts["answer"],
        "words": facts["words"],
        "links": {"line_up": line_up_url(site.base_url, facts["event"]["slug"])},
    }


def speaker_context(message: Message) -> dict[str, Any]:
    """Return what a mail to a speaker says besides: their role and answer, who else speaks, how sure the event is.

    `answered` is the answer that stood when the mail was written (a PARTSTAT), "" for none.
    """
    facts, calendar = message.facts, message.facts.get("calendar", {})
    appearance = find_appearance(message.about_id)
    others = [] if appearance is None else line_up(appearance.event_id)
    context = {
        "chairs": chairs(message.about_id),
        "answered": "" if calendar.get("partstat", UNANSWERED) == UNANSWERED else calendar["partstat"],
        "others": [entry.line for entry in others if entry.appearance_id != message.about_id],
        "tentative": calendar.get("tentative", False),
        "confirmed": facts.get("confirmed", False),
    }
    # Nobody but organisers can open the page of a draft.
    return {**context, "links": {"event": ""}} if context["tentative"] else context


def chairs(appearance_id: uuid.UUID | None) -> bool:
    """Tell whether somebody in a line-up is asked to chair the event."""
    appearance = None if appearance_id is None else find_appearance(appearance_id)
    return appearance is not None and appearance.role is AppearanceRole.CHAIR
