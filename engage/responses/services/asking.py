"""Questions to the speakers: asked before and during an event, and marked as answered."""

import uuid
from datetime import datetime

from sqlalchemy import select

from engage.audit.services import record
from engage.events.models import Event
from engage.events.queries import get_event_by_id
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.submission_keys import use_once
from engage.kernel.tokens import receipt_code
from engage.responses.consents import question_wordings
from engage.responses.enums import Purpose, ResponseKind
from engage.responses.errors import (
    AnsweredWhenError,
    NoQuestionError,
    QuestionsClosedError,
    ResponseNotFoundError,
)
from engage.responses.models import Response
from engage.responses.services.senders import Naming, Sender, check_naming
from engage.responses.services.sittings import Piece, Sitting, body_of, store


def takes_questions(event: Event, at: datetime) -> bool:
    """Tell whether questions go to the speakers: until the event is over, if the organiser wants them."""
    return event.takes_live_questions and event.takes_bookings(at)


def ask_speakers(
    event_id: uuid.UUID,
    *,
    body: str,
    sender: Sender,
    naming: Naming,
    may_show: bool,
    key: str,
    language: str,
    site: Site,
    at: datetime,
) -> str:
    """Store a question to the speakers and return its receipt code; the same form again stores nothing (R8).

    Others read it only if its author agrees (P14); the organiser reads every one. Raises QuestionsClosedError,
    NoQuestionError, TooLongError, and what `check_naming` raises.
    """
    code = receipt_code(site.link_secrets, key)
    if use_once(key, at=at) is not None:
        return code
    event = get_event_by_id(event_id)
    if not takes_questions(event, at):
        raise QuestionsClosedError
    words = body_of(body, field="question")
    if not words:
        raise NoQuestionError("question")
    naming, sender = check_naming(naming, sender)
    asked = question_wordings(language)
    consents: frozenset[Purpose] = frozenset(asked) if may_show else frozenset()
    sitting = Sitting(
        naming=naming,
        sender=sender,
        consents=consents,
        wordings=asked,
        key=key,
        language=language,
        is_sample=False,
        site=site,
        at=at,
    )
    store(sitting, [Piece(ResponseKind.LIVE_QUESTION, words, None, None)], about=event)
    return code


def mark_answered(
    response_id: uuid.UUID, *, event_id: uuid.UUID, seconds: int | None, at: datetime, actor: uuid.UUID
) -> None:
    """Say how many seconds into the event a question was answered; None takes the mark away.

    Raises ResponseNotFoundError for what is no question of the event, AnsweredWhenError outside of it.
    """
    question = db.session.scalar(select(Response).where(Response.id == response_id).with_for_update())
    if question is None or question.event_id != event_id or question.kind is not ResponseKind.LIVE_QUESTION:
        raise ResponseNotFoundError
    event = get_event_by_id(event_id)
    if seconds is not None and not 0 <= seconds <= (event.ends_at - event.starts_at).total_seconds():
        raise AnsweredWhenError
    if question.answered_at_s == seconds:
        return
    question.answered_at_s = seconds
    record("organiser:response:answer", f"response:{response_id}", at=at, actor=actor, after={"seconds": seconds})
    db.session.flush()
