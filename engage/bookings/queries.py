"""Reading bookings."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from engage.bookings.enums import Attendance, BookingStatus
from engage.bookings.errors import BookingNotFoundError
from engage.bookings.models import Booking
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import read_row_id, sign_row, verify_row

MANAGE = "booking"
JOIN = "join"


@dataclass(frozen=True)
class Turnout:
    """How many bookings an event has, by what became of them."""

    confirmed: int
    waiting: int
    offered: int
    cancelled: int
    attended: int


def get_booking(booking_id: uuid.UUID) -> Booking:
    """Return a booking. Raises BookingNotFoundError."""
    booking = db.session.get(Booking, booking_id)
    if booking is None:
        raise BookingNotFoundError
    return booking


def get_booking_by_token(token: str, *, purpose: str, site: Site) -> Booking:
    """Return the booking that a private link opens; `purpose` is MANAGE or JOIN.

    Raises BookingNotFoundError for a forged, revoked or unknown one, all alike.
    """
    booking_id = read_row_id(token)
    booking = None if booking_id is None else db.session.get(Booking, booking_id)
    if booking is None or not verify_row(site.link_secrets, token, purpose, booking.id, booking.nonce):
        raise BookingNotFoundError
    return booking


def manage_token(booking: Booking, site: Site) -> str:
    """Return the token of a booking's private page."""
    return sign_row(site.link_secrets, MANAGE, booking.id, booking.nonce)


def join_token(booking: Booking, site: Site) -> str:
    """Return the token of an attendee's own way in."""
    return sign_row(site.link_secrets, JOIN, booking.id, booking.nonce)


def bookings_of(event_id: uuid.UUID, *, limit: int = 100_000) -> Sequence[Booking]:
    """Return an event's bookings with cancelled ones, in the order they were made."""
    return db.session.scalars(
        select(Booking).where(Booking.event_id == event_id).order_by(Booking.created_at, Booking.reference).limit(limit)
    ).all()


def confirmed_bookings(event_id: uuid.UUID) -> Sequence[Booking]:
    """Return the bookings that hold a place, in the order they were made."""
    return db.session.scalars(
        select(Booking)
        .where(Booking.event_id == event_id, Booking.status == BookingStatus.CONFIRMED)
        .order_by(Booking.created_at, Booking.reference)
    ).all()


def people_in_line(event_id: uuid.UUID) -> Sequence[Booking]:
    """Return who waits or has an offer to answer, in the order they joined."""
    in_line = Booking.status.in_((BookingStatus.WAITING, BookingStatus.OFFERED))
    return db.session.scalars(
        select(Booking).where(Booking.event_id == event_id, in_line).order_by(Booking.waiting_since, Booking.id)
    ).all()


def find_first_waiting(event_id: uuid.UUID, free: int) -> Booking | None:
    """Return who has waited longest of those for whom `free` places are enough, if anybody waits."""
    return db.session.scalars(
        select(Booking)
        .where(_waits_for(event_id), Booking.waiting_since.is_not(None), Booking.places <= free)
        .order_by(Booking.waiting_since, Booking.id)
        .limit(1)
    ).first()


def people_ahead(booking: Booking) -> int:
    """Return how many people have waited longer than somebody who waits."""
    ahead = select(func.count(Booking.id)).where(
        _waits_for(booking.event_id), Booking.waiting_since < booking.waiting_since
    )
    return db.session.scalar(ahead) or 0


def latest_moment(event_id: uuid.UUID) -> datetime | None:
    """Return the latest moment at which anybody booked a place or joined the list."""
    moments = [
        db.session.scalar(select(func.max(column)).where(Booking.event_id == event_id))
        for column in (Booking.created_at, Booking.waiting_since)
    ]
    return max((moment for moment in moments if moment is not None), default=None)


def _waits_for(event_id: uuid.UUID) -> ColumnElement[bool]:
    return and_(Booking.event_id == event_id, Booking.status == BookingStatus.WAITING)


def turnout(event_id: uuid.UUID) -> Turnout:
    """Return the counts of an event's bookings."""
    rows = db.session.execute(
        select(Booking.status, Booking.attendance, func.count(Booking.id))
        .where(Booking.event_id == event_id)
        .group_by(Booking.status, Booking.attendance)
    ).all()
    return Turnout(
        confirmed=sum(n for status, _, n in rows if status is BookingStatus.CONFIRMED),
        waiting=sum(n for status, _, n in rows if status is BookingStatus.WAITING),
        offered=sum(n for status, _, n in rows if status is BookingStatus.OFFERED),
        cancelled=sum(n for status, _, n in rows if status is BookingStatus.CANCELLED),
        attended=sum(
            n
            for status, attendance, n in rows
            if status is BookingStatus.CONFIRMED and attendance is Attendance.ATTENDED
        ),
    )
