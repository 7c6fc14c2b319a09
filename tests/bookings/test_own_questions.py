"""Own questions of a booking form: asked, moved, removed; answers kept with the booking, changed and erased."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.changes import erase_booking
from engage.bookings.enums import BookingOutcome, BookingQuestionKind, BookingSource
from engage.bookings.errors import (
    BookingCancelledError,
    OptionsError,
    OverError,
    OwnAnswersError,
    OwnQuestionNotFoundError,
    OwnQuestionTextError,
    OwnQuestionTwiceError,
    TooManyQuestionsError,
)
from engage.bookings.lists import FILE_COLUMNS, file_rows
from engage.bookings.models import Booking, BookingAnswer
from engage.bookings.own_answers import change_answers
from engage.bookings.own_questions import (
    QuestionDraft,
    add_question,
    change_question,
    move_question_up,
    remove_question,
)
from engage.bookings.queries import answers_in_order, answers_of_booking, asked_questions, get_booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.events.errors import EventOverError, StaleEventError
from engage.events.models import Event
from engage.flows.invariants import INVARIANTS
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.responses.models import Response
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
START = datetime(2026, 9, 20, 11, 30, tzinfo=UTC)
RIVER = QuestionDraft(BookingQuestionKind.TEXT, "Which river do you know?")
MEAL = QuestionDraft(BookingQuestionKind.CHOICE, "Which meal?", "Soup\n\n  Salad ", is_required=True)


@pytest.fixture(autouse=True)
def stopped(clock: time_machine.Traveller) -> None:
    """Stop the clock."""


@pytest.fixture
def site(app: Flask) -> Site:
    """Give the site of the app under test."""
    found: Site = app.extensions["engage"].site()
    return found


@pytest.fixture
def event_id(unit: Unit) -> UUID:
    """Give a webinar with ten places."""
    with unit():
        return make_event(slug="lunch", starts_at=START, capacity=10).id


@pytest.fixture(autouse=True)
def sound(app: Flask, event_id: UUID) -> Iterator[None]:
    """Hold every invariant against what a test leaves."""
    yield
    with app.app_context():
        assert [line for check in INVARIANTS.values() for line in check()] == []


def ask(unit: Unit, event_id: UUID, draft: QuestionDraft, *, at: datetime = AT) -> UUID:
    """Ask one more question."""
    with unit():
        return add_question(event_id, draft, at=at, actor=None).id


def book(
    unit: Unit,
    site: Site,
    event_id: UUID,
    answers: dict[UUID, str],
    *,
    who: str = "cleo",
    source: BookingSource = BookingSource.WEB,
) -> UUID:
    """Book with answers; returns the booking."""
    wanted = PlaceRequest(who, f"{who}@example.org", "en", answers=answers, source=source)
    with unit():
        assert book_place(event_id, wanted, site=site, at=AT) is BookingOutcome.PLACE
    with unit() as session:
        return session.scalars(select(Booking.id).where(Booking.email_normalised == f"{who}@example.org")).one()


def answers_of(event_id: UUID) -> dict[UUID, dict[UUID, str]]:
    """Return all answers at an event, by booking and question."""
    bookings = db.session.scalars(select(Booking.id).where(Booking.event_id == event_id))
    return {each: given for each in bookings if (given := answers_of_booking(each))}


def texts(unit: Unit, event_id: UUID) -> list[str]:
    """Return what the form asks, in order."""
    with unit():
        return [question.text for question in asked_questions(event_id)]


def test_answers_are_kept_with_the_booking_and_shown_in_lists(unit: Unit, site: Site, event_id: UUID) -> None:
    """And nothing of it enters the response store."""
    river, meal = ask(unit, event_id, RIVER), ask(unit, event_id, MEAL)

    booking = book(unit, site, event_id, {river: " The Severn.\r\nAnd the Wye. ", meal: "Salad"})

    with unit() as session:
        assert answers_of(event_id) == {booking: {river: "The Severn.\nAnd the Wye.", meal: "Salad"}}
        assert session.scalars(select(Response)).all() == []


@pytest.mark.parametrize(("river", "meal"), [("x", ""), ("", ""), ("", "Cake"), ("", "soup"), ("x" * 501, "Soup")])
def test_a_missing_or_impossible_answer_books_nothing(
    unit: Unit, site: Site, event_id: UUID, river: str, meal: str
) -> None:
    """A required one, one that is not offered, one that is too long; for a known address alike (rule 16)."""
    book(unit, site, event_id, {})
    ids = ask(unit, event_id, RIVER), ask(unit, event_id, MEAL)

    for who in ("cleo", "new"):
        with pytest.raises(OwnAnswersError):
            book(unit, site, event_id, dict(zip(ids, (river, meal), strict=True)), who=who)
    with unit() as session:
        assert len(session.scalars(select(Booking)).all()) == 1
        assert session.scalars(select(BookingAnswer)).all() == []


def test_an_organiser_books_for_somebody_without_their_answers(unit: Unit, site: Site, event_id: UUID) -> None:
    """They can be given on the person's own page."""
    ask(unit, event_id, MEAL)

    book(unit, site, event_id, {}, source=BookingSource.ORGANISER)


