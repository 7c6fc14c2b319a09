"""Own questions on the booking form and on somebody's own page: asked, refused beside the field, nothing lost."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from engage.bookings.enums import BookingQuestionKind
from engage.bookings.models import Booking, BookingAnswer
from engage.bookings.own_questions import QuestionDraft, add_question, remove_question
from engage.events.models import Event
from engage.kernel.settings import Site
from tests.factories import hidden, make_event
from tests.pages import Page
from tests.web.public.visiting import Unit, tokens

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
BOOKED = "/events/lunch/booked?result=place"
WHO = {"name": "Cleo", "email": "cleo@example.org"}


@pytest.fixture(autouse=True)
def event(clock: time_machine.Traveller, unit: Unit) -> None:
    """Make a webinar with three places."""
    with unit():
        make_event(slug="lunch", capacity=3)


def ask(unit: Unit, text: str = "Which meal?", options: str = "Soup\nSalad", *, required: bool = True) -> UUID:
    """Ask a question on the form; returns its id."""
    kind = BookingQuestionKind.CHOICE if options else BookingQuestionKind.TEXT
    with unit() as session:
        event_id = session.scalars(select(Event.id)).one()
        return add_question(event_id, QuestionDraft(kind, text, options, required), at=AT, actor=None).id


def field(question: UUID) -> str:
    """Return the name of a question's field."""
    return f"own-{question.hex}"


def send(client: FlaskClient, page: TestResponse, **typed: str) -> TestResponse:
    """Send a form that was opened."""
    return client.post("/events/lunch/book", data={**hidden(page), **WHO, **typed})


def answers(unit: Unit) -> list[str]:
    """Return all answers that are stored."""
    with unit() as session:
        return sorted(session.scalars(select(BookingAnswer.body)))


def bookings(unit: Unit) -> int:
    """Return how many bookings there are."""
    with unit() as session:
        return len(session.scalars(select(Booking)).all())


def test_a_required_question_stands_in_sight_and_an_optional_one_in_the_fold(unit: Unit, client: FlaskClient) -> None:
    """The page works with no script."""
    meal, river = ask(unit), ask(unit, "Which river?", "", required=False)

    tree = Page(client.get("/events/lunch/book")).tree

    folded = {node.get("name") for fold in tree.iter("details") for node in fold.iter()}
    everywhere = {node.get("name") for node in tree.iter()}
    assert {field(meal), field(river)} <= everywhere
    assert folded & {field(meal), field(river)} == {field(river)}


def test_answers_come_with_the_booking_once(unit: Unit, client: FlaskClient) -> None:
    """R6, R8: a double click is one booking with one set of answers."""
    meal, river = ask(unit), ask(unit, "Which river?", "", required=False)
    page = client.get("/events/lunch/book")

    sent = [send(client, page, **{field(meal): "Soup", field(river): "The Severn"}).location for _ in range(2)]

    assert (sent, answers(unit)) == ([BOOKED, BOOKED], ["Soup", "The Severn"])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "This question needs an answer."),
        ("Cake", "“Cake” cannot be chosen here."),
        ("x" * 5000, "cannot be chosen here."),
    ],
)
def test_an_answer_that_cannot_be_is_refused_beside_its_field(
    unit: Unit, client: FlaskClient, typed: str, sentence: str
) -> None:
    """S22: 422, what was typed is kept, nothing is stored."""
    meal = ask(unit)

    answer = send(client, client.get("/events/lunch/book"), **{field(meal): typed})

    assert (answer.status_code, sentence in answer.text, bookings(unit)) == (422, True, 0)
    assert f'aria-describedby="{field(meal)}-error"' in answer.text
    assert 'value="cleo@example.org"' in answer.text


def test_a_long_answer_is_refused_and_kept(unit: Unit, client: FlaskClient) -> None:
    """R35: up to 500 characters."""
    river = ask(unit, "Which river?", "", required=False)

    answer = send(client, client.get("/events/lunch/book"), **{field(river): "x" * 501})

    assert answer.status_code == 422
    assert "Please keep this to 500 characters." in answer.text
    assert "x" * 501 in answer.text
    assert Page(answer).tree.find(".//details[@id='more']").get("open") is not None  # type: ignore[union-attr]


def test_a_question_removed_while_somebody_writes_is_ignored(unit: Unit, client: FlaskClient) -> None:
    """Alone on the form, or beside another."""
    meal, river = ask(unit), ask(unit, "Which river?", "", required=False)
    page = client.get("/events/lunch/book")
    with unit() as session:
        event_id = session.scalars(select(Event.id)).one()
        for each in (meal, river):
            remove_question(each, event_id=event_id, at=AT, actor=None)

    assert send(client, page, **{field(meal): "Soup", field(river): "The Severn"}).location == BOOKED
    assert answers(unit) == []


def test_a_required_question_added_while_somebody_writes_is_asked_and_nothing_is_lost(
    unit: Unit, client: FlaskClient
) -> None:
    """First of all, or besides another; the answer is the same for an address that is known (rule 16)."""
    page = client.get("/events/lunch/book")
    meal = ask(unit)

    first = send(client, page)
    assert (first.status_code, bookings(unit)) == (422, 0)
    assert "This question needs an answer." in first.text
    assert 'value="cleo@example.org"' in first.text
    river = ask(unit, "Which river?", "")
    second = send(client, first, **{field(meal): "Salad"})
    assert (second.status_code, bookings(unit)) == (422, 0)
    assert '<option selected value="Salad">' in second.text
    assert send(client, second, **{field(meal): "Salad", field(river): "The Wye"}).location == BOOKED
    assert send(client, page).status_code == 422


def test_a_form_with_answers_to_nothing_real_is_no_fault(unit: Unit, client: FlaskClient) -> None:
    """S24: names that no question has."""
    ask(unit, required=False)
    page = client.get("/events/lunch/book")

    odd = {"own-": "a", "own-x": "b", "own-" + "0" * 32: "c", "own-\u0660": "d"}

    assert send(client, page, **odd).location == BOOKED


def test_the_holder_reads_and_changes_the_answers(unit: Unit, client: FlaskClient, site: Site) -> None:
    """On their own page, until the event is over."""
    meal = ask(unit)
    send(client, client.get("/events/lunch/book"), **{field(meal): "Soup"})
    token, _ = tokens(unit, site)
    assert "Soup" in client.get(f"/bookings/{token}/").text
    address = f"/bookings/{token}/answers"
    page = client.get(address)
    assert '<option selected value="Soup">' in page.text

    refused = client.post(address, data={**hidden(page), field(meal): ""})
    changed = client.post(address, data={**hidden(page), field(meal): "Salad"})

    assert (refused.status_code, changed.status_code) == (422, 303)
    assert answers(unit) == ["Salad"]


def test_answers_stay_as_they_are_once_the_event_is_over(
    unit: Unit, client: FlaskClient, site: Site, clock: time_machine.Traveller
) -> None:
    """409 on the same page, which shows them."""
    meal = ask(unit)
    send(client, client.get("/events/lunch/book"), **{field(meal): "Soup"})
    token, _ = tokens(unit, site)
    page = client.get(f"/bookings/{token}/answers")
    clock.move_to(datetime(2026, 9, 9, tzinfo=UTC))

    late = client.post(f"/bookings/{token}/answers", data={**hidden(page), field(meal): "Salad"})

    assert (late.status_code, answers(unit)) == (409, ["Soup"])
    assert "Soup" in late.text
