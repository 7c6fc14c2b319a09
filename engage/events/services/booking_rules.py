"""How people book an event: the waiting list, places shown or hidden, members first."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engage.audit.services import record
from engage.events.enums import EventStatus, Phase
from engage.events.errors import EventCancelledError, EventOverError, MembersUntilError, StaleEventError
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.events.services.life import note_change
from engage.kernel.db import db
from engage.kernel.when import WallTime


@dataclass(frozen=True)
class BookingRules:
    """What an organiser decides about booking. `members_until` is wall time in the event's zone; None: everybody."""

    waiting_list: bool
    places_shown: bool
    members_until: WallTime | None


def set_booking_rules(
    event_id: uuid.UUID, rules: BookingRules, *, version: int, at: datetime, actor: uuid.UUID | None
) -> bool:
    """Say how people book; tells whether anything changed. `version` is the one that the organiser saw (R11).

    A waiting list that is closed takes nobody any more; who waits keeps their turn. Raises StaleEventError,
    EventCancelledError, EventOverError, MembersUntilError, and what `kernel.when.resolve_local` raises.
    """
    event = lock_open_event(event_id, version=version, at=at)
    until = None if rules.members_until is None else rules.members_until.instant(event.timezone)
    if until is not None and until != event.members_only_until and not at < until <= event.starts_at:
        raise MembersUntilError
    before = _noted(event)
    members_changed = until != event.members_only_until
    event.waiting_list, event.places_shown, event.members_only_until = rules.waiting_list, rules.places_shown, until
    after = _noted(event)
    changed = {name for name in after if before[name] != after[name]}
    if not changed:
        return False
    note_change(event, at=at, in_calendars=members_changed)  # public calendars say until when members come first
    record(
        "organiser:event:set-booking-rules",
        f"event:{event_id}",
        at=at,
        actor=actor,
        before={name: before[name] for name in sorted(changed)},
        after={name: after[name] for name in sorted(changed)},
    )
    db.session.flush()
    return True


def lock_open_event(event_id: uuid.UUID, *, version: int | None = None, at: datetime) -> Event:
    """Hold an event whose booking may still be arranged: drafts too, until it is over.

    Raises StaleEventError unless `version` is the event's own, EventCancelledError, EventOverError.
    """
    event = lock_event(event_id)
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError
    if event.phase(at) is Phase.OVER:
        raise EventOverError
    if version is not None and event.version != version:
        raise StaleEventError
    return event


def _noted(event: Event) -> dict[str, Any]:
    until = event.members_only_until
    return {
        "waiting_list": event.waiting_list,
        "places_shown": event.places_shown,
        "members_only_until": None if until is None else until.isoformat(),
    }
