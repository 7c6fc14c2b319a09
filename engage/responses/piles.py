"""The piles of the one store, as moderators look through them, and export takes them: by state, by more, by words."""

import uuid
from dataclasses import replace
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union_all

from engage.kernel.db import db
from engage.media.enums import MediaKind
from engage.media.models import MediaAsset
from engage.responses.enums import ResponseStatus
from engage.responses.models import Flag, Response, Submission
from engage.responses.records import State
from engage.responses.search.facets import Looked, Medium
from engage.responses.search.index import MOST_FOUND, find_responses
from engage.responses.search.words import Term


class Pile(StrEnum):
    """What a moderator may look through. TO_READ is all that waits for a decision, FLAGGED what readers pointed at.

    ALL is what was not taken back.
    """

    TO_READ = "to_read"
    FLAGGED = "flagged"
    HELD = "held"
    UNPUBLISHABLE = "unpublishable"
    PUBLISHED = "published"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ALL = "all"


_STATES = {
    Pile.TO_READ: frozenset({State.WAITING, State.HELD}),
    Pile.HELD: frozenset({State.HELD}),
    Pile.UNPUBLISHABLE: frozenset({State.UNPUBLISHABLE}),
    Pile.PUBLISHED: frozenset({State.PUBLISHED}),
    Pile.REFUSED: frozenset({State.REFUSED}),
}
OLDEST_FIRST = frozenset({Pile.TO_READ, Pile.HELD, Pile.FLAGGED})  # what somebody waits for


def in_pile(pile: Pile) -> ColumnElement[bool]:
    """Return the condition for being in a pile."""
    return or_(*_parts(pile))


def find_in_pile(
    pile: Pile, looked: Looked, terms: tuple[Term, ...] = (), *, most: int = MOST_FOUND
) -> list[uuid.UUID]:
    """Return what is in a pile and has all that is looked for, at most `most`.

    What waits for somebody comes by day, the oldest first, and everything else, as all that is found by words, the
    newest first; within a day in no order of arrival (P4). What was taken back has no words to be found by.
    """
    if terms and pile is Pile.WITHDRAWN:
        return []
    if terms or (pile is not Pile.WITHDRAWN and _needs_index(looked)):
        oldest_first = not terms and pile in OLDEST_FIRST
        looked = replace(looked, states=_STATES.get(pile, frozenset()), is_flagged=pile is Pile.FLAGGED)
        return find_responses(terms, looked, most=most, oldest_first=oldest_first)
    wanted = conditions(looked)
    # One list for each state, in the order of its index, and the first of them all: a list of every state would have to
    # be sorted whole.
    parts = [select(Response.id, Response.received_on).where(part, *wanted) for part in _parts(pile)]
    if len(parts) == 1:
        return _ids(_ordered(parts[0], pile).limit(most))
    some = union_all(*(_ordered(part, pile).limit(most).subquery().select() for part in parts)).subquery()
    return _ids(_ordered(select(some.c.id, some.c.received_on), pile).limit(most))


def _ids(statement: Select[uuid.UUID, date]) -> list[uuid.UUID]:
    return [row.id for row in db.session.execute(statement)]


def _ordered(statement: Select[uuid.UUID, date], pile: Pile) -> Select[uuid.UUID, date]:
    """Order what has an id and a day; both the same way, as their index can be read."""
    columns = (statement.selected_columns.received_on, statement.selected_columns.id)
    return statement.order_by(*(columns if pile in OLDEST_FIRST else (column.desc() for column in columns)))


def _needs_index(looked: Looked) -> bool:
    """Tell whether the list is narrowed by more than days: only the index then has it in order, for every narrowing."""
    return looked.facets() != [] or looked.questions is not None


def count_to_read() -> int:
    """Return how many responses wait for a decision, at most MOST_FOUND."""
    parts = union_all(
        *(select(Response.id).where(part).limit(MOST_FOUND).subquery().select() for part in _parts(Pile.TO_READ))
    )
    number = db.session.scalar(select(func.count()).select_from(parts.subquery())) or 0
    return min(number, MOST_FOUND)


def conditions(looked: Looked) -> list[ColumnElement[bool]]:
    """Return the conditions for having all that is looked for but words, state and flags."""
    found: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (Response.event_id, looked.event_id),
            (Response.consultation_id, looked.consultation_id),
            (Response.kind, looked.kind),
            (Response.language, looked.language),
        )
        if value is not None
    ]
    if looked.questions is not None:
        found.append(Response.question_id.in_(looked.questions))
    if looked.since is not None:
        found.append(Response.received_on >= looked.since)
    if looked.until is not None:
        found.append(Response.received_on <= looked.until)
    if looked.channel is not None:
        found.append(exists().where(Submission.id == Response.submission_id, Submission.channel == looked.channel))
    if looked.medium is Medium.TEXT:
        found.append(Response.media_id.is_(None))
    elif looked.medium is not None:
        kind = MediaKind(looked.medium.value)
        found.append(exists().where(MediaAsset.id == Response.media_id, MediaAsset.kind == kind))
    return found


def _parts(pile: Pile) -> list[ColumnElement[bool]]:
    """Return the conditions of which one holds for whatever is in a pile."""
    received = Response.status == ResponseStatus.RECEIVED
    match pile:
        case Pile.TO_READ:
            return [*_of(ResponseStatus.HELD), and_(received, Response.may_publish)]
        case Pile.FLAGGED:
            return [Response.id.in_(select(Flag.response_id).where(Flag.resolved_at.is_(None)))]
        case Pile.UNPUBLISHABLE:
            return [and_(received, ~Response.may_publish)]
        case Pile.ALL:
            return [part for status in ResponseStatus if status is not ResponseStatus.WITHDRAWN for part in _of(status)]
        case _:
            return _of(ResponseStatus(pile.value))


def _of(status: ResponseStatus) -> list[ColumnElement[bool]]:
    """Return a state as the two parts in which the index of the queue has it in order."""
    return [and_(Response.status == status, may) for may in (Response.may_publish, ~Response.may_publish)]
