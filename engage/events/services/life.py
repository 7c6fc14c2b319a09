"""The life of an event: made, changed, published, cancelled."""

import uuid
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from engage.audit.services import record
from engage.events.details import EventDetails
from engage.events.enums import EventStatus, Phase
from engage.events.errors import (
    CapacityBelowBookedError,
    CapacityBelowKeptError,
    EventCancelledError,
    EventOverError,
    JoinUrlMissingError,
    OverCannotMoveError,
    ReasonMissingError,
    RecordingUrlError,
    SlugTakenError,
    StaleEventError,
    StartsInThePastError,
)
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.events.services.schedule import (
    check_capacity,
    check_join_url,
    check_title,
    choose_slug,
    resolve_times,
)
from engage.kernel.db import db
from engage.kernel.text import clean_url

IN_CALENDARS = frozenset({"title", "summary", "starts_at", "ends_at", "timezone"})
TIMES = frozenset({"starts_at", "ends_at", "timezone"})


@dataclass(frozen=True)
class EventFacts:
    """What of an event people are told when it changes."""

    title: str
    summary: str
    description: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    capacity: int
    join_url: str

    @classmethod
    def of(cls, event: Event) -> "EventFacts":
        """Return the facts of an event as they are now."""
        return cls(**{field.name: getattr(event, field.name) for field in fields(cls)})


@dataclass(frozen=True)
class EventChange:
    """What a change did. `changed` names fields of EventFacts; `moved_up` counts who left the waiting list by it.

    `is_told` says that people in whose calendars it stands are told of it.
    """

    event: Event
    before: EventFacts
    after: EventFacts
    changed: frozenset[str]
    moved_up: int = 0
    is_told: bool = False

    @property
    def time_changed(self) -> bool:
        """Tell whether it takes place at another time."""
        return bool(self.changed & TIMES)

    @property
    def words_changed(self) -> bool:
        """Tell whether something else that stands in people's calendars changed."""
        return bool(self.changed & IN_CALENDARS - TIMES)


def create_event(
    details: EventDetails,
    *,
    at: datetime,
    actor: uuid.UUID | None,
    slug: str | None = None,
    is_sample: bool = False,
) -> Event:
    """Make a draft.

    Raises TitleMissingError, CapacityRangeError, JoinUrlError, SlugTakenError, SlugShapeError,
    EndsBeforeStartError, and what `kernel.when.resolve_local` raises.
    """
    times = resolve_times(details)
    event = Event(
        id=uuid.uuid4(),
        slug=choose_slug(check_title(details.title), slug),
        title=details.title,
        summary=details.summary,
        description=details.description,
        starts_at=times.starts_at,
        ends_at=times.ends_at,
        timezone=times.timezone,
        local_start=times.local_start,
        capacity=check_capacity(details.capacity),
        join_url=check_join_url(details.join_url),
        created_at=at,
        updated_at=at,
        is_sample=is_sample,
    )
    try:
        with db.session.begin_nested():
            db.session.add(event)
    except IntegrityError as error:  # somebody took the slug in this moment
        raise SlugTakenError(slug=event.slug) from error
    record("organiser:event:create", _object(event), at=at, actor=actor, after={"slug": event.slug})
    return event


