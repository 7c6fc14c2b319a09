"""Makers for what an organiser does to a consultation; used inside `with unit():`."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from engage.consultations.enums import FrameworkKind
from engage.consultations.models import Consultation, Framework, Question
from engage.consultations.queries import get_any_consultation
from engage.consultations.services import (
    ConsultationDetails,
    FrameworkDetails,
    QuestionDetails,
    ThemeDetails,
    Times,
    add_framework,
    add_question,
    add_theme,
    change_question,
    draft_consultation,
    open_consultation,
)
from engage.kernel.when import WallTime

ZONE = "Europe/London"
AT = datetime(2026, 9, 1, 8, tzinfo=UTC)
DETAILS = ConsultationDetails("River plans", "Two *questions*.", "The river came in.", "rivers@example.org")
TIMES = Times(WallTime(date(2026, 9, 7), time(9)), WallTime(date(2026, 10, 5), time(17)), ZONE)
TEXT = QuestionDetails("What should change first?")
MISSIONS = FrameworkDetails(FrameworkKind.MISSION, "The missions", "The paper", "https://example.org/paper", None, 12)
TITLES = ("Work", "Transport", "Housing", "Health")


def draft(slug: str = "river-plans", *texts: str) -> Consultation:
    """Make a draft that is to be open from 7 September to 5 October 2026, with questions."""
    consultation = draft_consultation(DETAILS, TIMES, slug=slug, at=AT, actor=None)
    for text in texts or (TEXT.text,):
        ask(consultation, text)
    return consultation


def opened(slug: str = "river-plans", *texts: str, at: datetime = AT) -> Consultation:
    """Make the same, opened for everybody to see."""
    return open_consultation(draft(slug, *texts).id, at=at, actor=None)


def ask(consultation: Consultation, text: str = "And then?", *, at: datetime = AT, **changes: Any) -> Question:
    """Add a question."""
    details = replace(TEXT, text=text, **changes)
    return add_question(consultation.id, details, version=consultation.version, at=at, actor=None)


def reword(question: Question, *, at: datetime = AT, **changes: Any) -> bool:
    """Change a question."""
    details = replace(TEXT, **{"text": question.text, **changes})
    consultation = question.consultation
    return change_question(
        question.id, details, consultation_id=consultation.id, version=consultation.version, at=at, actor=None
    )


def numbers(slug: str = "river-plans") -> list[tuple[int, str]]:
    """Return the questions as (number, text) pairs."""
    return [(question.number, question.text) for question in get_any_consultation(slug).questions]


def how(consultation: Consultation) -> dict[str, Any]:
    """Return what every change needs besides."""
    return {"consultation_id": consultation.id, "version": consultation.version, "at": AT, "actor": None}


def missions(slug: str = "river-plans") -> tuple[Consultation, Framework]:
    """List four missions of a source that states twelve."""
    consultation = draft(slug)
    framework = add_framework(details=MISSIONS, **how(consultation))
    for title in TITLES:
        add_theme(framework.id, ThemeDetails(title, f"About {title}.", 2030), **how(consultation))
    return consultation, framework
