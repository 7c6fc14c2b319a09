"""Counting places: `seats_taken` and `places_kept` change here alone, by guarded UPDATEs (rule 12, R1).

Every place of an event is taken, kept for a group, or free. Whoever changes a group holds the event's row, which is
the one row that bookings of an event wait for.
"""

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, select, update

from engage.events.enums import EventStatus
from engage.events.errors import BookingClosedError, EventFullError, EventNotFoundError, NotEnoughFreeError
from engage.events.models import Event, PlaceGroup
from engage.kernel.db import db, table_of
from engage.kernel.errors import EngageError
from engage.kernel.jobs import defer_once
from engage.kernel.plain import run_plain

EVENT_FULL = "events.full"
_TABLE = table_of(Event)
_EVENT = _TABLE.c
_GROUPS = table_of(PlaceGroup)
_GROUP = _GROUPS.c
_OPEN = (
    _EVENT.id == bindparam("event"),
    _EVENT.status == EventStatus.PUBLISHED,
    _EVENT.ends_at > bindparam("moment"),
)
_AFTERWARDS = (_EVENT.version, _EVENT.capacity, _EVENT.seats_taken, _EVENT.places_kept)
_TAKE = (
    update(_TABLE)
    .where(*_OPEN, _EVENT.seats_taken + _EVENT.places_kept + bindparam("asked") <= _EVENT.capacity)
    .values(seats_taken=_EVENT.seats_taken + bindparam("places"))
    .returning(*_AFTERWARDS)
)
_TAKE_KEPT = (
    update(_TABLE)
    .where(*_OPEN, _EVENT.places_kept >= bindparam("asked"))
    .values(seats_taken=_EVENT.seats_taken + bindparam("places"), places_kept=_EVENT.places_kept - bindparam("places"))
    .returning(*_AFTERWARDS)
)


def take_places(
    event_id: uuid.UUID, places: int, *, at: datetime, group_id: uuid.UUID | None = None, only_ask: bool = False
) -> int:
    """Take places, free ones or those that a group has left: the row stays locked until the transaction ends.

    Returns the version of the event. `only_ask` asks and waits in the same way and takes nothing, for whoever
    holds a place already (rule 16). Raises EventFullError or BookingClosedError; nothing is then taken.
    """
    taking = 0 if only_ask else places
    values = {"event": event_id, "moment": at, "asked": places, "places": taking}
    found = run_plain(_TAKE if group_id is None else _TAKE_KEPT, values)
    if not found:
        raise _refusal(event_id, at=at)
    if group_id is not None and not _take_from_group(group_id, event_id, asked=places, places=taking):
        raise EventFullError
    event = found[0]
    if taking and event.seats_taken + event.places_kept == event.capacity:
        _promise_full(event_id, event.capacity, at=at)
    return int(event.version)


def _promise_full(event_id: uuid.UUID, capacity: int, *, at: datetime) -> None:
    """See to it that organisers hear that the last place went, once for each capacity."""
    key = f"{EVENT_FULL}:{event_id}:{capacity}"
    defer_once(EVENT_FULL, at=at, run_at=at, dedupe_key=key, event=str(event_id), capacity=capacity)


def free_places(event_id: uuid.UUID, places: int, *, group_id: uuid.UUID | None = None) -> None:
    """Give places back: to their group while it keeps places, else to everybody.

    The caller holds the event and passes on to the waiting list what came free.
    """
    kept = 0
    if group_id is not None:
        given_back = update(_GROUPS).where(_GROUP.id == group_id).values(taken=_GROUP.taken - places)
        # Asked in Python: SQLite 3.40 answers "IS NULL" wrongly in a RETURNING.
        group = db.session.execute(given_back.returning(_GROUP.id, _GROUP.released_at)).one()
        kept = places if group.released_at is None else 0
    _set(event_id, seats_taken=_EVENT.seats_taken - places, places_kept=_EVENT.places_kept + kept)


def free_all_places(event_id: uuid.UUID, *, at: datetime) -> None:
    """Give every place back, when no booking of the event is live any more; groups keep none either."""
    db.session.execute(update(_GROUPS).where(_GROUP.event_id == event_id).values(taken=0, released_at=at))
    _set(event_id, seats_taken=0, places_kept=0)


def keep_places(event_id: uuid.UUID, more: int) -> None:
    """Keep more free places for groups, or fewer when it is negative.

    The caller holds the event, changes the group alike, and passes on to the waiting list what came free.
    Raises NotEnoughFreeError with the number of those that are free.
    """
    kept = (
        update(_TABLE)
        .where(_EVENT.id == event_id, _EVENT.seats_taken + _EVENT.places_kept + more <= _EVENT.capacity)
        .values(places_kept=_EVENT.places_kept + more)
        .returning(_EVENT.id)
    )
    if db.session.scalar(kept) is None:
        raise NotEnoughFreeError(free=free_count(event_id))


def free_count(event_id: uuid.UUID) -> int:
    """Return how many places anybody may take, as it is in this transaction."""
    free = select(_EVENT.capacity - _EVENT.seats_taken - _EVENT.places_kept).where(_EVENT.id == event_id)
    return db.session.scalar(free) or 0


def group_has(group_id: uuid.UUID | None, event_id: uuid.UUID, places: int) -> bool:
    """Tell whether a group of this event still keeps so many places."""
    if group_id is None:
        return False
    has = select(_GROUP.id).where(*_keeps(group_id, event_id, places))
    return db.session.scalar(has) is not None


def _take_from_group(group_id: uuid.UUID, event_id: uuid.UUID, *, asked: int, places: int) -> bool:
    taken = update(_GROUPS).where(*_keeps(group_id, event_id, asked)).values(taken=_GROUP.taken + places)
    return db.session.scalar(taken.returning(_GROUP.id)) is not None


def _keeps(group_id: uuid.UUID, event_id: uuid.UUID, places: int) -> tuple[ColumnElement[bool], ...]:
    return (
        _GROUP.id == group_id,
        _GROUP.event_id == event_id,
        _GROUP.released_at.is_(None),
        _GROUP.taken + places <= _GROUP.places,
    )


def _refusal(event_id: uuid.UUID, *, at: datetime) -> EngageError:
    event = db.session.execute(select(_EVENT.status, _EVENT.ends_at).where(_EVENT.id == event_id)).one_or_none()
    if event is None:
        return EventNotFoundError()
    if event.status is not EventStatus.PUBLISHED or event.ends_at <= at:
        return BookingClosedError()
    return EventFullError()


def _set(event_id: uuid.UUID, **values: object) -> None:
    db.session.execute(update(_TABLE).where(_EVENT.id == event_id).values(**values))
