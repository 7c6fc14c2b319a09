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


class AccessKind(StrEnum):
    """What an event may provide so that people can take part."""

    CAPTIONS = "captions"
    BSL = "bsl"
    EASY_READ = "easy_read"
    DIAL_IN = "dial_in"
    BREAKS = "breaks"
    OTHER = "other"
