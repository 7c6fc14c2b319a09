"""Counting places: `seats_taken` changes here alone, by guarded UPDATEs (rule 12, R1)."""

import uuid
from datetime import datetime

from sqlalchemy import bindparam, select, update

from engage.events.enums import EventStatus
from engage.events.errors import BookingClosedError, EventFullError, EventNotFoundError
from engage.events.models import Event
from engage.kernel.db import db, table_of

_TABLE = table_of(Event)
_EVENT = _TABLE.c
_TAKE = (
    update(_TABLE)
    .where(
        _EVENT.id == bindparam("event"),
        _EVENT.status == EventStatus.PUBLISHED,
        _EVENT.seats_taken + 1 <= _EVENT.capacity,
        _EVENT.ends_at > bindparam("moment"),
    )
    .values(seats_taken=_EVENT.seats_taken + bindparam("places"))
    .returning(_EVENT.version)
)


def take_place(event_id: uuid.UUID, *, at: datetime, count: int = 1) -> int:
    """Take a place: the row stays locked until the transaction ends. Returns the version of the event.

    `count` 0 asks and waits exactly as 1 does and takes nothing, for whoever holds a place already (rule 16).
    Raises EventFullError or BookingClosedError; nothing is then taken.
    """
    version: int | None = db.session.scalar(_TAKE, {"event": event_id, "moment": at, "places": count})
    if version is not None:
        return version
    event = db.session.execute(select(_EVENT.status, _EVENT.ends_at).where(_EVENT.id == event_id)).one_or_none()
    if event is None:
        raise EventNotFoundError
    if event.status is not EventStatus.PUBLISHED or event.ends_at <= at:
        raise BookingClosedError
    raise EventFullError


def free_place(event_id: uuid.UUID) -> None:
    """Give one place back; the caller holds the event and passes the place on to the waiting list."""
    _set(event_id, seats_taken=_EVENT.seats_taken - 1)


def free_all_places(event_id: uuid.UUID) -> None:
    """Give every place back, when no booking of the event is live any more."""
    _set(event_id, seats_taken=0)


def _set(event_id: uuid.UUID, **values: object) -> None:
    db.session.execute(update(_TABLE).where(_EVENT.id == event_id).values(**values))
