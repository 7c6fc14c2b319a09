"""Reminders and follow-up stopped by one click, and switched on again (P12, S11)."""

import uuid
from datetime import datetime

from engage.audit.services import record
from engage.bookings.errors import BookingNotFoundError
from engage.bookings.mails import ABOUT, ABOUT_GUEST
from engage.bookings.models import Booking, Guest
from engage.bookings.planned_mails import UNSUBSCRIBE
from engage.bookings.queries import get_booking
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import read_row_id, sign_row, verify_row


def unsubscribe_token(reminded: Booking | Guest, site: Site) -> str:
    """Return the token of the link that stops somebody's reminders."""
    return sign_row(site.link_secrets, UNSUBSCRIBE, reminded.id, reminded.nonce)


def get_reminded(token: str, *, site: Site) -> Booking | Guest:
    """Return the booking or the guest whose reminders a link stops, whatever became of the place.

    Raises BookingNotFoundError for a forged, revoked or unknown one, all alike.
    """
    row_id = read_row_id(token)
    found = None if row_id is None else db.session.get(Booking, row_id) or db.session.get(Guest, row_id)
    if found is None or not verify_row(site.link_secrets, token, UNSUBSCRIBE, found.id, found.nonce):
        raise BookingNotFoundError
    return found


def booking_of(reminded: Booking | Guest) -> Booking:
    """Return the booking of somebody who is reminded. Raises BookingNotFoundError."""
    return reminded if isinstance(reminded, Booking) else get_booking(reminded.booking_id)


def set_reminders(reminded_id: uuid.UUID, *, on: bool, at: datetime) -> None:
    """Switch the reminders and the follow-up of a booking's holder or of a guest on or off; again changes nothing.

    Raises BookingNotFoundError.
    """
    found = db.session.get(Booking, reminded_id) or db.session.get(Guest, reminded_id)
    if found is None:
        raise BookingNotFoundError
    db.session.refresh(found, with_for_update=True)
    if found.reminders is on:
        return
    found.reminders = on
    about = ABOUT if isinstance(found, Booking) else ABOUT_GUEST
    record(f"attendee:booking:{'start' if on else 'stop'}-reminders", f"{about}:{found.id}", at=at)
    db.session.flush()
