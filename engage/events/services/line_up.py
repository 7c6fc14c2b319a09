"""Who speaks at an event, and which questions it discusses."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, select

from engage.audit.services import record
from engage.consultations.models import Question
from engage.events.appearances import appearances_of
from engage.events.enums import AppearanceRole, AppearanceStatus, EventStatus
from engage.events.errors import (
    AppearanceNotFoundError,
    EventCancelledError,
    SpeakerAddressError,
    SpeakerListedError,
    SpeakerNameMissingError,
    SpeakerOutError,
    UnknownQuestionError,
)
from engage.events.models import Appearance, Event, EventQuestion
from engage.events.queries import lock_event
from engage.events.services.life import note_change
from engage.kernel.db import db
from engage.kernel.text import normalise_email
from engage.kernel.tokens import new_nonce
from engage.speakers.models import Speaker
from engage.speakers.services import ensure_speaker

SPEAKER_FIELDS = ("name", "role_title", "organisation", "email")


@dataclass(frozen=True)
class SpeakerChange:
    """What a change of somebody in a line-up did; `changed` names SPEAKER_FIELDS, and "role"."""

    appearance: Appearance
    changed: frozenset[str]


def add_speaker(
    event_id: uuid.UUID,
    *,
    name: str,
    role_title: str | None,
    organisation: str | None,
    role: AppearanceRole,
    at: datetime,
    actor: uuid.UUID | None,
    email: str | None = None,
    is_sample: bool = False,
) -> Appearance:
    """Put somebody at the end of the line-up; whoever was taken out comes back as if they were new.

    Nobody is written to here: that is the work of `flows.line_up`, which calls this. Raises
    SpeakerNameMissingError, SpeakerAddressError, SpeakerListedError, EventCancelledError.
    """
    event = _lock(event_id)
    speaker = _speaker(name, role_title, organisation, email, at=at, is_sample=is_sample)
    appearance = _find(event_id, speaker, role)
    if appearance is None:
        appearance = Appearance(event_id=event_id, speaker_id=speaker.id, role=role, position=_next_position(event_id))
        db.session.add(appearance)
        db.session.flush()
    elif appearance.status is AppearanceStatus.WITHDRAWN:
        _begin_anew(appearance)
        appearance.position = _next_position(event_id)
    else:
        raise SpeakerListedError(name=name)
    _note(event, "add-speaker", appearance, at=at, actor=actor)
    return appearance


def put_back_speaker(
    event_id: uuid.UUID, *, appearance_id: uuid.UUID, at: datetime, actor: uuid.UUID | None
) -> Appearance:
    """Put somebody who was taken out at the end of the line-up again; who stands in it stays where they are.

    Raises AppearanceNotFoundError, EventCancelledError.
    """
    event = _lock(event_id)
    appearance = _held(event_id, appearance_id)
    if appearance.status is AppearanceStatus.WITHDRAWN:
        _begin_anew(appearance)
        appearance.position = _next_position(event_id)
        _note(event, "add-speaker", appearance, at=at, actor=actor)
    return appearance


def change_speaker(
    event_id: uuid.UUID,
    *,
    appearance_id: uuid.UUID,
    name: str,
    role_title: str | None,
    organisation: str | None,
    role: AppearanceRole,
    email: str | None,
    at: datetime,
    actor: uuid.UUID | None,
) -> SpeakerChange:
    """Change who somebody in the line-up is; line-ups of other events stay as they are.

    With another address, what was answered at the old one counts no more, and its private link ends. Raises
    AppearanceNotFoundError (also for whoever was taken out), SpeakerNameMissingError, SpeakerAddressError,
    SpeakerListedError, SpeakerOutError, EventCancelledError.
    """
    event = _lock(event_id)
    appearance = _held(event_id, appearance_id)
    if appearance.status is AppearanceStatus.WITHDRAWN:
        raise AppearanceNotFoundError
    before = db.session.get_one(Speaker, appearance.speaker_id)
    after = _speaker(name, role_title, organisation, email, at=at, is_sample=before.is_sample)
    other = _find(event_id, after, role)
    if other is not None and other is not appearance:
        raise (SpeakerOutError if other.status is AppearanceStatus.WITHDRAWN else SpeakerListedError)(name=name)
    changed = [field for field in SPEAKER_FIELDS if getattr(before, field) != getattr(after, field)]
    if appearance.role is not role:
        changed.append("role")
    if changed:
        appearance.speaker_id, appearance.role = after.id, role
        if "email" in changed:
            _begin_anew(appearance)
        _note(event, "change-speaker", appearance, at=at, actor=actor, after={"changed": changed})
        _drop_unused(before)
    return SpeakerChange(appearance, frozenset(changed))


def move_speaker(
    event_id: uuid.UUID, *, appearance_id: uuid.UUID, by: Literal[-1, 1], at: datetime, actor: uuid.UUID | None
) -> None:
    """Let somebody change places with whoever stands before (-1) or after (1) them; at an end nothing changes.

    Raises AppearanceNotFoundError, EventCancelledError.
    """
    event = _lock(event_id)
    appearance = _held(event_id, appearance_id)
    listed = [one for one in appearances_of(event_id) if one.status is not AppearanceStatus.WITHDRAWN]
    if appearance not in listed:
        raise AppearanceNotFoundError
    place = listed.index(appearance)
    if not 0 <= place + by < len(listed):
        return
    listed[place], listed[place + by] = listed[place + by], listed[place]
    for position, one in enumerate(listed):
        one.position = position
    _note(event, "order-speakers", appearance, at=at, actor=actor)


def remove_speaker(event_id: uuid.UUID, *, appearance_id: uuid.UUID, at: datetime, actor: uuid.UUID | None) -> bool:
    """Take somebody out of the line-up; tell whether they were asked to speak, and so stay known to organisers.

    Nobody is told here: that is the work of `flows.line_up`, which calls this. Raises AppearanceNotFoundError (also
    for whoever was taken out before), EventCancelledError.
    """
    event = _lock(event_id)
    appearance = _held(event_id, appearance_id)
    if appearance.status is AppearanceStatus.WITHDRAWN:
        raise AppearanceNotFoundError
    was_asked = appearance.status is not AppearanceStatus.DRAFT
    _note(event, "remove-speaker", appearance, at=at, actor=actor)
    if was_asked:
        appearance.status = AppearanceStatus.WITHDRAWN
    else:
        speaker = db.session.get_one(Speaker, appearance.speaker_id)
        db.session.delete(appearance)
        db.session.flush()
        _drop_unused(speaker)
    db.session.flush()
    return was_asked


def set_questions(
    event_id: uuid.UUID, *, question_ids: Sequence[uuid.UUID], at: datetime, actor: uuid.UUID | None
) -> None:
    """Say which questions the event discusses, in order. Raises UnknownQuestionError, EventCancelledError."""
    wanted = list(dict.fromkeys(question_ids))
    event = _lock(event_id)
    known = set(db.session.scalars(select(Question.id).where(Question.id.in_(wanted))))
    if known != set(wanted):
        raise UnknownQuestionError
    db.session.execute(delete(EventQuestion).where(EventQuestion.event_id == event_id))
    db.session.add_all(
        EventQuestion(event_id=event_id, question_id=question_id, position=position)
        for position, question_id in enumerate(wanted)
    )
    note_change(event, at=at, in_calendars=False)
    record(
        "organiser:event:set-questions",
        f"event:{event_id}",
        at=at,
        actor=actor,
        after={"questions": len(wanted)},
    )
    db.session.flush()


def _lock(event_id: uuid.UUID) -> Event:
    event = lock_event(event_id)
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError
    return event


def _speaker(
    name: str, role_title: str | None, organisation: str | None, email: str | None, *, at: datetime, is_sample: bool
) -> Speaker:
    """Return the speaker of what was typed. Raises SpeakerNameMissingError, SpeakerAddressError."""
    if not name.strip():
        raise SpeakerNameMissingError
    try:
        address = normalise_email(email) if email else None
    except ValueError as error:
        raise SpeakerAddressError from error
    return ensure_speaker(
        name=name,
        role_title=role_title or None,
        organisation=organisation or None,
        email=address,
        at=at,
        is_sample=is_sample,
    )


def _held(event_id: uuid.UUID, appearance_id: uuid.UUID) -> Appearance:
    """Return somebody in the line-up as they are now that its event is held."""
    found = db.session.get(Appearance, appearance_id, populate_existing=True)
    if found is None or found.event_id != event_id:
        raise AppearanceNotFoundError
    return found


def _find(event_id: uuid.UUID, speaker: Speaker, role: AppearanceRole) -> Appearance | None:
    same = (Appearance.event_id == event_id, Appearance.speaker_id == speaker.id, Appearance.role == role)
    return db.session.scalar(select(Appearance).where(*same).execution_options(populate_existing=True))


def _next_position(event_id: uuid.UUID) -> int:
    last = db.session.scalar(select(func.max(Appearance.position)).where(Appearance.event_id == event_id))
    return 0 if last is None else last + 1


def _begin_anew(appearance: Appearance) -> None:
    """Let somebody be as if they were never asked; the private link that they had ends."""
    appearance.status, appearance.message, appearance.answered_at = AppearanceStatus.DRAFT, None, None
    appearance.nonce = new_nonce()


def _drop_unused(speaker: Speaker) -> None:
    """Forget a speaker who is in no line-up any more, with their address."""
    if db.session.scalar(select(Appearance.id).where(Appearance.speaker_id == speaker.id).limit(1)) is None:
        db.session.delete(speaker)
        db.session.flush()


def _note(
    event: Event,
    act: str,
    appearance: Appearance,
    *,
    at: datetime,
    actor: uuid.UUID | None,
    after: dict[str, Any] | None = None,
) -> None:
    """Count a change of the line-up, and note it of the event and of the person."""
    note_change(event, at=at, in_calendars=True)
    for about in (f"event:{event.id}", f"appearance:{appearance.id}"):
        record(f"organiser:event:{act}", about, at=at, actor=actor, after=after)
    db.session.flush()
