"""What an organiser gives for an event, checked: times, capacity, addresses."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engage.events.details import EventDetails
from engage.events.errors import (
    CapacityRangeError,
    EndsBeforeStartError,
    JoinUrlError,
    SlugShapeError,
    SlugTakenError,
    TitleMissingError,
)
from engage.events.models import Event
from engage.kernel.db import db
from engage.kernel.slugs import is_slug, slug_of
from engage.kernel.text import clean_url
from engage.kernel.when import resolve_local

LARGEST_CAPACITY = 100_000


@dataclass(frozen=True)
class Times:
    """When an event is: two instants, the zone, and the wall time of the start as it was meant (R19)."""

    starts_at: datetime
    ends_at: datetime
    timezone: str
    local_start: str


def resolve_times(details: EventDetails) -> Times:
    """Return the instants of wall times on one day.

    Raises EndsBeforeStartError, and what `kernel.when.resolve_local` raises: GapTimeError,
    AmbiguousTimeError, UnknownZoneError, YearOutOfRangeError.
    """
    zone = details.timezone
    starts_at = resolve_local(details.day, details.start, zone, details.fold)
    ends_at = resolve_local(details.day, details.end, zone, details.fold)
    if ends_at <= starts_at:
        raise EndsBeforeStartError
    return Times(starts_at, ends_at, zone, f"{datetime.combine(details.day, details.start):%Y-%m-%dT%H:%M}")


def check_title(title: str) -> str:
    """Return the title. Raises TitleMissingError if it says nothing."""
    if not title.strip():
        raise TitleMissingError
    return title


def check_capacity(capacity: int) -> int:
    """Return the capacity. Raises CapacityRangeError."""
    if not 1 <= capacity <= LARGEST_CAPACITY:
        raise CapacityRangeError(lowest=1, highest=LARGEST_CAPACITY)
    return capacity


def check_join_url(join_url: str) -> str:
    """Return the join address in plain ASCII; none yet is all right in a draft. Raises JoinUrlError."""
    if not join_url.strip():
        return ""
    address = clean_url(join_url)
    if address is None or len(address) > 500:
        raise JoinUrlError
    return address


def choose_slug(title: str, wanted: str | None) -> str:
    """Return a free slug: the wanted one, or one made of the title, with a number if need be.

    Raises SlugTakenError and SlugShapeError for a wanted one.
    """
    if wanted:
        if not is_slug(wanted):
            raise SlugShapeError
        if not _is_free(wanted):
            raise SlugTakenError(slug=wanted)
        return wanted
    stem = slug_of(title, "event")
    for number in range(1, 50):
        slug = stem if number == 1 else f"{stem}-{number}"
        if _is_free(slug):
            return slug
    return f"{stem}-{secrets.token_hex(4)}"


def _is_free(slug: str) -> bool:
    return db.session.scalar(select(Event.id).where(Event.slug == slug)) is None
