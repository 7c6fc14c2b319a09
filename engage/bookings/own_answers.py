"""Answers to an event's own questions: checked, kept with the booking, changed by its holder until the end."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert

from engage.audit.services import record
from engage.bookings.enums import BookingQuestionKind
from engage.bookings.errors import BookingCancelledError, OverError, OwnAnswersError
from engage.bookings.models import Booking, BookingAnswer, BookingQuestion
from engage.bookings.queries import answers_of_booking, asked_questions, get_booking
from engage.events.enums import EventStatus, Phase
from engage.events.models import Event
from engage.events.queries import get_event_by_id
from engage.kernel.db import db, table_of
from engage.kernel.text import clean

LONGEST_ANSWER = 500  # characters
_ANSWERS = table_of(BookingAnswer)
_INSERT = insert(_ANSWERS)


def checked_answers(
    event_id: uuid.UUID,
    answers: Mapping[uuid.UUID, str],
    *,
    must_answer: bool = True,
    earlier: Mapping[uuid.UUID, str] | None = None,
) -> dict[uuid.UUID, str]:
    """Return the answers to what is asked now, by question; others are left out, since they are asked no more.

    `must_answer` is False for a booking that an organiser makes; an `earlier` answer may stay, whatever is offered
    by now. Raises OwnAnswersError for one that is missing,
    too long, or not among those to choose from.
    """
    kept, earlier = {}, earlier or {}
    for question in asked_questions(event_id):
        body = clean(answers.get(question.id, ""), multiline=True)
        if body and (_fits(question, body) or body == earlier.get(question.id)):
            kept[question.id] = body
        elif body or (question.is_required and must_answer):
            raise OwnAnswersError
    return kept


def insert_answers(booking_id: uuid.UUID, answers: Mapping[uuid.UUID, str]) -> None:
    """Keep checked answers with a booking that has none."""
    if answers:
        rows = [
            {"id": uuid.uuid4(), "booking_id": booking_id, "question_id": question_id, "body": body}
            for question_id, body in answers.items()
        ]
        db.session.execute(_INSERT, rows)


def change_answers(booking_id: uuid.UUID, answers: Mapping[uuid.UUID, str], *, at: datetime) -> None:
    """Answer anew what is asked now; answers to questions that are asked no more stay.

    The audit knows how many there are, not the words. Raises OwnAnswersError, BookingNotFoundError,
    BookingCancelledError, OverError.
    """
    booking = get_booking(booking_id)
    db.session.refresh(booking, with_for_update=True)
    refuse_new_answers(booking, get_event_by_id(booking.event_id), at=at)
    asked = [question.id for question in asked_questions(booking.event_id)]
    before = {key: body for key, body in answers_of_booking(booking_id).items() if key in asked}
    kept = checked_answers(booking.event_id, answers, earlier=before)
    if before == kept:
        return
    db.session.execute(delete(_ANSWERS).where(_ANSWERS.c.booking_id == booking_id, _ANSWERS.c.question_id.in_(asked)))
    insert_answers(booking_id, kept)
    record("attendee:booking:answer", f"booking:{booking_id}", at=at, after={"answers": len(kept)})
    db.session.flush()


def refuse_new_answers(booking: Booking, event: Event, *, at: datetime) -> None:
    """Raise BookingCancelledError or OverError when the answers of a booking stay as they are."""
    if not (booking.is_live() or booking.is_in_line()) or event.status is not EventStatus.PUBLISHED:
        raise BookingCancelledError
    if event.phase(at) is Phase.OVER:
        raise OverError


def forget_answers(booking_id: uuid.UUID) -> None:
    """Delete the answers of a booking (P18)."""
    db.session.execute(delete(_ANSWERS).where(_ANSWERS.c.booking_id == booking_id))


def _fits(question: BookingQuestion, body: str) -> bool:
    if question.kind is BookingQuestionKind.CHOICE:
        return body in question.options
    return len(body) <= LONGEST_ANSWER
