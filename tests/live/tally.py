"""What the tables say about an event after a rush."""

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.enums import BookingStatus
from engage.bookings.models import Booking
from engage.calendars.models import CalendarInvite
from engage.events.models import Event
from engage.mail.models import Message


@dataclass(frozen=True)
class Tally:
    """Rows of an event: places counted, live bookings, and what belongs to bookings."""

    seats_taken: int
    confirmed: int
    invites: int
    invitations: int
    audited: int


def whole(confirmed: int) -> Tally:
    """Return the tally of so many bookings that are whole, and nothing besides."""
    return Tally(confirmed, confirmed, confirmed, confirmed, confirmed)


def count(session: Session, event_id: uuid.UUID) -> Tally:
    """Count an event's rows."""
    booked = select(Booking.id).where(Booking.event_id == event_id)
    objects = [f"booking:{booking_id}" for booking_id in session.scalars(booked)]
    numbers = (
        select(Event.seats_taken).where(Event.id == event_id),
        select(func.count()).where(Booking.event_id == event_id, Booking.status == BookingStatus.CONFIRMED),
        select(func.count()).where(CalendarInvite.event_id == event_id),
        select(func.count()).where(Message.about_id.in_(booked), Message.kind == "invitation"),
        select(func.count()).where(AuditEntry.object.in_(objects), AuditEntry.act == "visitor:booking:create"),
    )
    return Tally(*(session.scalars(statement).one() for statement in numbers))


def messages_by_address(session: Session, event_id: uuid.UUID, kind: str) -> dict[str, int]:
    """Return how many mails of a kind each address of an event was sent, or is to be."""
    rows = session.execute(
        select(Message.to_addr, func.count())
        .where(Message.kind == kind, Message.about_id.in_(select(Booking.id).where(Booking.event_id == event_id)))
        .group_by(Message.to_addr)
    )
    return dict(rows.all())