def test_answers_to_what_is_not_asked_are_left_out(unit: Unit, site: Site, event_id: UUID) -> None:
    """Of another event, of a question that was removed."""
    with unit():
        other_event = make_event(slug="other").id
    other, gone = ask(unit, other_event, RIVER), ask(unit, event_id, RIVER)
    with unit():
        assert remove_question(gone, event_id=event_id, at=AT, actor=None) is False

    book(unit, site, event_id, {other: "The Severn", gone: "The Wye"})

    with unit() as session:
        assert session.scalars(select(BookingAnswer)).all() == []


def test_a_removed_question_that_was_answered_keeps_its_answers_in_lists(
    unit: Unit, site: Site, event_id: UUID
) -> None:
    """It is asked no more."""
    meal, _ = ask(unit, event_id, MEAL), ask(unit, event_id, RIVER)
    booking = book(unit, site, event_id, {meal: "Soup"})

    with unit():
        assert remove_question(meal, event_id=event_id, at=AT, actor=None) is True

    assert texts(unit, event_id) == [RIVER.text]
    with unit():
        assert answers_in_order(get_booking(booking)) == [(RIVER.text, ""), (MEAL.text, "Soup")]
        assert [row[len(FILE_COLUMNS) :] for row in file_rows(event_id)] == [(MEAL.text, RIVER.text), ("Soup", None)]
        assert answers_of(event_id) == {booking: {meal: "Soup"}}
        with pytest.raises(OwnQuestionNotFoundError):
            remove_question(meal, event_id=event_id, at=AT, actor=None)


def test_the_same_is_not_asked_twice(unit: Unit, event_id: UUID) -> None:
    """A double click adds one question (R8), and none is changed into another."""
    ask(unit, event_id, RIVER)
    meal = ask(unit, event_id, MEAL)
    again = QuestionDraft(BookingQuestionKind.TEXT, RIVER.text.upper())
    with unit() as session:
        version = session.get_one(Event, event_id).version

    with pytest.raises(OwnQuestionTwiceError, match="asks this already"):
        ask(unit, event_id, again)
    with pytest.raises(OwnQuestionTwiceError), unit():
        change_question(meal, again, event_id=event_id, version=version, at=AT, actor=None)

    with unit():
        change_question(meal, MEAL, event_id=event_id, version=version, at=AT, actor=None)
    assert texts(unit, event_id) == [RIVER.text, MEAL.text]


def test_questions_are_moved_and_at_most_ten(unit: Unit, event_id: UUID) -> None:
    """The first one stays first."""
    ids = [ask(unit, event_id, QuestionDraft(BookingQuestionKind.TEXT, f"Number {n}?")) for n in range(10)]
    with pytest.raises(TooManyQuestionsError, match="up to 10 questions"):
        ask(unit, event_id, RIVER)

    with unit():
        move_question_up(ids[2], event_id=event_id, at=AT, actor=None)
        move_question_up(ids[0], event_id=event_id, at=AT, actor=None)
        move_question_up(ids[0], event_id=event_id, at=AT, actor=None)

    assert texts(unit, event_id)[:4] == ["Number 0?", "Number 2?", "Number 1?", "Number 3?"]
    with unit():
        remove_question(ids[9], event_id=event_id, at=AT, actor=None)
    ask(unit, event_id, RIVER)
    assert texts(unit, event_id)[-1] == RIVER.text


