"""Mails looked at before they go: rendered for somebody who is made up, or with a reader's real name.

Nothing is stored, and every private link is signed for a row that does not exist, so it opens nothing.
"""

import uuid
from datetime import datetime
from typing import Any

from engage.bookings.enums import Segment
from engage.bookings.mail_about import ABOUT_EVENT
from engage.bookings.mails import event_facts
from engage.events.models import Event
from engage.flows.composing import preview
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind, MessageState
from engage.mail.models import Message
from engage.mail.rendering import RenderedMail


def preview_letter(
    event: Event, segment: Segment, *, subject: str, body: str, name: str, site: Site, at: datetime
) -> RenderedMail:
    """Return a letter as somebody of that name would get it."""
    test = {"segment": segment.value, "subject": subject, "body": body}
    return preview(_message(MessageKind.LETTER, event, {"name": name, "test": test}, site=site, at=at), site=site)


def _message(kind: MessageKind, event: Event, facts: dict[str, Any], *, site: Site, at: datetime) -> Message:
    """Return a message that is in no session, so that nothing can store it."""
    return Message(
        id=0,
        logical_key="",
        kind=kind,
        to_addr="",
        envelope_from="",
        locale=site.languages[0],
        facts={"event": event_facts(event), **facts},
        message_id="",
        state=MessageState.QUEUED,
        about_type=ABOUT_EVENT,
        about_id=uuid.UUID(int=0),
        created_at=at,
    )
