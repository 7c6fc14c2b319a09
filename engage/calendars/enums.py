"""Closed sets."""

from enum import StrEnum


class InviteKind(StrEnum):
    """Whose calendar an invitation is for."""

    ATTENDEE = "attendee"
    SPEAKER = "speaker"


class PartStat(StrEnum):
    """What somebody last answered (RFC 5545 3.2.12, as far as we act on it)."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"


class FeedPurpose(StrEnum):
    """What a private calendar feed holds; each has an address of its own, so that it can be stopped alone."""

    BOOKINGS = "bookings"
    TALKS = "talks"
    DESK = "desk"


class InviteState(StrEnum):
    """Whether the entry should stand in somebody's calendar."""

    LIVE = "live"
    CANCELLED = "cancelled"
