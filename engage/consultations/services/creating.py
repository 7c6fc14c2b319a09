"""A consultation made at once, with all that it asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from engage.audit.services import record
from engage.consultations.enums import ConsultationStatus, FrameworkKind
from engage.consultations.errors import AddressTakenError, NoQuestionsError
from engage.consultations.models import Consultation, Framework, Question, Theme
from engage.kernel.db import db
from engage.kernel.text import clean


@dataclass(frozen=True)
class NewQuestion:
    """A question to ask; its place in the list gives its number."""

    text: str
    help: str | None = None


@dataclass(frozen=True)
class NewFramework:
    """Missions, goals or principles to ask about. `stated_count` is what the source announces (rule 11)."""

    kind: FrameworkKind
    title: str
    themes: Sequence[str]
    source_title: str | None = None
    source_url: str | None = None
    source_published_on: date | None = None
    stated_count: int | None = None


def create_consultation(
    slug: str,
    *,
    title: str,
    intro: str,
    why_now: str,
    opens_at: datetime,
    closes_at: datetime,
    questions: Sequence[NewQuestion],
    frameworks: Sequence[NewFramework] = (),
    status: ConsultationStatus = ConsultationStatus.OPEN,
    is_sample: bool = False,
    at: datetime,
) -> Consultation:
    """Create a consultation with its numbered questions and its frameworks.

    Raises AddressTakenError and NoQuestionsError.
    """
    if not questions:
        raise NoQuestionsError
    if db.session.scalar(select(Consultation.id).where(Consultation.slug == slug)) is not None:
        raise AddressTakenError(slug=slug)
    consultation = Consultation(
        slug=slug,
        title=clean(title, limit=200),
        intro=clean(intro, multiline=True),
        why_now=clean(why_now, multiline=True),
        status=status,
        opens_at=opens_at,
        closes_at=closes_at,
        created_at=at,
        is_sample=is_sample,
        questions=[
            Question(number=number, text=clean(question.text), help=question.help and clean(question.help))
            for number, question in enumerate(questions, start=1)
        ],
        frameworks=[_framework(framework) for framework in frameworks],
    )
    db.session.add(consultation)
    db.session.flush()
    record("service:consultation:create", f"consultation:{consultation.id}", at=at, after={"slug": slug})
    return consultation


def _framework(new: NewFramework) -> Framework:
    return Framework(
        kind=new.kind,
        title=clean(new.title, limit=200),
        source_title=new.source_title,
        source_url=new.source_url,
        source_published_on=new.source_published_on,
        stated_count=new.stated_count,
        themes=[
            Theme(number=number, title=clean(title, limit=300)) for number, title in enumerate(new.themes, start=1)
        ],
    )
