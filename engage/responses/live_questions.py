"""Questions to the speakers: for everybody those that are shown, for organisers all; the most wanted first."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from engage.events.models import Event
from engage.kernel.db import db
from engage.responses.counts import is_shown
from engage.responses.enums import ResponseKind, ResponseStatus
from engage.responses.models import Response, Submission
from engage.responses.queries import PublicResponse, event_mention, shown_where
from engage.responses.redacting import shows_redaction
from engage.responses.votes import Tally, tallies


@dataclass(frozen=True)
class DeskQuestion:
    """A question as organisers see it; `name` is what its author chose to show."""

    id: uuid.UUID
    body: str
    name: str | None
    status: ResponseStatus
    answered_at_s: int | None
    up: int


def public_questions(event_id: uuid.UUID) -> list[PublicResponse]:
    """Return the questions of an event that everybody may read."""
    found = shown_where(Response.event_id == event_id, Response.kind == ResponseKind.LIVE_QUESTION)
    return sorted(found, key=_most_wanted_first)


def most_wanted(event: Event, *, limit: int) -> list[PublicResponse]:
    """Return the questions that most people want answered, for the event's own page: as few columns as it shows."""
    rows = db.session.execute(
        select(
            *(Response.id, Response.kind, Response.body, Response.attribution, Response.display_name),
            *(Response.received_on, Response.language, Response.answered_at_s, Submission.is_sample),
            shows_redaction().label("is_redacted"),
        )
        .join(Submission, Submission.id == Response.submission_id)
        .where(Response.event_id == event.id, Response.kind == ResponseKind.LIVE_QUESTION, is_shown())
    ).all()
    counted = tallies([row.id for row in rows])
    shared: dict[str, Any] = {"is_gone": False, "event": event_mention(event), "question": None, "recording": None}
    found = [PublicResponse(**row._mapping, **shared, tally=counted.get(row.id, Tally())) for row in rows]
    return sorted(found, key=_most_wanted_first)[:limit]


def _most_wanted_first(question: PublicResponse) -> tuple[int, date, uuid.UUID]:
    return -question.tally.up, question.received_on, question.id


def desk_questions(event_id: uuid.UUID) -> list[DeskQuestion]:
    """Return all questions of an event that stand, those without an answer first."""
    standing = (ResponseStatus.RECEIVED, ResponseStatus.HELD, ResponseStatus.PUBLISHED)
    rows = db.session.scalars(
        select(Response).where(
            Response.event_id == event_id,
            Response.kind == ResponseKind.LIVE_QUESTION,
            Response.status.in_(standing),
        )
    ).all()
    counted = tallies([row.id for row in rows])
    found = [
        DeskQuestion(row.id, row.body, row.display_name, row.status, row.answered_at_s, counted.get(row.id, Tally()).up)
        for row in rows
    ]
    return sorted(found, key=lambda each: (each.answered_at_s is not None, each.answered_at_s or 0, -each.up, each.id))
