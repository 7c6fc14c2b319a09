"""What moderators look through: the one queue over the one store, and all that is known of one response."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from engage.accounts.models import Person
from engage.kernel.db import db
from engage.responses.enums import (
    FlagReason,
    HoldReason,
    ModerationAction,
    ReasonCode,
    ResponseStatus,
    SpamEngine,
    SpamVerdict,
    VersionKind,
)
from engage.responses.errors import ResponseNotFoundError
from engage.responses.models import Flag, ModerationDecision, Response, SpamCheck
from engage.responses.piles import Pile, find_in_pile
from engage.responses.queries import PAGE_LENGTH
from engage.responses.records import ResponseRecord, get_records
from engage.responses.redacting import shows_redaction
from engage.responses.search.facets import Looked
from engage.responses.search.index import MOST_FOUND
from engage.responses.search.words import Term

EVERYTHING = Looked()


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
    """Some items of a longer list; pages count from 1. Of a very long list `total` is MOST_FOUND and `is_more`."""

    items: list[QueueItem]
    number: int
    last: int
    total: int
    is_more: bool


NO_QUEUE = Queue([], 1, 1, 0, False)


def moderation_queue(
    pile: Pile = Pile.TO_READ, looked: Looked = EVERYTHING, *, terms: tuple[Term, ...] = (), page: int = 1
) -> Queue:
    """Return what is in a pile and has all that is looked for; `find_in_pile` tells the order."""
    found = find_in_pile(pile, looked, terms, most=MOST_FOUND + 1)
    total = min(len(found), MOST_FOUND)
    last = max(1, -(-total // PAGE_LENGTH))
    number = min(max(1, page), last)
    first = (number - 1) * PAGE_LENGTH
    return Queue(_items(found[first : min(first + PAGE_LENGTH, total)]), number, last, total, len(found) > total)


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