def update_event(
    event_id: uuid.UUID, details: EventDetails, *, version: int, at: datetime, actor: uuid.UUID | None
) -> EventChange:
    """Change an event; `version` is the one that the organiser saw.

    People who booked are told by `flows.rescheduling.change_event`, which calls this. Raises StaleEventError,
    EventCancelledError, CapacityBelowBookedError and CapacityBelowKeptError (with the numbers),
    StartsInThePastError (a published event is not moved to the past), OverCannotMoveError, JoinUrlMissingError,
    and what `create_event` raises of a field.
    """
    given = {
        "title": check_title(details.title),
        "summary": details.summary,
        "description": details.description,
        "capacity": check_capacity(details.capacity),
        "join_url": check_join_url(details.join_url),
    }
    times = resolve_times(details)
    event = lock_event(event_id)
    _refuse_if_cancelled(event)
    if event.version != version:
        raise StaleEventError
    if details.capacity < event.seats_taken:  # the CHECK of the table refuses it too
        raise CapacityBelowBookedError(taken=event.seats_taken)
    if details.capacity < event.seats_taken + event.places_kept:
        raise CapacityBelowKeptError(taken=event.seats_taken, kept=event.places_kept)
    if event.status is EventStatus.PUBLISHED:
        if not given["join_url"]:
            raise JoinUrlMissingError
        if event.ends_at <= at and (times.starts_at, times.ends_at) != (event.starts_at, event.ends_at):
            raise OverCannotMoveError
        if times.starts_at != event.starts_at and times.starts_at <= at:
            raise StartsInThePastError
    before = EventFacts.of(event)
    _assign(event, **given, **vars(times))
    if event.members_only_until is not None:  # everybody can book before it begins
        event.members_only_until = min(event.members_only_until, event.starts_at)
    after = EventFacts.of(event)
    changed = frozenset(f.name for f in fields(EventFacts) if getattr(before, f.name) != getattr(after, f.name))
    if changed:
        note_change(event, at=at, in_calendars=bool(changed & IN_CALENDARS))
        record("organiser:event:update", _object(event), at=at, actor=actor, after={"changed": sorted(changed)})
    db.session.flush()
    return EventChange(event, before, after, changed)


def publish_event(event_id: uuid.UUID, *, at: datetime, actor: uuid.UUID | None) -> Event:
    """Let everybody see and book it. A second time changes nothing.

    Raises EventCancelledError, StartsInThePastError, JoinUrlMissingError.
    """
    event = lock_event(event_id)
    _refuse_if_cancelled(event)
    if event.status is EventStatus.PUBLISHED:
        return event
    if event.starts_at <= at:
        raise StartsInThePastError
    if not event.join_url:
        raise JoinUrlMissingError
    event.status = EventStatus.PUBLISHED
    event.published_at = at
    note_change(event, at=at, in_calendars=False)
    record("organiser:event:publish", _object(event), at=at, actor=actor)
    db.session.flush()
    return event


def set_recording(event_id: uuid.UUID, *, recording_url: str, at: datetime, actor: uuid.UUID | None) -> Event:
    """Say where the recording is; empty takes it away. Raises RecordingUrlError, EventCancelledError."""
    address = clean_url(recording_url) if recording_url.strip() else None
    if recording_url.strip() and (address is None or len(address) > 500):
        raise RecordingUrlError
    event = lock_event(event_id)
    _refuse_if_cancelled(event)
    event.recording_url = address
    note_change(event, at=at, in_calendars=False)
    record("organiser:event:record", _object(event), at=at, actor=actor)
    db.session.flush()
    return event


def mark_cancelled(event_id: uuid.UUID, *, reason: str, at: datetime, actor: uuid.UUID | None) -> bool:
    """Cancel an event; False if it was cancelled before (then nothing changes).

    Its row is held from here on, so that no booking slips in. Bookings and mails are the work of
    `flows.cancelling.cancel_event`, which calls this. Raises ReasonMissingError, EventOverError.
    """
    if not reason.strip():
        raise ReasonMissingError
    event = lock_event(event_id)
    if event.status is EventStatus.CANCELLED:
        return False
    if event.phase(at) is Phase.OVER:
        raise EventOverError
    event.status = EventStatus.CANCELLED
    event.cancel_reason = reason
    event.cancelled_at = at
    note_change(event, at=at, in_calendars=True)
    record("organiser:event:cancel", _object(event), at=at, actor=actor)
    db.session.flush()
    return True


def note_change(event: Event, *, at: datetime, in_calendars: bool) -> None:
    """Count a change of an event; one that public calendars show raises their sequence as well."""
    event.version += 1
    event.updated_at = at
    if in_calendars and event.is_public():
        event.calendar_sequence += 1


def _assign(event: Event, **values: Any) -> None:
    for name, value in values.items():
        if getattr(event, name) != value:
            setattr(event, name, value)


def _refuse_if_cancelled(event: Event) -> None:
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError


def _object(event: Event) -> str:
    return f"event:{event.id}"
