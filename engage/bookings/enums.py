"""Closed sets."""

from enum import StrEnum


class BookingStatus(StrEnum):
    """What a booking is: a place, a wait for one, an offer of one for a limited time, or the end of these.

    Confirmed and offered bookings hold a place. A wait that came to nothing and an offer not taken expire.
    """

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


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
    WAITING = "waiting"


class Freed(StrEnum):
    """Why a place came free for the waiting list; kept with every promotion."""

    CANCELLED = "cancelled"
    DECLINED = "declined"
    OFFER_EXPIRED = "offer expired"
    CAPACITY_RAISED = "capacity raised"
