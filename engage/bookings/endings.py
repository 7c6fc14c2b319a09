"""How a booking ends. Whoever ends one does it here, so that what goes with it goes."""

from datetime import datetime

from engage.bookings.access_needs import forget_access_needs
from engage.bookings.enums import BookingStatus, CancelledBy
from engage.bookings.models import Booking
from engage.kernel.db import db


def mark_cancelled(booking: Booking, *, by: CancelledBy, at: datetime) -> None:
    """Note that a booking holds no place any more, nor waits for one. The caller frees the place."""
    booking.cancelled_by = by
    booking.cancelled_at = at
    _end(booking, BookingStatus.CANCELLED)


def mark_expired(booking: Booking) -> None:
    """Note that a wait came to nothing, or an offer was not taken. The caller frees the place."""
    _end(booking, BookingStatus.EXPIRED)


def _end(booking: Booking, status: BookingStatus) -> None:
    booking.status = status
    db.session.flush()  # first, so that needs written in this moment are there to be deleted
    forget_access_needs(booking.id)
