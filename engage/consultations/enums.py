"""Closed sets."""

from enum import StrEnum


class ConsultationStatus(StrEnum):
    """Where a consultation is in its life."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class FrameworkKind(StrEnum):
    """What the themes of a framework are called."""

    MISSION = "mission"
    GOAL = "goal"
    PRINCIPLE = "principle"
