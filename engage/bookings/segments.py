"""The people of an event whom organisers may write to, by segment: who gets a letter, and who does not, and why.

A party counts as its people: a guest with an address of their own is written to like the holder. Whoever has the same
address twice gets one letter.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Subquery, Uuid, cast, exists, func, literal, null, select, union_all

from engage.bookings.enums import Attendance, BookingStatus, Segment
from engage.bookings.mail_about import ABOUT_APPEARANCE
from engage.bookings.mails import ABOUT, ABOUT_GUEST
from engage.bookings.models import Booking, Guest
from engage.events.enums import AppearanceStatus
from engage.events.models import Appearance
from engage.kernel.db import db
from engage.mail.models import AddressFault
from engage.speakers.models import Speaker

NOT_SPEAKING = (AppearanceStatus.DECLINED, AppearanceStatus.WITHDRAWN)
_ATTENDANCE = {Segment.ATTENDED: Attendance.ATTENDED, Segment.MISSED: Attendance.MISSED}


class Reader(NamedTuple):
    """Somebody of a segment. `id` is the row of their booking, guest or appearance, and tells how far a list was read.

    `wants` says that they did not stop such mail, `is_bad` that mail to the address comes back.
    """

    id: uuid.UUID
    about_type: str
    booking_id: uuid.UUID | None
    name: str
    email: str | None
    nonce: str
    locale: str
    wants: bool
    is_bad: bool

    def gets_letters(self) -> bool:
        """Tell whether a letter can go there and is wanted."""
        return bool(self.email) and bool(self.wants) and not self.is_bad


@dataclass(frozen=True)
class Audience:
    """How many people get a letter, and how many do not because of what."""

    people: int = 0
    without_address: int = 0
    bounced: int = 0
    stopped: int = 0
    same_address: int = 0


def audience(event_id: uuid.UUID, segment: Segment) -> Audience:
    """Count the people of a segment."""
    people = _people(event_id, segment)
    rows = db.session.execute(select(people.c.email, people.c.wants, _is_bad(people)))
    reached: set[str] = set()
    counts = dict.fromkeys(("without_address", "bounced", "stopped", "same_address"), 0)
    for email, wants, is_bad in rows:
        if not email:
            counts["without_address"] += 1
        elif is_bad:
            counts["bounced"] += 1
        elif not wants:
            counts["stopped"] += 1
        elif email in reached:
            counts["same_address"] += 1
        else:
            reached.add(email)
    return Audience(len(reached), **counts)


def readers(event_id: uuid.UUID, segment: Segment, *, after: uuid.UUID | None = None, limit: int) -> list[Reader]:
    """Return people of a segment in an order that stays, from behind a cursor on."""
    people = _people(event_id, segment)
    statement = select(*people.c, _is_bad(people)).order_by(people.c.id).limit(limit)
    if after is not None:
        statement = statement.where(people.c.id > after)
    return [Reader._make(row) for row in db.session.execute(statement)]


def find_reader(event_id: uuid.UUID, segment: Segment, row_id: uuid.UUID) -> Reader | None:
    """Return somebody of a segment as they are now, or None if they belong to it no more."""
    people = _people(event_id, segment)
    row = db.session.execute(select(*people.c, _is_bad(people)).where(people.c.id == row_id)).first()
    return None if row is None else Reader._make(row)


def example_reader(event_id: uuid.UUID, segment: Segment) -> Reader | None:
    """Return somebody who would get a letter."""
    people = _people(event_id, segment)
    can = (people.c.email.is_not(None), people.c.wants, ~_is_bad(people))
    row = db.session.execute(select(*people.c, _is_bad(people)).where(*can).order_by(people.c.id).limit(1)).first()
    return None if row is None else Reader._make(row)


def _is_bad(people: Subquery) -> ColumnElement[bool]:
    return exists().where(AddressFault.address == people.c.email, AddressFault.bad_since.is_not(None))


def _people(event_id: uuid.UUID, segment: Segment) -> Subquery:
    if segment is Segment.SPEAKERS:
        return _speakers(event_id)
    states = [BookingStatus.CONFIRMED]
    if segment is Segment.WAITING:
        states = [BookingStatus.WAITING, BookingStatus.OFFERED]
    of_event = (Booking.event_id == event_id, Booking.status.in_(states))
    holders = select(
        Booking.id.label("id"),
        literal(ABOUT).label("about_type"),
        Booking.id.label("booking_id"),
        Booking.name.label("name"),
        Booking.email_normalised.label("email"),
        Booking.nonce.label("nonce"),
        Booking.locale.label("locale"),
        Booking.reminders.label("wants"),
    ).where(*of_event, *_attendance(Booking, segment))
    if segment is Segment.WAITING:  # guests hear of an event once they have a place
        return holders.subquery()
    guests = (
        select(
            Guest.id,
            literal(ABOUT_GUEST),
            Guest.booking_id,
            func.coalesce(Guest.name, ""),
            Guest.email_normalised,
            Guest.nonce,
            Booking.locale,
            Guest.reminders,
        )
        .join(Booking, Booking.id == Guest.booking_id)
        .where(*of_event, Guest.gone_at.is_(None), *_attendance(Guest, segment))
    )
    return union_all(holders, guests).subquery()


def _attendance(model: Any, segment: Segment) -> Iterator[ColumnElement[bool]]:
    if segment in _ATTENDANCE:
        yield model.attendance == _ATTENDANCE[segment]


def _speakers(event_id: uuid.UUID) -> Subquery:
    return (
        select(
            Appearance.id.label("id"),
            literal(ABOUT_APPEARANCE).label("about_type"),
            cast(null(), Uuid()).label("booking_id"),
            Speaker.name.label("name"),
            Speaker.email.label("email"),
            Appearance.nonce.label("nonce"),
            literal("en").label("locale"),
            Appearance.letters.label("wants"),
        )
        .join(Speaker, Speaker.id == Appearance.speaker_id)
        .where(Appearance.event_id == event_id, Appearance.status.not_in(NOT_SPEAKING))
        .subquery()
    )