@pytest.mark.parametrize("options", ["", "Soup", "Soup\nSoup", "Soup\n" + "x" * 101, "\n".join(map(str, range(21)))])
def test_a_choice_has_from_two_to_twenty_different_answers(unit: Unit, event_id: UUID, options: str) -> None:
    """Refused by name."""
    with pytest.raises(OptionsError):
        ask(unit, event_id, QuestionDraft(BookingQuestionKind.CHOICE, "Which?", options))
    with pytest.raises(OwnQuestionTextError):
        ask(unit, event_id, QuestionDraft(BookingQuestionKind.TEXT, " "))


def test_a_question_is_changed_by_whoever_saw_it_and_each_change_is_noted(unit: Unit, event_id: UUID) -> None:
    """R11, S36: the version rises with each, so that a stored page and a booking being made follow."""
    meal = ask(unit, event_id, MEAL)
    with unit() as session:
        version = session.get_one(Event, event_id).version
    for seen, error in ((version - 1, StaleEventError), (version, None)):
        with unit():
            if error:
                with pytest.raises(error):
                    change_question(meal, RIVER, event_id=event_id, version=seen, at=AT, actor=None)
            else:
                change_question(meal, RIVER, event_id=event_id, version=seen, at=AT, actor=None)

    assert texts(unit, event_id) == [RIVER.text]
    with unit() as session:
        assert session.get_one(Event, event_id).version == version + 1
        acts = session.scalars(select(AuditEntry.act).where(AuditEntry.act.like("%booking_question%"))).all()
        assert sorted(acts) == ["organiser:booking_question:change", "organiser:booking_question:create"]


def test_nothing_is_asked_any_more_once_the_event_is_over(unit: Unit, event_id: UUID) -> None:
    """By name."""
    with pytest.raises(EventOverError):
        ask(unit, event_id, RIVER, at=START + timedelta(hours=2))


def test_a_holder_changes_answers_until_the_event_is_over(unit: Unit, site: Site, event_id: UUID) -> None:
    """An earlier choice may stay though it is offered no more; what is asked no more stays as it is."""
    lake = QuestionDraft(BookingQuestionKind.TEXT, "Which lake do you know?")
    meal, river, gone = (ask(unit, event_id, draft) for draft in (MEAL, RIVER, lake))
    booking = book(unit, site, event_id, {meal: "Soup", gone: "The Wye"})
    with unit() as session:
        remove_question(gone, event_id=event_id, at=AT, actor=None)
        other = QuestionDraft(BookingQuestionKind.CHOICE, "Which meal?", "Cake\nSalad", is_required=True)
        version = session.get_one(Event, event_id).version
        change_question(meal, other, event_id=event_id, version=version, at=AT, actor=None)

    def answer(answers: dict[UUID, str], at: datetime = AT) -> dict[UUID, str]:
        with unit():
            change_answers(booking, answers, at=at)
        with unit():
            return answers_of(event_id)[booking]

    assert answer({meal: "Soup", river: "The Severn"}) == {meal: "Soup", river: "The Severn", gone: "The Wye"}
    assert answer({meal: "Cake"}) == {meal: "Cake", gone: "The Wye"}
    with pytest.raises(OwnAnswersError):
        answer({meal: "Soup"})
    with pytest.raises(OwnAnswersError):
        answer({})
    with pytest.raises(OverError):
        answer({meal: "Salad"}, START + timedelta(hours=1))
    with unit() as session:
        noted = select(AuditEntry.after).where(AuditEntry.act == "attendee:booking:answer")
        assert sorted(session.scalars(noted), key=str) == [{"answers": 1}, {"answers": 2}]
        cancel_booking(booking, site=site, at=AT)
    with pytest.raises(BookingCancelledError):
        answer({meal: "Salad"})


def test_erasing_a_booking_deletes_its_answers(unit: Unit, site: Site, event_id: UUID) -> None:
    """P18."""
    river = ask(unit, event_id, RIVER)
    booking = book(unit, site, event_id, {river: "The Severn"})
    book(unit, site, event_id, {river: "The Wye"}, who="dev")
    with unit():
        cancel_booking(booking, site=site, at=AT)
    with unit():
        erase_booking(booking, at=AT)

    with unit():
        assert [list(each.values()) for each in answers_of(event_id).values()] == [["The Wye"]]
