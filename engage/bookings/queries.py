"""Reading bookings."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from engage.bookings.enums import BookingStatus
from engage.bookings.errors import BookingNotFoundError, OwnQuestionNotFoundError
from engage.bookings.models import LIVE, AccessNeed, Booking, BookingAnswer, BookingQuestion, Guest
from engage.events.models import Event
from engage.kernel.db import db, table_of
from engage.kernel.plain import run_plain
from engage.kernel.settings import Site
from engage.kernel.tokens import read_row_id, sign_row, verify_row

MANAGE = "booking"
JOIN = "join"
_BOOKING = table_of(Booking).c
_OF_EVENT = _BOOKING.event_id == bindparam("event")
_WAITS = and_(_OF_EVENT, _BOOKING.status == BookingStatus.WAITING, _BOOKING.waiting_since.is_not(None))
_END_OF_LINE = select(
    select(func.count(_BOOKING.id)).where(_WAITS).scalar_subquery().label("waiting"),
    select(func.max(_BOOKING.created_at)).where(_OF_EVENT).scalar_subquery().label("booked"),
    select(func.max(_BOOKING.waiting_since)).where(_OF_EVENT).scalar_subquery().label("joined"),
)


@dataclass(frozen=True)
class Turnout:
    """How many bookings an event has, by what became of them."""

    confirmed: int
    waiting: int
    offered: int
    cancelled: int


def get_booking(booking_id: uuid.UUID) -> Booking:
    """Return a booking. Raises BookingNotFoundError."""
    booking = db.session.get(Booking, booking_id)
    if booking is None:
        raise BookingNotFoundError
    return booking


def get_booking_by_reference(event_id: uuid.UUID, reference: str) -> Booking:
    """Return a booking of an event by what people read out. Raises BookingNotFoundError."""
    found = db.session.scalar(select(Booking).where(Booking.event_id == event_id, Booking.reference == reference))
    if found is None:
        raise BookingNotFoundError
    return found


def find_live_booking(event_id: uuid.UUID, address: str) -> Booking | None:
    """Return the booking by which an address has a place at an event, or waits for one."""
    return db.session.scalar(
        select(Booking).where(Booking.event_id == event_id, Booking.email_normalised == address, LIVE)
    )


def get_booking_by_token(token: str, *, purpose: str, site: Site) -> Booking:
    """Return the booking that a private link opens; `purpose` is MANAGE or JOIN.

    Raises BookingNotFoundError for a forged, revoked or unknown one, all alike.
    """
    booking_id = read_row_id(token)
    booking = None if booking_id is None else db.session.get(Booking, booking_id)
    if booking is None or not verify_row(site.link_secrets, token, purpose, booking.id, booking.nonce):
        raise BookingNotFoundError
    return booking


def find_need(booking_id: uuid.UUID) -> AccessNeed | None:
    """Return what a booking's people need, if they said anything. For them, access leads and administrators alone."""
    return db.session.get(AccessNeed, booking_id)


def manage_token(booking: Booking, site: Site) -> str:
    """Return the token of a booking's private page."""
    return sign_row(site.link_secrets, MANAGE, booking.id, booking.nonce)


def join_token(booking: Booking, site: Site) -> str:
    """Return the token of an attendee's own way in."""
    return sign_row(site.link_secrets, JOIN, booking.id, booking.nonce)


def guests_of(booking_id: uuid.UUID) -> Sequence[Guest]:
    """Return the guests on a booking by their position, named or not."""
    return db.session.scalars(select(Guest).where(Guest.booking_id == booking_id).order_by(Guest.position)).all()


def confirmed_bookings(event_id: uuid.UUID) -> Sequence[Booking]:
    """Return the bookings that hold a place, in the order they were made."""
    return db.session.scalars(
        select(Booking)
        .where(Booking.event_id == event_id, Booking.status == BookingStatus.CONFIRMED)
        .order_by(Booking.created_at, Booking.reference)
    ).all()


def people_in_line(event_id: uuid.UUID) -> Sequence[Booking]:
    """Return who waits or has an offer to answer, in the order they joined."""
    in_line = Booking.status.in_((BookingStatus.WAITING, BookingStatus.OFFERED))
    return db.session.scalars(
        select(Booking).where(Booking.event_id == event_id, in_line).order_by(Booking.waiting_since, Booking.id)
    ).all()


