"""Places kept for groups. Whoever keeps, changes or releases them holds the event's row.

Nothing here knows who books or waits: `bookings.groups` passes on what comes free.
"""

import uuid
from datetime import datetime

from sqlalchemy import select

from engage.audit.services import record
from engage.events.errors import (
    GroupBelowTakenError,
    GroupNameMissingError,
    GroupNameTakenError,
    GroupPlacesError,
    GroupReleasedError,
    ReleaseTimeError,
)
from engage.events.models import Event, PlaceGroup
from engage.events.queries import get_group, groups_of, lock_event
from engage.events.services.booking_rules import lock_open_event
from engage.events.services.life import note_change
from engage.events.services.places import keep_places
from engage.kernel.db import db
from engage.kernel.jobs import defer_once
from engage.kernel.tokens import new_nonce
from engage.kernel.when import WallTime

RELEASE_GROUP = "events.release-group"


def add_group(
    event_id: uuid.UUID, *, name: str, places: int, release: WallTime, at: datetime, actor: uuid.UUID | None
) -> PlaceGroup:
    """Keep free places for a group until a moment, in the event's zone.

    Raises NotEnoughFreeError, GroupNameMissingError, GroupNameTakenError, GroupPlacesError, ReleaseTimeError,
    EventCancelledError, EventOverError, and what `kernel.when.resolve_local` raises.
    """
    event = lock_open_event(event_id, at=at)
    group = PlaceGroup(
        id=uuid.uuid4(),
        event_id=event_id,
        name=_checked_name(name, event_id),
        places=_checked_places(places),
        release_at=_checked_release(release, event, at=at),
        created_at=at,
    )
    keep_places(event_id, places)
    db.session.add(group)
    _note(group, event, "create", at=at, actor=actor, places=places)
    _promise_release(group, event, at=at)
    db.session.flush()
    return group


def change_group(
    group_id: uuid.UUID,
    *,
    event_id: uuid.UUID,
    name: str,
    places: int,
    release: WallTime,
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> int:
    """Change a group; returns how many places came free. `version` is the event's that was seen (R11).

    Raises StaleEventError, GroupNotFoundError, GroupReleasedError, GroupBelowTakenError, and what `add_group` raises.
    """
    event = lock_open_event(event_id, version=version, at=at)
    group = _hold(group_id, event_id)
    if group.released_at is not None:
        raise GroupReleasedError
    _checked_name(name, event_id, but=group_id)
    if _checked_places(places) < group.taken:
        raise GroupBelowTakenError(taken=group.taken)
    release_at = release.instant(event.timezone)
    if release_at != group.release_at:
        release_at = _checked_release(release, event, at=at)
    more = places - group.places
    if (name, more, release_at) == (group.name, 0, group.release_at):
        return 0
    if more:
        keep_places(event_id, more)
    moved = release_at != group.release_at
    group.name, group.places, group.release_at = name, places, release_at
    _note(group, event, "change", at=at, actor=actor, places=places)
    if moved:
        _promise_release(group, event, at=at)
    db.session.flush()
    return max(0, -more)


def release_group(
    group_id: uuid.UUID, *, event_id: uuid.UUID, at: datetime, actor: uuid.UUID | None, early: bool = True
) -> int:
    """Give to everybody what a group has left; returns how many places these are. A second time changes nothing.

    `early` does so before its time has come. Raises GroupNotFoundError.
    """
    event = lock_event(event_id)
    group = _hold(group_id, event_id)
    if group.released_at is not None or (group.release_at > at and not early):
        return 0
    left = group.left()
    keep_places(event_id, -left)
    group.released_at = at
    source = "organiser" if early else "system"
    record(f"{source}:place_group:release", f"place_group:{group_id}", at=at, actor=actor, after={"places": left})
    if early:
        note_change(event, at=at, in_calendars=False)
    db.session.flush()
    return left


def renew_group_link(group_id: uuid.UUID, *, event_id: uuid.UUID, at: datetime, actor: uuid.UUID | None) -> None:
    """Give a group another private link; the one before opens nothing any more (S12). Raises GroupNotFoundError."""
    lock_event(event_id)
    group = _hold(group_id, event_id)
    group.nonce = new_nonce()
    record("organiser:place_group:renew-link", f"place_group:{group_id}", at=at, actor=actor)
    db.session.flush()


def release_before_start(event: Event, *, at: datetime) -> None:
    """See to it that no group keeps its places past the start of an event that was moved. The caller holds it."""
    for group in groups_of(event.id):
        if group.released_at is None and group.release_at > event.starts_at:
            group.release_at = event.starts_at
            _promise_release(group, event, at=at)
    db.session.flush()


def _hold(group_id: uuid.UUID, event_id: uuid.UUID) -> PlaceGroup:
    """Return a group of an event that the caller holds, as it is now."""
    group = get_group(group_id, event_id=event_id)
    db.session.refresh(group)
    return group


def _checked_name(name: str, event_id: uuid.UUID, *, but: uuid.UUID | None = None) -> str:
    if not name.strip():
        raise GroupNameMissingError
    taken = select(PlaceGroup.id).where(PlaceGroup.event_id == event_id, PlaceGroup.name == name)
    if any(group_id != but for group_id in db.session.scalars(taken)):
        raise GroupNameTakenError(name=name)
    return name


def _checked_places(places: int) -> int:
    if places < 1:
        raise GroupPlacesError
    return places


def _checked_release(release: WallTime, event: Event, *, at: datetime) -> datetime:
    release_at = release.instant(event.timezone)
    if not at < release_at <= event.starts_at:
        raise ReleaseTimeError
    return release_at


def _promise_release(group: PlaceGroup, event: Event, *, at: datetime) -> None:
    """See to it that the worker releases the places; the event's version makes each change a promise of its own (R20).

    A promise whose moment is not the group's any more does nothing when its time comes.
    """
    key = f"{RELEASE_GROUP}:{group.id}:{group.release_at.isoformat()}:{event.version}"
    values = {"group": str(group.id), "event": str(event.id)}
    defer_once(RELEASE_GROUP, at=at, run_at=group.release_at, dedupe_key=key, **values)


def _note(group: PlaceGroup, event: Event, act: str, *, at: datetime, actor: uuid.UUID | None, places: int) -> None:
    note_change(event, at=at, in_calendars=False)
    after = {"places": places, "release_at": group.release_at.isoformat()}
    record(f"organiser:place_group:{act}", f"place_group:{group.id}", at=at, actor=actor, after=after)
