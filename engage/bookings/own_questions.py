"""What an organiser asks on an event's booking form: added, changed, moved, removed.

Nothing of it is a response to a consultation, and nothing of it enters the response store. Whoever changes the
questions holds the event, whose version rises: a booking that was decided on the questions before it is not made.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engage.audit.services import record
from engage.bookings.enums import BookingQuestionKind
from engage.bookings.errors import OptionsError, OwnQuestionTextError, OwnQuestionTwiceError, TooManyQuestionsError
from engage.bookings.models import BookingAnswer, BookingQuestion
from engage.bookings.queries import asked_questions, get_asked_question
from engage.events.models import Event
from engage.events.services import lock_open_event
from engage.events.services.life import note_change
from engage.kernel.db import db
from engage.kernel.text import clean

MOST_QUESTIONS = 10
MOST_OPTIONS = 20
LONGEST_OPTION = 100


@dataclass(frozen=True)
class QuestionDraft:
    """A question as its organiser writes it; `options` holds one answer to choose from on each line."""

    kind: BookingQuestionKind
    text: str
    options: str = ""
    is_required: bool = False

    def checked_options(self) -> list[str]:
        """Return the answers to choose from, none for a text. Raises OptionsError."""
        if self.kind is BookingQuestionKind.TEXT:
            return []
        options = [option for option in (clean(line) for line in self.options.splitlines()) if option]
        right = 2 <= len(options) <= MOST_OPTIONS and len(set(options)) == len(options)
        if not right or any(len(option) > LONGEST_OPTION for option in options):
            raise OptionsError(most=MOST_OPTIONS, longest=LONGEST_OPTION)
        return options


def add_question(
    event_id: uuid.UUID, draft: QuestionDraft, *, at: datetime, actor: uuid.UUID | None
) -> BookingQuestion:
    """Ask one more question, the last of the form.

    Raises TooManyQuestionsError, OwnQuestionTextError, OwnQuestionTwiceError, OptionsError, EventCancelledError,
    EventOverError.
    """
    text, options = _checked_text(draft), draft.checked_options()
    event = lock_open_event(event_id, at=at)
    asked = asked_questions(event_id)
    _refuse_twice(text, asked)
    if len(asked) >= MOST_QUESTIONS:
        raise TooManyQuestionsError(most=MOST_QUESTIONS)
    question = BookingQuestion(
        id=uuid.uuid4(),
        event_id=event_id,
        position=1 + max((each.position for each in asked), default=0),
        kind=draft.kind,
        text=text,
        options=options,
        is_required=draft.is_required,
    )
    db.session.add(question)
    _note(event, question, "create", at=at, actor=actor)
    return question


def change_question(
    question_id: uuid.UUID,
    draft: QuestionDraft,
    *,
    event_id: uuid.UUID,
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> None:
    """Ask it in other words or in another way; answers that were given stay as they are.

    `version` is the event's that was seen (R11). Raises StaleEventError, OwnQuestionNotFoundError, and what
    `add_question` raises.
    """
    text, options = _checked_text(draft), draft.checked_options()
    event = lock_open_event(event_id, version=version, at=at)
    question = get_asked_question(question_id, event_id=event_id)
    _refuse_twice(text, [each for each in asked_questions(event_id) if each is not question])
    question.kind, question.text, question.options = draft.kind, text, options
    question.is_required = draft.is_required
    _note(event, question, "change", at=at, actor=actor)


def move_question_up(question_id: uuid.UUID, *, event_id: uuid.UUID, at: datetime, actor: uuid.UUID | None) -> None:
    """Ask it before the one that it follows; the first one stays. Raises OwnQuestionNotFoundError."""
    event = lock_open_event(event_id, at=at)
    question = get_asked_question(question_id, event_id=event_id)
    order = list(asked_questions(event_id))
    place = order.index(question)
    if place == 0:
        return
    order[place - 1], order[place] = order[place], order[place - 1]
    for position, each in enumerate(order, start=1):
        each.position = position
    _note(event, question, "move", at=at, actor=actor)


def remove_question(question_id: uuid.UUID, *, event_id: uuid.UUID, at: datetime, actor: uuid.UUID | None) -> bool:
    """Ask it no more. Answers that were given stay in lists; tells whether there are any.

    Raises OwnQuestionNotFoundError.
    """
    event = lock_open_event(event_id, at=at)
    question = get_asked_question(question_id, event_id=event_id)
    answered = db.session.scalar(select(BookingAnswer.id).where(BookingAnswer.question_id == question_id).limit(1))
    if answered is None:
        db.session.delete(question)
    else:
        question.retired_at = at
    _note(event, question, "remove", at=at, actor=actor)
    return answered is not None


def _checked_text(draft: QuestionDraft) -> str:
    if not draft.text.strip():
        raise OwnQuestionTextError
    return draft.text


def _refuse_twice(text: str, asked: Iterable[BookingQuestion]) -> None:
    if any(each.text.casefold() == text.casefold() for each in asked):
        raise OwnQuestionTwiceError


def _note(event: Event, question: BookingQuestion, act: str, *, at: datetime, actor: uuid.UUID | None) -> None:
    note_change(event, at=at, in_calendars=False)
    after = {"kind": question.kind.value, "required": question.is_required, "position": question.position}
    record(f"organiser:booking_question:{act}", f"booking_question:{question.id}", at=at, actor=actor, after=after)
    db.session.flush()
