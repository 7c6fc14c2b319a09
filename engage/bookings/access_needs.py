"""What people need to take part: kept with their booking, answered by access leads, deleted in time.

It is about a person's body or mind, so it stands in a table of its own (docs/decisions/0006) and in no list, mail,
audit value or log. It goes when the booking ends or is handed over, and some days after the event at the latest.
"""

import uuid
from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from engage.audit.services import record
from engage.bookings.errors import (
    AccessNeedNotFoundError,
    BookingCancelledError,
    KeptTooEarlyError,
    OverError,
    PromiseMissingError,
    PromiseTooLongError,
    StaleAccessNeedError,
)
from engage.bookings.models import AccessNeed, Booking
from engage.bookings.queries import get_booking
from engage.bookings.requests import checked_needs
from engage.events.enums import AccessKind, EventStatus, Phase
from engage.events.models import Event
from engage.events.queries import get_event_by_id, lock_event
from engage.kernel.db import db, table_of
from engage.kernel.jobs import defer_once
from engage.kernel.settings import Site

DELETE_NEEDS = "bookings.delete-access-needs"
LONGEST_PROMISE = 1000  # characters
_DELETE = delete(table_of(AccessNeed))
_COLUMNS = table_of(AccessNeed).c


def kept_until(ends_at: datetime, site: Site) -> datetime:
    """Return when the needs of an event that ends at a moment are deleted."""
    return ends_at + timedelta(days=site.access_needs_kept_days)


def keep_access_needs(booking_id: uuid.UUID, words: str, *, ends_at: datetime, site: Site, at: datetime) -> None:
    """Keep what a booking's people need until some days after the event, which ends at `ends_at`."""
    delete_at = kept_until(ends_at, site)
    db.session.add(AccessNeed(booking_id=booking_id, body=words, delete_at=delete_at, created_at=at))
    db.session.flush()
    _promise_deletion(booking_id, delete_at, at=at)


def change_access_needs(booking_id: uuid.UUID, words: str | None, *, site: Site, at: datetime) -> None:
    """Say anew what a booking's people need; nothing takes it back, which is possible as long as it is there.

    A tick that a promise was kept goes, since the promise was about other words. Holds the event's row, so that
    the time of deletion follows the event. Raises AccessNeedsTooLongError, BookingNotFoundError; for new words also
    BookingCancelledError, OverError.
    """
    words = checked_needs(words)
    booking = get_booking(booking_id)
    event = lock_event(booking.event_id)
    db.session.refresh(booking, with_for_update=True)
    need = db.session.get(AccessNeed, booking_id, populate_existing=True)
    if words == (need.body if need else None):
        return
    if words is None:
        forget_access_needs(booking_id)
        record("attendee:access-need:remove", _object(booking_id), at=at)
        return
    refuse_new_needs(booking, event, at=at)
    if need is None:
        keep_access_needs(booking_id, words, ends_at=event.ends_at, site=site, at=at)
    else:
        need.body, need.changed_at, need.version = words, at, need.version + 1
        need.kept_at = need.kept_by = None
        db.session.flush()
    record("attendee:access-need:change", _object(booking_id), at=at)


def refuse_new_needs(booking: Booking, event: Event, *, at: datetime) -> None:
    """Raise BookingCancelledError or OverError if nothing can be arranged for a booking any more."""
    if not (booking.is_live() or booking.is_in_line()):
        raise BookingCancelledError
    if event.status is not EventStatus.PUBLISHED or event.phase(at) is Phase.OVER:
        raise OverError


def forget_access_needs(booking_id: uuid.UUID) -> None:
    """Delete what a booking's people need, if they said anything."""
    db.session.execute(_DELETE.where(_COLUMNS.booking_id == booking_id))


def follow_new_end(event: Event, *, site: Site, at: datetime) -> None:
    """Keep the needs of an event that moved until some days after its new end. The caller holds its row."""
    delete_at = kept_until(event.ends_at, site)
    of_event = AccessNeed.booking_id.in_(select(Booking.id).where(Booking.event_id == event.id))
    moved = db.session.execute(update(AccessNeed).where(of_event).values(delete_at=delete_at))
    if getattr(moved, "rowcount", 0):
        _promise_deletion(event.id, delete_at, at=at)


def delete_due_needs(*, at: datetime) -> int:
    """Delete the needs whose time is over; returns how many. A second time finds nothing (R20)."""
    gone = db.session.scalars(_DELETE.where(_COLUMNS.delete_at <= at).returning(_COLUMNS.booking_id)).all()
    if gone:
        events = db.session.execute(select(Booking.event_id).where(Booking.id.in_(gone))).scalars()
        for event_id, count in sorted(Counter(events).items()):
            record("system:access-need:delete", f"event:{event_id}", at=at, after={"needs": count})
    return len(gone)


def answer_need(
    booking_id: uuid.UUID,
    *,
    promised: str,
    kinds: Collection[AccessKind],
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> None:
    """Write down what we promise to somebody, and which kinds of provision it takes; empty takes a promise back.

    Raises AccessNeedNotFoundError, StaleAccessNeedError, PromiseTooLongError.
    """
    promised = promised.strip()
    if len(promised) > LONGEST_PROMISE:
        raise PromiseTooLongError(most=LONGEST_PROMISE)
    need = _held_need(booking_id, version=version)
    if promised != (need.promised or ""):
        need.kept_at = need.kept_by = None
    need.promised, need.kinds = promised or None, [kind.value for kind in AccessKind if kind in kinds]
    need.changed_at, need.version = None, need.version + 1
    record("access_lead:access-need:answer", _object(booking_id), at=at, actor=actor)
    db.session.flush()


def tick_kept(booking_id: uuid.UUID, *, kept: bool, version: int, at: datetime, actor: uuid.UUID | None) -> None:
    """Note that a promise was kept, by whom it was said and when; or that it was not, after all.

    Raises AccessNeedNotFoundError, StaleAccessNeedError, PromiseMissingError, KeptTooEarlyError.
    """
    need = _held_need(booking_id, version=version)
    if not need.promised:
        raise PromiseMissingError
    if kept and get_event_by_id(get_booking(booking_id).event_id).phase(at) is Phase.UPCOMING:
        raise KeptTooEarlyError
    need.kept_at, need.kept_by, need.version = (at, actor, need.version + 1) if kept else (None, None, need.version + 1)
    record(f"access_lead:access-need:{'keep' if kept else 'unkeep'}", _object(booking_id), at=at, actor=actor)
    db.session.flush()


def _held_need(booking_id: uuid.UUID, *, version: int) -> AccessNeed:
    """Return a need as it is now; nobody else changes it until the transaction ends."""
    need = db.session.get(AccessNeed, booking_id, with_for_update=True, populate_existing=True)
    if need is None:
        raise AccessNeedNotFoundError
    if need.version != version:
        raise StaleAccessNeedError
    return need


def _promise_deletion(owner: uuid.UUID, delete_at: datetime, *, at: datetime) -> None:
    """See to it that what is due then is deleted. `owner`, a booking or an event, keeps bookings from waiting here."""
    key = f"{DELETE_NEEDS}:{owner}:{delete_at.isoformat()}"
    defer_once(DELETE_NEEDS, at=at, run_at=delete_at, dedupe_key=key)


def _object(booking_id: uuid.UUID) -> str:
    return f"booking:{booking_id}"
