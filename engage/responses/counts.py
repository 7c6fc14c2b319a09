"""Numbers with their units (rule 2): responses, respondents, and what was left out.

Public pages pass `before=`, the day that they are read: of what nobody decided on, they count only what came before
it. A number that rose with each arrival would tell the minute of an anonymous one (P4).
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import aliased, outerjoin

from engage.kernel.db import db
from engage.responses.enums import Purpose, ResponseKind, ResponseStatus
from engage.responses.models import Consent, Response

ANSWERS = (ResponseKind.ANSWER, ResponseKind.CHOICE)
COMMENTS = (ResponseKind.COMMENT, ResponseKind.REPLY)


@dataclass(frozen=True)
class ResponseCounts:
    """What was said on one matter.

    `answers` (choices among them), `comments` (replies among them) and `live_questions` to the speakers are published
    responses; replies by the organisation itself are none. `respondents` are people and organisations behind them;
    each anonymous sitting counts as one. `waiting`, `unpublishable` (no consent to publish), `held` and `refused`
    were received and are not shown. `withdrawn` are not counted anywhere else.
    """

    answers: int = 0
    comments: int = 0
    live_questions: int = 0
    respondents: int = 0
    waiting: int = 0
    unpublishable: int = 0
    held: int = 0
    refused: int = 0
    withdrawn: int = 0

    @property
    def responses(self) -> int:
        """Published responses of every kind."""
        return self.answers + self.comments + self.live_questions

    @property
    def not_shown(self) -> int:
        """Responses that were received and are not shown: waiting, without consent, held, or refused."""
        return self.waiting + self.unpublishable + self.held + self.refused


def is_shown() -> ColumnElement[bool]:
    """Return the one condition for being public: published, with a consent that stands (I12)."""
    return and_(Response.status == ResponseStatus.PUBLISHED, may_publish())


def may_publish() -> ColumnElement[bool]:
    """Return the condition that the author agreed to publication and still does."""
    return (
        select(Consent.id)
        .where(
            Consent.response_id == Response.id,
            Consent.purpose == Purpose.PUBLISH_SITE,
            Consent.granted,
            Consent.withdrawn_at.is_(None),
        )
        .exists()
    )


_AGREED = aliased(Consent)
# As `is_shown` says it, for many rows: the consent to publish, of which one at most stands, is looked up once each.
_WITH_CONSENT = outerjoin(
    Response,
    _AGREED,
    and_(
        _AGREED.response_id == Response.id,
        _AGREED.purpose == Purpose.PUBLISH_SITE,
        _AGREED.granted,
        _AGREED.withdrawn_at.is_(None),
    ),
)


@cache  # made once: these conditions take longer to write than to answer
def _columns(dated: bool) -> list[ColumnElement[int]]:
    """Return the columns of ResponseCounts; dated ones take a parameter `before`."""
    received, held = Response.status == ResponseStatus.RECEIVED, Response.status == ResponseStatus.HELD
    if dated:
        received = and_(received, Response.received_on < bindparam("before"))
        held = and_(held, Response.received_on < bindparam("before"))
    is_public = and_(Response.status == ResponseStatus.PUBLISHED, _AGREED.id.is_not(None))
    shown = and_(is_public, ~Response.by_organisation)
    return [
        _number(and_(shown, Response.kind.in_(ANSWERS))),
        _number(and_(shown, Response.kind.in_(COMMENTS))),
        _number(and_(shown, Response.kind == ResponseKind.LIVE_QUESTION)),
        func.count(func.distinct(case((shown, func.coalesce(Response.respondent_id, Response.submission_id))))),
        _number(and_(received, Response.may_publish)),
        _number(and_(received, ~Response.may_publish)),
        _number(held),
        _number(Response.status == ResponseStatus.REFUSED),
        _number(Response.status == ResponseStatus.WITHDRAWN),
    ]


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


@cache
def _of_questions(dated: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(Response.question_id, *_columns(dated))
        .select_from(_WITH_CONSENT)
        .where(Response.question_id.in_(bindparam("questions", expanding=True)))
        .group_by(Response.question_id)
    )


@cache
def _of_event_page() -> CompoundSelect[*tuple[Any, ...]]:
    """Return the counts of some questions, and those of an event in a row whose id is NULL."""
    columns = _columns(dated=True)
    of_event = select(cast(null(), Response.question_id.type), *columns).select_from(_WITH_CONSENT)
    return union_all(_of_questions(dated=True), of_event.where(Response.event_id == bindparam("event")))


def _given(before: date | None) -> dict[str, Any]:
    return {} if before is None else {"before": before}


def _one(condition: ColumnElement[bool], before: date | None) -> ResponseCounts:
    statement: Select[*tuple[Any, ...]] = select(*_columns(before is not None)).select_from(_WITH_CONSENT)
    return ResponseCounts(*db.session.execute(statement.where(condition), _given(before)).one())


def count_for_consultation(consultation_id: uuid.UUID, *, before: date | None = None) -> ResponseCounts:
    """Count answers, and the comments on its questions after events."""
    return _one(Response.consultation_id == consultation_id, before)


def count_for_question(question_id: uuid.UUID, *, before: date | None = None) -> ResponseCounts:
    """Count answers to a question, and the comments on it after events."""
    return _one(Response.question_id == question_id, before)


def count_for_event(event_id: uuid.UUID, *, before: date | None = None) -> ResponseCounts:
    """Count the comments on an event, those on its questions with them."""
    return _one(Response.event_id == event_id, before)


def counts_by_question(consultation_id: uuid.UUID, *, before: date | None = None) -> dict[uuid.UUID, ResponseCounts]:
    """Count for each question of a consultation that has any response."""
    rows = db.session.execute(
        select(Response.question_id, *_columns(before is not None))
        .select_from(_WITH_CONSENT)
        .where(Response.consultation_id == consultation_id, Response.question_id.is_not(None))
        .group_by(Response.question_id),
        _given(before),
    )
    return {row[0]: ResponseCounts(*tuple(row)[1:]) for row in rows if row[0]}


def counts_for_event_page(
    event_id: uuid.UUID, question_ids: Collection[uuid.UUID], *, before: date
) -> tuple[dict[uuid.UUID, ResponseCounts], ResponseCounts]:
    """Count for the questions that an event discusses, wherever they were answered, and for the event, by one query."""
    given = {**_given(before), "questions": list(question_ids), "event": event_id}
    rows = {row[0]: ResponseCounts(*tuple(row)[1:]) for row in db.session.execute(_of_event_page(), given)}
    return rows, rows.pop(None)


def counts_by_consultation(*, before: date | None = None) -> dict[uuid.UUID, ResponseCounts]:
    """Count for each consultation that has any response."""
    rows = db.session.execute(
        select(Response.consultation_id, *_columns(before is not None))
        .select_from(_WITH_CONSENT)
        .where(Response.consultation_id.is_not(None))
        .group_by(Response.consultation_id),
        _given(before),
    )
    return {row[0]: ResponseCounts(*tuple(row)[1:]) for row in rows if row[0]}
