"""Closed sets."""

from enum import StrEnum


class EventStatus(StrEnum):
    """What the organiser decided. Where a published event is in time, `Event.phase(at)` tells."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Phase(StrEnum):
    """Where an event is at a moment."""

    UPCOMING = "upcoming"
    RUNNING = "running"
    OVER = "over"


class AppearanceRole(StrEnum):
    """What somebody does in an event."""

    SPEAKER = "speaker"
    CHAIR = "chair"


class AppearanceStatus(StrEnum):
    """How far an invitation to speak has come. Whoever declined or was withdrawn is shown to organisers alone."""

    DRAFT = "draft"
    INVITED = "invited"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


# What somebody may answer when they are asked to speak; who hears of changes; who is shown to organisers alone.
ANSWERS = frozenset({AppearanceStatus.ACCEPTED, AppearanceStatus.TENTATIVE, AppearanceStatus.DECLINED})
SPEAKING = frozenset({AppearanceStatus.INVITED, AppearanceStatus.ACCEPTED, AppearanceStatus.TENTATIVE})
NOT_SPEAKING = frozenset({AppearanceStatus.DECLINED, AppearanceStatus.WITHDRAWN})


class WhoMayComment(StrEnum):
    """Who may comment after an event (rule 15)."""

    BOOKED_OR_MEMBERS = "booked_or_members"
    BOOKED = "booked"
    MEMBERS = "members"

    def admits(self, *, booked: bool, member: bool) -> bool:
        """Tell whether somebody may comment who shows that they booked, or is signed in."""
        return (booked and self is not WhoMayComment.MEMBERS) or (member and self is not WhoMayComment.BOOKED)


class AccessKind(StrEnum):
    """What an event may provide so that people can take part."""

    CAPTIONS = "captions"
    BSL = "bsl"
    EASY_READ = "easy_read"
    DIAL_IN = "dial_in"
    BREAKS = "breaks"
    OTHER = "other"
