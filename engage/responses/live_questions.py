"""Questions to the speakers: for everybody those that are shown, for organisers all; the most wanted first."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from engage.kernel.db import db
from engage.responses.enums import ResponseKind, ResponseStatus
from engage.responses.models import Response
from engage.responses.queries import PublicResponse, shown_where
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
    return sorted(found, key=lambda each: (-each.tally.up, each.received_on, each.id))


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
