"""Which mails are about an event: those about its bookings, their guests, its speakers, and the event itself."""

import uuid

from sqlalchemy import ColumnElement, and_, or_, select

from engage.bookings.mails import ABOUT, ABOUT_GUEST
from engage.bookings.models import Booking, Guest
from engage.events.models import Appearance
from engage.mail.models import Message

ABOUT_APPEARANCE = "appearance"
ABOUT_EVENT = "event"


def about_bookings(event_id: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition that a mail is about a booking of an event or a guest on one."""
    bookings = select(Booking.id).where(Booking.event_id == event_id)
    guests = select(Guest.id).where(Guest.booking_id.in_(bookings))
    return or_(
        and_(Message.about_type == ABOUT, Message.about_id.in_(bookings)),
        and_(Message.about_type == ABOUT_GUEST, Message.about_id.in_(guests)),
    )


def about_event(event_id: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition that a mail is about an event in any way."""
    appearances = select(Appearance.id).where(Appearance.event_id == event_id)
    return or_(
        about_bookings(event_id),
        and_(Message.about_type == ABOUT_APPEARANCE, Message.about_id.in_(appearances)),
        and_(Message.about_type == ABOUT_EVENT, Message.about_id == event_id),
    )


def about_booking(booking_id: uuid.UUID) -> ColumnElement[bool]:
    """Return the condition that a mail is about a booking or a guest on it, also one who is gone."""
    guests = select(Guest.id).where(Guest.booking_id == booking_id)
    return or_(
        and_(Message.about_type == ABOUT, Message.about_id == booking_id),
        and_(Message.about_type == ABOUT_GUEST, Message.about_id.in_(guests)),
    )
