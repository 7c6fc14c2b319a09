"""Mails looked at before they go: rendered for somebody who is made up, or with a reader's real name.

Nothing is stored, and every private link is signed for a row that does not exist, so it opens nothing.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engage.bookings.enums import Segment
from engage.bookings.mail_about import ABOUT_EVENT
from engage.bookings.mails import Recipient, event_facts
from engage.bookings.planned_mails import UNSUBSCRIBE
from engage.calendars.services import InviteFacts, Method
from engage.events.models import Event
from engage.flows.composing import preview
from engage.kernel.i18n import N_, translate
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind, MessageState
from engage.mail.models import Message
from engage.mail.rendering import RenderedMail

NOBODY = uuid.UUID(int=0)
EXAMPLE = N_("Robin Example")
METHODS: dict[MessageKind, Method] = {
    MessageKind.INVITATION: "REQUEST",
    MessageKind.BOOKING_CANCELLED: "CANCEL",
    MessageKind.EVENT_CANCELLED: "CANCEL",
}
BOOKING_MAILS = (
    MessageKind.INVITATION,
    MessageKind.WAITING,
    MessageKind.OFFER,
    MessageKind.BOOKING_CANCELLED,
    MessageKind.EVENT_CANCELLED,
)
PLANNED_MAILS = (MessageKind.REMINDER, MessageKind.CAME, MessageKind.MISSED, MessageKind.WAITED)
PREVIEWED = (*BOOKING_MAILS, *PLANNED_MAILS)


@dataclass(frozen=True)
class Preview:
    """A mail that was only looked at; `entry` is its calendar entry as text, or ""."""

    kind: MessageKind
    mail: RenderedMail
    entry: str


def preview_mail(kind: MessageKind, event: Event, *, site: Site, at: datetime) -> Preview:
    """Return a mail about an event as somebody who is made up would get it. `kind` is one of PREVIEWED."""
    locale = site.languages[0]
    robin = Recipient(NOBODY, "", translate(EXAMPLE, locale), "robin@example.org", locale)
    facts: dict[str, Any] = {
        "name": robin.name,
        "links": {UNSUBSCRIBE: [UNSUBSCRIBE, str(NOBODY), ""], **robin.links()},
        "ahead": 2,
        "offer_expires_at": (at + timedelta(minutes=site.waiting_offer_minutes)).isoformat(),
        "reason": event.cancel_reason or "",
    }
    if kind in METHODS:
        invite = InviteFacts(NOBODY, f"sample@{site.mail_domain}", 0, site.mail_from, robin.email, None, at)
        facts["calendar"] = invite.frozen(METHODS[kind], at=at)
    mail, part = preview(_message(kind, event, facts, site=site, at=at), site=site)
    return Preview(kind, mail, "" if part is None else part.ics.decode().replace("\r\n", "\n"))


def preview_letter(
    event: Event, segment: Segment, *, subject: str, body: str, name: str, site: Site, at: datetime
) -> RenderedMail:
    """Return a letter as somebody of that name would get it."""
    test = {"segment": segment.value, "subject": subject, "body": body}
    return preview(
        _message(MessageKind.LETTER, event, {"name": name, "test": test, "preview": True}, site=site, at=at), site=site
    )[0]


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
        about_id=NOBODY,
        created_at=at,
    )