def find_first_waiting(event_id: uuid.UUID, free: int) -> Booking | None:
    """Return who has waited longest of those for whom `free` places are enough, if anybody waits."""
    return db.session.scalars(
        select(Booking)
        .where(_waits_for(event_id), Booking.waiting_since.is_not(None), Booking.places <= free)
        .order_by(Booking.waiting_since, Booking.id)
        .limit(1)
    ).first()


def people_ahead(booking: Booking) -> int:
    """Return how many people have waited longer than somebody who waits."""
    ahead = select(func.count(Booking.id)).where(
        _waits_for(booking.event_id), Booking.waiting_since < booking.waiting_since
    )
    return db.session.scalar(ahead) or 0


class EndOfLine(NamedTuple):
    """How many wait for an event, and the latest moment at which anybody booked a place or joined the list."""

    waiting: int
    latest: datetime | None


def end_of_line(event_id: uuid.UUID) -> EndOfLine:
    """Return the end of an event's waiting list, for whoever joins it next."""
    (found,) = run_plain(_END_OF_LINE, {"event": event_id})
    moments = (found.booked, found.joined)
    return EndOfLine(found.waiting, max((moment for moment in moments if moment is not None), default=None))


def _waits_for(event_id: uuid.UUID) -> ColumnElement[bool]:
    return and_(Booking.event_id == event_id, Booking.status == BookingStatus.WAITING)


def turnout(event_id: uuid.UUID) -> Turnout:
    """Return the counts of an event's bookings."""
    rows = db.session.execute(
        select(Booking.status, func.count(Booking.id)).where(Booking.event_id == event_id).group_by(Booking.status)
    ).all()
    counts = dict(rows)
    return Turnout(
        confirmed=counts.get(BookingStatus.CONFIRMED, 0),
        waiting=counts.get(BookingStatus.WAITING, 0),
        offered=counts.get(BookingStatus.OFFERED, 0),
        cancelled=counts.get(BookingStatus.CANCELLED, 0),
    )


def asked_questions(event_id: uuid.UUID) -> Sequence[BookingQuestion]:
    """Return the questions that an event's booking form asks now, in its order."""
    return db.session.scalars(_ASKED.where(BookingQuestion.event_id == event_id)).all()


def questions_asked_on(slug: str) -> Sequence[BookingQuestion]:
    """Return the same by the event's address."""
    return db.session.scalars(_ASKED.join(Event, Event.id == BookingQuestion.event_id).where(Event.slug == slug)).all()


def get_asked_question(question_id: uuid.UUID, *, event_id: uuid.UUID) -> BookingQuestion:
    """Return a question that an event's booking form asks now. Raises OwnQuestionNotFoundError."""
    question = db.session.scalar(_ASKED.where(BookingQuestion.id == question_id, BookingQuestion.event_id == event_id))
    if question is None:
        raise OwnQuestionNotFoundError
    return question


def answer_counts(event_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Return how many bookings have an answer, for each question of an event that any has answered."""
    counted = (
        select(BookingAnswer.question_id, func.count(BookingAnswer.id))
        .join(BookingQuestion, BookingQuestion.id == BookingAnswer.question_id)
        .where(BookingQuestion.event_id == event_id)
        .group_by(BookingAnswer.question_id)
    )
    return {row[0]: row[1] for row in db.session.execute(counted)}


def questions_with_answers(event_id: uuid.UUID) -> Sequence[BookingQuestion]:
    """Return the questions of an event as lists show them: those that are asked, then those that were."""
    return db.session.scalars(
        select(BookingQuestion)
        .where(BookingQuestion.event_id == event_id)
        .order_by(BookingQuestion.retired_at.is_not(None), BookingQuestion.position, BookingQuestion.id)
    ).all()


def answers_in_order(booking: Booking) -> list[tuple[str, str]]:
    """Return the own questions of a booking's event with its answers, "" where there is none.

    First what is asked, in the order of the form; then what was asked once and has an answer here.
    """
    given = answers_of_booking(booking.id)
    questions = questions_with_answers(booking.event_id)
    return [(each.text, given.get(each.id, "")) for each in questions if each.retired_at is None or each.id in given]


def answers_of_booking(booking_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """Return the answers of one booking by question."""
    rows = db.session.execute(
        select(BookingAnswer.question_id, BookingAnswer.body).where(BookingAnswer.booking_id == booking_id)
    )
    return {row.question_id: row.body for row in rows}


_ASKED = (
    select(BookingQuestion)
    .where(BookingQuestion.retired_at.is_(None))
    .order_by(BookingQuestion.position, BookingQuestion.id)
)
