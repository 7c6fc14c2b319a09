"""Lists of what people need to take part. Only the pages of access leads read words here; others take counts."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from engage.accounts.models import Person
from engage.bookings.enums import BookingStatus
from engage.bookings.errors import AccessNeedNotFoundError
from engage.bookings.models import AccessNeed, Booking
from engage.kernel.db import db

NEED_COLUMNS = (
    *("reference", "name", "email", "places", "status", "needs", "kinds"),
    *("promised", "kept_at", "changed_at", "deleted_at"),
)


class Need(NamedTuple):
    """What one booking's people need, and what became of it. `kept_by` is the name of who ticked it."""

    booking_id: uuid.UUID
    reference: str
    name: str
    email: str
    places: int
    status: BookingStatus
    body: str
    kinds: list[str]
    promised: str | None
    kept_at: datetime | None
    kept_by: str | None
    changed_at: datetime | None
    version: int
    delete_at: datetime


@dataclass
class NeedCounts:
    """How many bookings of an event need something; `waiting` ones have no answer, or new words since."""

    total: int = 0
    waiting: int = 0
    kept: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)


_NEEDS = (
    select(
        *(Booking.id, Booking.reference, Booking.name, Booking.email_normalised, Booking.places, Booking.status),
        *(AccessNeed.body, AccessNeed.kinds, AccessNeed.promised, AccessNeed.kept_at),
        Person.name.label("kept_by"),
        *(AccessNeed.changed_at, AccessNeed.version, AccessNeed.delete_at),
    )
    .join(AccessNeed, AccessNeed.booking_id == Booking.id)
    .outerjoin(Person, Person.id == AccessNeed.kept_by)
)


def needs_of(event_id: uuid.UUID) -> list[Need]:
    """Return what an event's people need, in the order in which they booked."""
    rows = db.session.execute(
        _NEEDS.where(Booking.event_id == event_id).order_by(Booking.created_at, Booking.reference)
    )
    return [Need._make(row) for row in rows]


def get_need(event_id: uuid.UUID, booking_id: uuid.UUID) -> Need:
    """Return what one booking's people need. Raises AccessNeedNotFoundError."""
    row = db.session.execute(_NEEDS.where(Booking.event_id == event_id, Booking.id == booking_id)).one_or_none()
    if row is None:
        raise AccessNeedNotFoundError
    return Need._make(row)


def count_needs(event_ids: Collection[uuid.UUID] | None = None) -> dict[uuid.UUID, NeedCounts]:
    """Return the counts of some events by one query, or of every event that has needs."""
    statement = select(
        *(Booking.event_id, AccessNeed.kinds, AccessNeed.promised.is_(None)),
        *(AccessNeed.changed_at.is_not(None), AccessNeed.kept_at.is_not(None)),
    ).join(AccessNeed, AccessNeed.booking_id == Booking.id)
    if event_ids is not None:
        statement = statement.where(Booking.event_id.in_(event_ids))
    found: dict[uuid.UUID, NeedCounts] = {event_id: NeedCounts() for event_id in event_ids or ()}
    for event_id, kinds, unanswered, changed, kept in db.session.execute(statement):
        counts = found.setdefault(event_id, NeedCounts())
        counts.total += 1
        counts.waiting += bool(unanswered or changed)
        counts.kept += bool(kept)
        counts.by_kind.update(kinds)
    return found


def need_rows(needs: list[Need]) -> Iterator[tuple[str | int | datetime | None, ...]]:
    """Give the head and a row for each need, for a file that an access lead takes."""
    yield NEED_COLUMNS
    for need in needs:
        yield (
            *(need.reference, need.name, need.email, need.places, need.status.value, need.body),
            *(" ".join(need.kinds), need.promised, need.kept_at, need.changed_at, need.delete_at),
        )
