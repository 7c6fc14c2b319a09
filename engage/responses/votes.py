"""What people think of each other's words: counts for everybody, and each voter's own. The latest vote counts."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Subquery, func, select

from engage.kernel.db import db
from engage.responses.enums import Vote
from engage.responses.identities import respondents_of
from engage.responses.models import Reaction, Response


@dataclass(frozen=True)
class Tally:
    """How many people agree, disagree, pass, or want a question answered. No share of all: who votes chose to."""

    agree: int = 0
    disagree: int = 0
    passed: int = 0
    up: int = 0

    @property
    def total(self) -> int:
        """How many people voted."""
        return self.agree + self.disagree + self.passed + self.up


_FIELDS = {Vote.AGREE: "agree", Vote.DISAGREE: "disagree", Vote.PASS: "passed", Vote.UP: "up"}


def tallies(response_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Tally]:
    """Count the votes on some responses, by one query; those without any are left out."""
    if not response_ids:
        return {}
    latest = _latest(response_ids)
    rows = db.session.execute(
        select(latest.c.response_id, latest.c.value, func.count())
        .where(latest.c.turn == 1, latest.c.value != Vote.NONE)
        .group_by(latest.c.response_id, latest.c.value)
    )
    found: dict[uuid.UUID, dict[str, int]] = {}
    for response_id, value, number in rows:
        found.setdefault(response_id, {})[_FIELDS[value]] = number
    return {response_id: Tally(**counts) for response_id, counts in found.items()}


def votes_of(
    response_ids: Collection[uuid.UUID], *, person_id: uuid.UUID | None = None, booked_as: str | None = None
) -> dict[uuid.UUID, Vote]:
    """Return what a member, or somebody by the address that they booked with, thinks of some responses.

    NONE where they said nothing yet. Their own words are left out: nobody votes on those.
    """
    if not response_ids or (person_id is None and booked_as is None):
        return {}
    of_them = respondents_of(person_id=person_id, booked_as=booked_as)
    own = db.session.scalars(
        select(Response.id).where(Response.id.in_(response_ids), Response.respondent_id.in_(of_them))
    ).all()
    latest = _latest(response_ids)
    rows = db.session.execute(
        select(latest.c.response_id, latest.c.value).where(latest.c.turn == 1, latest.c.respondent_id.in_(of_them))
    )
    votes = {row.response_id: row.value for row in rows}
    return {each: votes.get(each, Vote.NONE) for each in response_ids if each not in own}


def _latest(response_ids: Collection[uuid.UUID]) -> Subquery:
    turn = func.row_number().over(
        partition_by=(Reaction.response_id, Reaction.respondent_id), order_by=(Reaction.at.desc(), Reaction.id.desc())
    )
    return (
        select(Reaction.response_id, Reaction.respondent_id, Reaction.value, turn.label("turn"))
        .where(Reaction.response_id.in_(response_ids))
        .subquery()
    )
