"""The mails of an event's plan: who gets a step, and the facts that each mail freezes.

Whoever holds an invitation is written to under their own name: the holder of a booking, and a guest with an address.
A mail counts its links among the facts as seeds; line-up, questions and the recording are read when it is rendered.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, exists, false, func, null, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from engage.bookings.enums import Attendance, BookingStatus
from engage.bookings.mail_plan import Step
from engage.bookings.mails import ABOUT, ABOUT_GUEST, Recipient, event_facts
from engage.bookings.models import Booking, Guest
from engage.calendars.enums import InviteState
from engage.calendars.models import CalendarInvite
from engage.events.models import Event
from engage.kernel.db import db
from engage.mail.enums import MessageKind
from engage.mail.services import Draft

UNSUBSCRIBE = "unsubscribe"  # the purpose of the link that stops reminders


@dataclass(frozen=True)
class Addressee:
    """Somebody whom a step may write to; `guest_id` is None for a booking's holder.

    `cursor` tells how far a long list was read.
    """

    cursor: uuid.UUID
    booking_id: uuid.UUID
    guest_id: uuid.UUID | None
    nonce: str
    name: str
    email: str
    locale: str
    came: bool
    first_message_id: str | None

    @property
    def row_id(self) -> uuid.UUID:
        """Return the row that their links open."""
        return self.guest_id or self.booking_id


def addressees(event_id: uuid.UUID, step: Step, *, after: uuid.UUID | None, limit: int) -> list[Addressee]:
    """Return whom a step may write to, in an order that stays, from behind a cursor on.

    Nobody who stopped such mails, who cancelled, or who came to it after the moment of the step.
    """
    statement, cursor = _waited(event_id) if step.kind is MessageKind.WAITED else _invited(event_id, step)
    if after is not None:
        statement = statement.where(cursor > after)
    return [Addressee(*row) for row in db.session.execute(statement.order_by(cursor).limit(limit))]


def count_addressees(event_id: uuid.UUID, step: Step) -> int:
    """Return how many people a step would write to, as things are; who came is not known before the event."""
    statement, _ = _waited(event_id) if step.kind is MessageKind.WAITED else _invited(event_id, step)
    people = statement.subquery()
    counted = select(func.count()).select_from(people)
    if step.kind in (MessageKind.CAME, MessageKind.MISSED):
        counted = counted.where(people.c.came.is_(step.kind is MessageKind.CAME))
    return db.session.scalar(counted) or 0


def drafts(people: Iterable[tuple[MessageKind, Addressee]], event: Event, step: Step) -> Sequence[Draft]:
    """Return the mails of a step; a person has each reminder once, and one follow-up of an event (P12)."""
    return [
        Draft(
            kind=kind,
            logical_key=_logical_key(step, person),
            to_addr=person.email,
            facts=_facts(person, event, step),
            locale=person.locale,
            about_type=ABOUT if person.guest_id is None else ABOUT_GUEST,
            about_id=person.row_id,
            in_reply_to=person.first_message_id,
        )
        for kind, person in people
    ]


def _invited(event_id: uuid.UUID, step: Step) -> tuple[Select[Any], InstrumentedAttribute[uuid.UUID]]:
    """Return the people who held an invitation at the moment of a step and still do."""
    is_holder = Guest.id.is_(None)
    came = case((is_holder, Booking.attendance), else_=Guest.attendance) == Attendance.ATTENDED
    statement = (
        select(
            CalendarInvite.id,
            Booking.id,
            Guest.id,
            func.coalesce(Guest.nonce, Booking.nonce),
            case((is_holder, Booking.name), else_=func.coalesce(Guest.name, "")),
            CalendarInvite.attendee_addr,
            Booking.locale,
            came.label("came"),
            CalendarInvite.first_message_id,
        )
        .join(Booking, Booking.id == CalendarInvite.booking_id)
        .outerjoin(Guest, Guest.id == CalendarInvite.guest_id)
        .where(
            CalendarInvite.event_id == event_id,
            CalendarInvite.state == InviteState.LIVE,
            CalendarInvite.created_at <= step.due,
            Booking.status == BookingStatus.CONFIRMED,
            func.coalesce(Guest.reminders, Booking.reminders),
        )
    )
    return statement, CalendarInvite.id


def _waited(event_id: uuid.UUID) -> tuple[Select[Any], InstrumentedAttribute[uuid.UUID]]:
    """Return who waited for a place and got none: whose latest booking of the event ended in the line."""
    later = aliased(Booking)
    came_back = exists().where(
        later.event_id == Booking.event_id,
        later.email_normalised == Booking.email_normalised,
        later.id != Booking.id,
        func.coalesce(later.waiting_since, later.created_at) > Booking.waiting_since,
    )
    person: tuple[Any, ...] = (
        *(Booking.id, Booking.id, null(), Booking.nonce),
        *(Booking.name, Booking.email_normalised, Booking.locale, false(), null()),
    )
    statement = select(*person).where(
        Booking.event_id == event_id,
        Booking.status == BookingStatus.EXPIRED,
        Booking.waiting_since.is_not(None),
        Booking.reminders,
        ~came_back,
    )
    return statement, Booking.id


def _logical_key(step: Step, person: Addressee) -> str:
    what = step.key if step.kind is MessageKind.REMINDER else "follow-up"
    return f"{what}:{person.row_id}:{step.rests_on.isoformat()}"


def _facts(person: Addressee, event: Event, step: Step) -> dict[str, Any]:
    own = Recipient(
        person.booking_id, person.nonce, person.name, person.email, person.locale, guest_id=person.guest_id
    ).links()
    if step.kind is MessageKind.WAITED:
        own.pop("join")
    return {
        "name": person.name,
        "event": event_facts(event),
        "links": {UNSUBSCRIBE: [UNSUBSCRIBE, str(person.row_id), person.nonce], **own},
        "step": step.key,
        "rests_on": step.rests_on.isoformat(),
    }
