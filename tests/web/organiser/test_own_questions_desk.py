"""Questions of the booking form on the desk: added, changed, moved, removed after a question."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.models import Booking, BookingQuestion
from tests.factories import hidden, make_event
from tests.pages import Page
from tests.web.organiser.conftest import Send

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/organise/events/lunch/booking/questions"
MEAL = {"text": "Which meal?", "kind": "choice", "options": "Soup\r\nSalad", "is_required": "yes"}


@pytest.fixture(autouse=True)
def event(clock: time_machine.Traveller, unit: Unit) -> None:
    """Make a webinar."""
    with unit():
        make_event(slug="lunch")


def questions(unit: Unit) -> list[tuple[str, str, list[str], bool]]:
    """Return what is stored, in order."""
    with unit() as session:
        rows = session.scalars(select(BookingQuestion).order_by(BookingQuestion.position))
        return [(row.text, row.kind.value, row.options, row.is_required) for row in rows]


def page_of(unit: Unit, text: str) -> str:
    """Return the address of a question's page."""
    with unit() as session:
        return f"{PAGE}/{session.scalars(select(BookingQuestion.id).where(BookingQuestion.text == text)).one()}"


def test_a_question_is_added_and_the_booking_form_asks_it(
    unit: Unit, asha: FlaskClient, send: Send, client: FlaskClient
) -> None:
    """Its answers stand on it as options."""
    assert "Which meal?" not in client.get("/events/lunch/book").text

    assert send(PAGE, **MEAL).location == PAGE

    assert questions(unit) == [("Which meal?", "choice", ["Soup", "Salad"], True)]
    assert "Soup · Salad" in Page(asha.get(PAGE)).text
    assert "Which meal?" in client.get("/events/lunch/book").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("text", "", "Write the question."),
        ("text", "x" * 301, "Please keep this to 300 characters."),
        ("kind", "other", "Choose one of the two."),
        ("options", "Soup", "Give from 2 to 20 different answers"),
        ("options", "Soup\nSoup", "Give from 2 to 20 different answers"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(
    unit: Unit, send: Send, field: str, value: str, sentence: str
) -> None:
    """Nothing typed is lost, nothing is stored."""
    answer = send(PAGE, **{**MEAL, field: value})

    assert (answer.status_code, sentence in answer.text, questions(unit)) == (422, True, [])
    assert "Salad" in answer.text or field == "options"


def test_a_question_is_changed_and_an_old_page_is_refused(unit: Unit, asha: FlaskClient, send: Send) -> None:
    """R11."""
    send(PAGE, **MEAL)
    address = page_of(unit, "Which meal?")
    old = hidden(asha.get(address))
    river = {"text": "Which river?", "kind": "text", "options": "Soup"}
    assert asha.post(address, data={**old, **river}).location == PAGE

    stale = asha.post(address, data={**old, **MEAL})

    assert (stale.status_code, questions(unit)) == (409, [("Which river?", "text", [], False)])
    assert asha.post(address, data={**hidden(stale), **MEAL}).location == PAGE
    assert questions(unit) == [("Which meal?", "choice", ["Soup", "Salad"], True)]


def test_a_question_is_asked_earlier(unit: Unit, asha: FlaskClient, send: Send) -> None:
    """By a button; nonsense in its place is not found."""
    send(PAGE, **MEAL)
    send(PAGE, text="Which river?", kind="text")
    second = page_of(unit, "Which river?").rpartition("/")[2]
    token = hidden(asha.get(PAGE))["csrf_token"]

    assert asha.post(PAGE, data={"csrf_token": token, "up": second}).location == PAGE

    assert [text for text, *_ in questions(unit)] == ["Which river?", "Which meal?"]
    assert asha.post(PAGE, data={"csrf_token": token, "up": "x"}).status_code == 404
    assert asha.post(PAGE, data={"csrf_token": "x", "up": second}).status_code == 403


def test_removing_asks_first(unit: Unit, asha: FlaskClient, send: Send) -> None:
    """And says what becomes of the answers."""
    send(PAGE, **MEAL)
    address = f"{page_of(unit, 'Which meal?')}/remove"
    assert "Nobody has answered it, so nothing is left of it." in asha.get(address).text

    assert send(address).location == PAGE

    assert questions(unit) == []
    assert asha.get(address).status_code == 404


def test_answers_stand_on_the_bookings_page_and_in_the_file(
    unit: Unit, asha: FlaskClient, send: Send, client: FlaskClient
) -> None:
    """A column for each question; what a spreadsheet would run is made harmless (S9)."""
    send(PAGE, text="=1+1", kind="text")
    with unit() as session:
        field = f"own-{session.scalars(select(BookingQuestion.id)).one().hex}"
    form = {"name": "Cleo", "email": "cleo@example.org", field: "=cmd()"}
    client.post("/events/lunch/book", data={**hidden(client.get("/events/lunch/book")), **form})
    with unit() as session:
        reference = session.scalars(select(Booking.reference)).one()

    page = asha.get(f"/organise/events/lunch/bookings/{reference}")
    rows = list(csv.reader(io.StringIO(asha.get("/organise/events/lunch/bookings.csv").text)))

    assert "=cmd()" in Page(page).text
    assert [row[-1] for row in rows] == ["'=1+1", "'=cmd()"]
