"""Closed sets."""

from enum import StrEnum


class BookingStatus(StrEnum):
    """Whether a booking holds a place."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class CancelledBy(StrEnum):
    """Who gave the place back."""

    ATTENDEE = "attendee"
    EVENT = "event"


class Attendance(StrEnum):
    """Whether somebody came."""

    UNKNOWN = "unknown"
    ATTENDED = "attended"
    MISSED = "missed"


class BookingOutcome(StrEnum):
    """What the event decided; the words go into the address of the page that follows."""

    PLACE = "place"
