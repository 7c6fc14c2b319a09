"""Closed sets."""

from enum import StrEnum


class MessageKind(StrEnum):
    """The occasions on which we write; each names its folder under templates/email/."""

    INVITATION = "invitation"
    ALREADY_BOOKED = "already_booked"
    MOVED = "moved"
    UPDATED = "updated"
    BOOKING_CANCELLED = "booking_cancelled"
    EVENT_CANCELLED = "event_cancelled"
    WAITING = "waiting"
    OFFER = "offer"
    OFFER_EXPIRED = "offer_expired"
    LIST_CLOSED = "list_closed"
    GUEST_LEFT = "guest_left"
    REMINDER = "reminder"
    CAME = "came"
    MISSED = "missed"
    WAITED = "waited"
    BOOKING_DIGEST = "booking_digest"
    EVENT_FULL = "event_full"
    FIRST_WAITING = "first_waiting"
    RECEIPT = "receipt"


# What nobody needs in order to take part: stopped by one click, and dropped if it comes too late (S11, P14).
OPTIONAL = frozenset({MessageKind.REMINDER, MessageKind.CAME, MessageKind.MISSED, MessageKind.WAITED})


class MessageState(StrEnum):
    """What became of a message. The lease of one being sent is its job's."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
