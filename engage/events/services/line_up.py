"""Who speaks at an event, and which questions it discusses."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from engage.audit.services import record
from engage.consultations.models import Question
from engage.events.enums import AppearanceRole, EventStatus
from engage.events.errors import (
    AppearanceNotFoundError,
    EventCancelledError,
    SpeakerListedError,
    SpeakerNameMissingError,
    UnknownQuestionError,
)
from engage.events.models import Appearance, Event, EventQuestion
from engage.events.queries import lock_event
from engage.events.services.life import note_change
from engage.kernel.db import db
from engage.speakers.services import ensure_speaker


def add_speaker(
    event_id: uuid.UUID,
    *,
    name: str,
    role_title: str | None,
    organisation: str | None,
    role: AppearanceRole,
    at: datetime,
    actor: uuid.UUID | None,
    is_sample: bool = False,
) -> Appearance:
    """Put somebody at the end of the line-up.

    Raises SpeakerNameMissingError, SpeakerListedError, EventCancelledError.
    """
    if not name.strip():
        raise SpeakerNameMissingError
    event = _lock(event_id)
    speaker = ensure_speaker(
        name=name,
        role_title=role_title or None,
        organisation=organisation or None,
        at=at,
        is_sample=is_sample,
    )
    held = select(Appearance.role, Appearance.speaker_id).where(Appearance.event_id == event_id)
    if (role, speaker.id) in [tuple(row) for row in db.session.execute(held)]:
        raise SpeakerListedError(name=name)
    last = db.session.scalar(select(func.max(Appearance.position)).where(Appearance.event_id == event_id))
    appearance = Appearance(
        event_id=event_id, speaker_id=speaker.id, role=role, position=0 if last is None else last + 1
    )
    db.session.add(appearance)
    note_change(event, at=at, in_calendars=True)
    record("organiser:event:add-speaker", f"event:{event_id}", at=at, actor=actor)
    db.session.flush()
    return appearance


def remove_speaker(event_id: uuid.UUID, *, appearance_id: uuid.UUID, at: datetime, actor: uuid.UUID | None) -> None:
    """Take somebody out of the line-up. Raises AppearanceNotFoundError, EventCancelledError."""
    event = _lock(event_id)
    gone = db.session.execute(
        delete(Appearance)
        .where(Appearance.id == appearance_id, Appearance.event_id == event_id)
        .returning(Appearance.id)
    ).first()
    if gone is None:
        raise AppearanceNotFoundError
    note_change(event, at=at, in_calendars=True)
    record("organiser:event:remove-speaker", f"event:{event_id}", at=at, actor=actor)
    db.session.flush()


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
