"""Places kept for a group that go to everybody: to whoever waits, in the same transaction."""

import uuid
from datetime import datetime

from engage.bookings.enums import Freed
from engage.bookings.waiting import promote
from engage.events import services as events
from engage.events.queries import get_event_by_id
from engage.kernel.settings import Site
from engage.kernel.when import WallTime


def change_group(
    group_id: uuid.UUID,
    *,
    event_id: uuid.UUID,
    name: str,
    places: int,
    release: WallTime,
    version: int,
    site: Site,
    at: datetime,
    actor: uuid.UUID | None,
) -> int:
    """Change a group and pass on what it keeps no longer; returns how many places that is.

    Raises what `events.services.change_group` raises.
    """
    freed = events.change_group(
        group_id,
        event_id=event_id,
        name=name,
        places=places,
        release=release,
        version=version,
        at=at,
        actor=actor,
    )
    _pass_on(event_id, freed, site=site, at=at)
    return freed


def release_group(
    group_id: uuid.UUID, *, event_id: uuid.UUID, site: Site, at: datetime, actor: uuid.UUID | None
) -> int:
    """Give what a group has left to everybody now; returns how many places. Raises GroupNotFoundError."""
    freed = events.release_group(group_id, event_id=event_id, at=at, actor=actor)
    _pass_on(event_id, freed, site=site, at=at)
    return freed


def release_due_group(group_id: uuid.UUID, *, event_id: uuid.UUID, site: Site, at: datetime) -> int:
    """Do so when its time has come; before that, or if it was done, nothing happens (R20)."""
    freed = events.release_group(group_id, event_id=event_id, at=at, actor=None, early=False)
    _pass_on(event_id, freed, site=site, at=at)
    return freed


def _pass_on(event_id: uuid.UUID, freed: int, *, site: Site, at: datetime) -> None:
    if freed:
        promote(get_event_by_id(event_id), because=Freed.GROUP_RELEASED, site=site, at=at)
