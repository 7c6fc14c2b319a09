"""What an event provides so that people can take part: stated on its page, arranged by a day, kept or not."""

import uuid
from datetime import date, datetime

from sqlalchemy import select

from engage.audit.services import record
from engage.events.enums import AccessKind, EventStatus, Phase
from engage.events.errors import (
    DueTooLateError,
    EventCancelledError,
    ProvisionNoteError,
    ProvisionNoteLengthError,
    ProvisionNotFoundError,
    ProvisionTwiceError,
    StaleEventError,
    TooManyProvisionsError,
    UnprovidedYetError,
)
from engage.events.models import AccessProvision, Event
from engage.events.queries import lock_event
from engage.events.services.life import note_change
from engage.kernel.db import db
from engage.kernel.when import local_time

MOST_PROVISIONS = 20
LONGEST_NOTE = 300  # characters


def add_provision(
    event_id: uuid.UUID,
    kind: AccessKind,
    *,
    note: str | None,
    due_on: date | None,
    at: datetime,
    actor: uuid.UUID | None,
) -> AccessProvision:
    """State that an event provides something; `due_on` is the day by which it is to be arranged, in its own zone.

    Each kind is stated once, "other" as often as it needs words. Raises ProvisionTwiceError,
    TooManyProvisionsError, EventCancelledError, EventNotFoundError, and what `change_provision` raises of a field.
    """
    event = _lock(event_id)
    stated = db.session.scalars(select(AccessProvision.kind).where(AccessProvision.event_id == event_id)).all()
    if kind is not AccessKind.OTHER and kind in stated:
        raise ProvisionTwiceError
    if len(stated) >= MOST_PROVISIONS:
        raise TooManyProvisionsError(most=MOST_PROVISIONS)
    provision = AccessProvision(event_id=event_id, kind=kind, created_at=at)
    _assign(provision, event, note=note, due_on=due_on)
    db.session.add(provision)
    note_change(event, at=at, in_calendars=False)
    db.session.flush()
    record("organiser:event:provide", f"event:{event_id}", at=at, actor=actor, after={"kind": kind.value})
    return provision


def change_provision(
    event_id: uuid.UUID,
    provision_id: uuid.UUID,
    *,
    note: str | None,
    due_on: date | None,
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> None:
    """Say it in other words, or by another day; `version` is that of the event that was seen (R11).

    Raises ProvisionNotFoundError, ProvisionNoteError, ProvisionNoteLengthError, DueTooLateError, StaleEventError,
    EventCancelledError, EventNotFoundError.
    """
    event = _lock(event_id)
    provision = get_provision(event_id, provision_id)
    if event.version != version:
        raise StaleEventError
    _assign(provision, event, note=note, due_on=due_on)
    note_change(event, at=at, in_calendars=False)
    db.session.flush()
    record("organiser:event:change-provision", f"event:{event_id}", at=at, actor=actor, after=_kind(provision))


def remove_provision(event_id: uuid.UUID, provision_id: uuid.UUID, *, at: datetime, actor: uuid.UUID | None) -> None:
    """State something no more. Raises ProvisionNotFoundError, EventCancelledError, EventNotFoundError."""
    event = _lock(event_id)
    provision = get_provision(event_id, provision_id)
    db.session.delete(provision)
    note_change(event, at=at, in_calendars=False)
    db.session.flush()
    record("organiser:event:provide-no-more", f"event:{event_id}", at=at, actor=actor, after=_kind(provision))


def tick_arranged(provision_id: uuid.UUID, *, arranged: bool, at: datetime, actor: uuid.UUID | None) -> None:
    """Note that something is arranged, or is not after all; a second time changes nothing.

    Raises ProvisionNotFoundError.
    """
    provision = _held(provision_id)
    if (provision.arranged_at is not None) is arranged:
        return
    provision.arranged_at = at if arranged else None
    act = "organiser:event:arrange" if arranged else "organiser:event:unarrange"
    record(act, f"event:{provision.event_id}", at=at, actor=actor, after=_kind(provision))
    db.session.flush()


def tick_provided(provision_id: uuid.UUID, *, kept: bool, at: datetime, actor: uuid.UUID | None) -> None:
    """Note that something was there on the day, or was not after all; a second time changes nothing.

    Raises ProvisionNotFoundError, UnprovidedYetError.
    """
    provision = _held(provision_id)
    event = db.session.get_one(Event, provision.event_id)
    if kept and event.phase(at) is Phase.UPCOMING:
        raise UnprovidedYetError
    if (provision.kept_at is not None) is kept:
        return
    provision.kept_at = at if kept else None
    act = "organiser:event:keep-provision" if kept else "organiser:event:unkeep-provision"
    record(act, f"event:{provision.event_id}", at=at, actor=actor, after=_kind(provision))
    db.session.flush()


def get_provision(event_id: uuid.UUID, provision_id: uuid.UUID) -> AccessProvision:
    """Return something that an event provides. Raises ProvisionNotFoundError."""
    provision = db.session.get(AccessProvision, provision_id)
    if provision is None or provision.event_id != event_id:
        raise ProvisionNotFoundError
    return provision


def _assign(provision: AccessProvision, event: Event, *, note: str | None, due_on: date | None) -> None:
    note = (note or "").strip()
    if not note and provision.kind is AccessKind.OTHER:
        raise ProvisionNoteError
    if len(note) > LONGEST_NOTE:
        raise ProvisionNoteLengthError(most=LONGEST_NOTE)
    if due_on is not None and due_on > local_time(event.starts_at, event.timezone).date():
        raise DueTooLateError
    provision.note, provision.due_on = note or None, due_on


def _held(provision_id: uuid.UUID) -> AccessProvision:
    provision = db.session.get(AccessProvision, provision_id, with_for_update=True, populate_existing=True)
    if provision is None:
        raise ProvisionNotFoundError
    return provision


def _lock(event_id: uuid.UUID) -> Event:
    event = lock_event(event_id)
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError
    return event


def _kind(provision: AccessProvision) -> dict[str, str]:
    return {"kind": provision.kind.value}
