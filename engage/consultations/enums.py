"""Closed sets."""

from enum import StrEnum


class ConsultationStatus(StrEnum):
    """Where a consultation is in its life."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    ANALYSING = "analysing"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class ConsultationPhase(StrEnum):
    """What people find at a moment.

    `coming`: announced; `late`: closed, but for whoever has the late link; `analysing`: closed, and what was said is
    being worked through; `answered`: what we make of it is published.
    """

    DRAFT = "draft"
    COMING = "coming"
    OPEN = "open"
    LATE = "late"
    CLOSED = "closed"
    ANALYSING = "analysing"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class QuestionType(StrEnum):
    """How a question is answered: in words, by one option, by several, by a place on a scale."""

    OPEN = "open"
    SINGLE = "single"
    MULTI = "multi"
    SCALE = "scale"


class ThemeRelation(StrEnum):
    """How one mission or goal bears on another."""

    SUPPORTS = "supports"
    DEPENDS_ON = "depends_on"
    CONFLICTS = "conflicts"


class ModerationMode(StrEnum):
    """When people's words are read: before they are shown, after, or before only if a rule holds them."""

    PRE = "pre"
    POST = "post"
    HOLD = "hold"


class FrameworkKind(StrEnum):
    """What the themes of a framework are called."""

    MISSION = "mission"
    GOAL = "goal"
    PRINCIPLE = "principle"
