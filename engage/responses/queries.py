"""What anyone may read: published responses by an allow-list of fields (P6), and the privacy notice."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from engage.consultations.models import Consultation, Question
from engage.events.models import Event
from engage.kernel.db import db
from engage.responses.choices import chosen_words
from engage.responses.counts import is_shown
from engage.responses.enums import Attribution, ResponseKind, ResponseStatus
from engage.responses.models import PrivacyNotice, Response, Submission

PAGE_LENGTH = 20
LAST_PAGE = 10_000


@dataclass(frozen=True)
class EventMention:
    """The event after which a comment came."""

    slug: str
    title: str
    starts_at: datetime
    timezone: str


@dataclass(frozen=True)
class QuestionMention:
    """The question that a response is about."""

    consultation_slug: str
    number: int
    text: str


@dataclass(frozen=True)
class PublicResponse:
    """A response as anyone may see it.

    `received_on` is a day in UTC; there is no time. `is_gone` marks the place of one that its author took
    back: then there are no words and no name.
    """

    id: uuid.UUID
    kind: ResponseKind
    body: str
    attribution: Attribution
    display_name: str | None
    received_on: date
    language: str
    is_gone: bool
    is_sample: bool
    event: EventMention | None
    question: QuestionMention | None
    chosen: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What was chosen and what was written, each line a paragraph."""
        return "\n".join(filter(None, (*self.chosen, self.body)))


@dataclass(frozen=True)
class ResponsePage:
    """Some responses of a longer list; pages count from 1."""

    items: list[PublicResponse]
    number: int
    last: int
    total: int


def current_notice(language: str, *, at: datetime) -> PrivacyNotice:
    """Return the privacy notice that holds at a moment: in the language, else in the site's first one.

    The first version holds for all that came before it too, such as what is imported.
    """
    notices = db.session.scalars(
        select(PrivacyNotice).order_by(PrivacyNotice.version.desc(), PrivacyNotice.language)
    ).all()
    if not notices:
        raise LookupError("there is no privacy notice: the first migration writes version 1")
    day = at.astimezone(UTC).date()
    holding = next((n.version for n in notices if n.effective_from <= day), notices[-1].version)
    versions = [notice for notice in notices if notice.version == holding]
    return next((notice for notice in versions if notice.language == language), versions[0])


def responses_to_question(
    question_id: uuid.UUID, *, kinds: Collection[ResponseKind] | None = None, page: int = 1
) -> ResponsePage:
    """Return what was said about a question, by day, never by arrival within a day (P4)."""
    return _page(Response.question_id == question_id, kinds=kinds, page=page)


def comments_on_event(event_id: uuid.UUID, *, page: int = 1) -> ResponsePage:
    """Return the comments on an event, those on its questions with them."""
    return _page(Response.event_id == event_id, kinds=(ResponseKind.COMMENT,), page=page)


def latest_public(limit: int) -> list[PublicResponse]:
    """Return some recent published responses, without the places of withdrawn ones: for the home page."""
    return _read(_select().where(is_shown()).limit(limit))


def _page(about: ColumnElement[bool], *, kinds: Collection[ResponseKind] | None, page: int) -> ResponsePage:
    gone = and_(Response.status == ResponseStatus.WITHDRAWN, Response.leaves_gap)
    wanted = and_(about, or_(is_shown(), gone))
    if kinds is not None:
        wanted = and_(wanted, Response.kind.in_(kinds))
    total = db.session.scalar(select(func.count()).select_from(Response).where(wanted)) or 0
    last = max(1, -(-total // PAGE_LENGTH))
    number = min(max(1, page), last)
    items = _read(_select().where(wanted).offset((number - 1) * PAGE_LENGTH).limit(PAGE_LENGTH))
    return ResponsePage(items, number, last, total)


def _select() -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(Response, Submission.is_sample, Event, Question, Consultation.slug)
        .join(Submission, Submission.id == Response.submission_id)
        .outerjoin(Event, Event.id == Response.event_id)
        .outerjoin(Question, Question.id == Response.question_id)
        .outerjoin(Consultation, Consultation.id == Question.consultation_id)
        .order_by(Response.received_on.desc(), Response.id)
    )
    return statement


def _read(statement: Select[*tuple[Any, ...]]) -> list[PublicResponse]:
    found = [_public(*row) for row in db.session.execute(statement)]
    chosen = chosen_words([each.id for each in found if each.kind is ResponseKind.CHOICE and not each.is_gone])
    return [replace(each, chosen=chosen[each.id]) if each.id in chosen else each for each in found]


def _public(
    response: Response, is_sample: bool, event: Event | None, question: Question | None, slug: str | None
) -> PublicResponse:
    is_gone = response.status is ResponseStatus.WITHDRAWN
    return PublicResponse(
        id=response.id,
        kind=response.kind,
        body="" if is_gone else response.body,
        attribution=response.attribution,
        display_name=None if is_gone else response.display_name,
        received_on=response.received_on,
        language=response.language,
        is_gone=is_gone,
        is_sample=is_sample,
        event=event_mention(event),
        question=question_mention(question, slug),
    )


def event_mention(event: Event | None) -> EventMention | None:
    """Return how a list names an event."""
    return EventMention(event.slug, event.title, event.starts_at, event.timezone) if event else None


def question_mention(question: Question | None, slug: str | None) -> QuestionMention | None:
    """Return how a list names a question."""
    return QuestionMention(slug, question.number, question.text) if question and slug else None
