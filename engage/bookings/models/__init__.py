"""Bookings, guests, what the form asks, what people need, certificates, letters, and what organisers are told."""

from engage.bookings.models.access_need import AccessNeed
from engage.bookings.models.booking import LIVE, MOST_PLACES, Booking, Guest
from engage.bookings.models.certificate import Certificate
from engage.bookings.models.letter import Letter
from engage.bookings.models.notice import BookingNotice
from engage.bookings.models.own_questions import BookingAnswer, BookingQuestion

__all__ = [
    "LIVE",
    "MOST_PLACES",
    "AccessNeed",
    "Booking",
    "BookingAnswer",
    "BookingNotice",
    "BookingQuestion",
    "Certificate",
    "Guest",
    "Letter",
]
