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
    ORGANISER = "organiser"
    EVENT = "event"


class BookingSource(StrEnum):
    """How a booking came."""

    WEB = "web"
    ORGANISER = "organiser"
    IMPORT = "import"


class Segment(StrEnum):
    """A part of an event's people whom an organiser may write to."""

    BOOKED = "booked"
    WAITING = "waiting"
    ATTENDED = "attended"
    MISSED = "missed"
    SPEAKERS = "speakers"


class BookingView(StrEnum):
    """Which bookings of an event an organiser looks at; the words stand in addresses."""

    ALL = "all"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    ENDED = "ended"
    MISSED = "missed"


class Attendance(StrEnum):
    """Whether somebody came."""

    UNKNOWN = "unknown"
    ATTENDED = "attended"
    MISSED = "missed"


class AttendanceSource(StrEnum):
    """How we know whether somebody came."""

    JOIN_LINK = "join_link"
    ORGANISER = "organiser"
    REPORT = "report"


class Verdict(StrEnum):
    """What an organiser says by hand of whether somebody came; RECORDED takes back what was said before."""

    RECORDED = "recorded"
    ATTENDED = "attended"
    MISSED = "missed"
    UNKNOWN = "unknown"


class BookingQuestionKind(StrEnum):
    """How a question of the booking form is answered."""

    TEXT = "text"
    CHOICE = "choice"


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
    REMOVED = "removed by the organiser"
    FEWER_PLACES = "fewer places on a booking"
    GROUP_RELEASED = "places of a group released"
