"""What moderators look through: the one queue over the one store, and all that is known of one response."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select

from engage.accounts.models import Person
from engage.kernel.db import db
from engage.responses.enums import (
    FlagReason,
    HoldReason,
    ModerationAction,
    ReasonCode,
    ResponseKind,
    ResponseStatus,
    SpamEngine,
    SpamVerdict,
    VersionKind,
)
from engage.responses.errors import ResponseNotFoundError
from engage.responses.models import Flag, ModerationDecision, Response, SpamCheck
from engage.responses.queries import LAST_PAGE, PAGE_LENGTH
from engage.responses.records import ResponseRecord, get_records
from engage.responses.redacting import shows_redaction

MOST_COUNTED = 10_000  # a longer list is "more than"


class Pile(StrEnum):
    """What a moderator may look through. TO_READ is all that waits for a decision, FLAGGED what readers pointed at."""

    TO_READ = "to_read"
    FLAGGED = "flagged"
    HELD = "held"
    UNPUBLISHABLE = "unpublishable"
    PUBLISHED = "published"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Version:
    """What a response said at some time; the first is what was written. The day alone."""

    kind: VersionKind | None
    body: str
    made_on: date


@dataclass(frozen=True)
class Decision:
    """A decision that was made, and the name of who made it."""

    action: ModerationAction
    reason: ReasonCode | None
    note: str | None
    moderator: str
    decided_at: datetime


@dataclass(frozen=True)
class QueueItem:
    """A response with what makes it worth a look.

    `flags` are those that nobody settled. `judged` are the engines that took it for advertising, or could not be
    asked. `is_redacted`: words were taken out of what it shows.
    """

    record: ResponseRecord
    status: ResponseStatus
    held_for: HoldReason | None
    is_redacted: bool
    flags: list[tuple[FlagReason, str | None]] = field(default_factory=list)
    judged: list[tuple[SpamEngine, SpamVerdict]] = field(default_factory=list)


@dataclass(frozen=True)
class Queue:
    """Some items of a longer list; pages count from 1. Of a very long list `total` is MOST_COUNTED and `is_more`."""

    items: list[QueueItem]
    number: int
    last: int
    total: int
    is_more: bool


def moderation_queue(
    pile: Pile = Pile.TO_READ,
    *,
    event_id: uuid.UUID | None = None,
    consultation_id: uuid.UUID | None = None,
    kind: ResponseKind | None = None,
    page: int = 1,
) -> Queue:
    """Return a pile of responses, the oldest day first; within a day in no order of arrival (P4)."""
    wanted = in_pile(pile)
    for column, value in (
        (Response.event_id, event_id),
        (Response.consultation_id, consultation_id),
        (Response.kind, kind),
    ):
        if value is not None:
            wanted = and_(wanted, column == value)
    some = select(Response.id).where(wanted).limit(MOST_COUNTED + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(some)) or 0
    last = min(LAST_PAGE, max(1, -(-total // PAGE_LENGTH)))
    number = min(max(1, page), last)
    first = (number - 1) * PAGE_LENGTH
    ordered = select(Response.id).where(wanted).order_by(Response.received_on, Response.id)
    ids = db.session.scalars(ordered.offset(first).limit(PAGE_LENGTH)).all()
    return Queue(_items(ids), number, last, min(total, MOST_COUNTED), total > MOST_COUNTED)


def count_to_read() -> int:
    """Return how many responses wait for a decision, at most MOST_COUNTED."""
    some = select(Response.id).where(in_pile(Pile.TO_READ)).limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def queue_item(response_id: uuid.UUID) -> QueueItem:
    """Return one response as moderators see it. Raises ResponseNotFoundError."""
    found = _items([response_id])
    if not found:
        raise ResponseNotFoundError
    return found[0]


def versions_of(response_id: uuid.UUID) -> list[Version]:
    """Return what a response said, what was first written first; nothing of one that was taken back."""
    response = db.session.get(Response, response_id)
    if response is None or response.status is ResponseStatus.WITHDRAWN:
        return []
    first = Version(None, response.body_original, response.received_on)
    return [first, *(Version(each.kind, each.body, each.made_on) for each in response.versions)]


def decisions_on(response_id: uuid.UUID) -> list[Decision]:
    """Return what was decided on a response, the latest first."""
    rows = db.session.execute(
        select(ModerationDecision, Person.name)
        .join(Person, Person.id == ModerationDecision.moderator)
        .where(ModerationDecision.response_id == response_id)
        .order_by(ModerationDecision.decided_at.desc(), ModerationDecision.id)
    )
    return [Decision(each.action, each.reason_code, each.note, name, each.decided_at) for each, name in rows]


def in_pile(pile: Pile) -> ColumnElement[bool]:
    """Return the condition for being in a pile."""
    received = Response.status == ResponseStatus.RECEIVED
    match pile:
        case Pile.TO_READ:
            return or_(Response.status == ResponseStatus.HELD, and_(received, Response.may_publish))
        case Pile.FLAGGED:
            return select(Flag.id).where(Flag.response_id == Response.id, Flag.resolved_at.is_(None)).exists()
        case Pile.UNPUBLISHABLE:
            return and_(received, ~Response.may_publish)
        case _:
            return Response.status == ResponseStatus(pile.value)


def _items(ids: Sequence[uuid.UUID]) -> list[QueueItem]:
    records = get_records(ids)
    rows = db.session.execute(
        select(Response.id, Response.status, Response.held_for, shows_redaction()).where(Response.id.in_(ids))
    )
    more = {id_: (status, held_for, is_redacted) for id_, status, held_for, is_redacted in rows}
    flags: dict[uuid.UUID, list[tuple[FlagReason, str | None]]] = defaultdict(list)
    judged: dict[uuid.UUID, list[tuple[SpamEngine, SpamVerdict]]] = defaultdict(list)
    for flag in db.session.scalars(select(Flag).where(Flag.response_id.in_(ids), Flag.resolved_at.is_(None))):
        flags[flag.response_id].append((flag.reason, flag.note))
    checks = select(SpamCheck).where(SpamCheck.response_id.in_(ids), SpamCheck.verdict != SpamVerdict.HAM)
    for check in db.session.scalars(checks.order_by(SpamCheck.engine)):
        judged[check.response_id].append((check.engine, check.verdict))
    return [QueueItem(records[id_], *more[id_], flags[id_], judged[id_]) for id_ in ids if id_ in records]
