"""Closed sets."""

from enum import StrEnum


class EventStatus(StrEnum):
    """What the organiser decided. Whether a published event is upcoming, running or over is `Event.phase(at)`."""

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
