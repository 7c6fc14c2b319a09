"""Reading bookings."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

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


def turnout(event_id: uuid.UUID) -> Turnout:
    """Return the counts of an event's bookings."""
    rows = db.session.execute(
        select(Booking.status, Booking.attendance, func.count(Booking.id))
        .where(Booking.event_id == event_id)
        .group_by(Booking.status, Booking.attendance)
    ).all()
    return Turnout(
        confirmed=sum(n for status, _, n in rows if status is BookingStatus.CONFIRMED),
        cancelled=sum(n for status, _, n in rows if status is BookingStatus.CANCELLED),
        attended=sum(
            n
            for status, attendance, n in rows
            if status is BookingStatus.CONFIRMED and attendance is Attendance.ATTENDED
        ),
    )
