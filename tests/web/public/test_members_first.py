"""Members first: everybody reads until when; members book; for others the answer is the same, known or not."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engage.bookings.models import Booking
from engage.events.models import Event
from tests.conftest import SentMail
from tests.factories import hidden, make_booking, make_event, make_person, sign_in
from tests.pages import Page
from tests.web.public.visiting import Unit, send

UNTIL = datetime(2026, 9, 10, 8, 0, tzinfo=UTC)
WORDS = "9am (UK time) on Thursday 10 September 2026"


@pytest.fixture(autouse=True)
def event(clock: time_machine.Traveller, unit: Unit) -> None:
    """Make a webinar that is for members until the tenth; Cleo has a place."""
    with unit() as session:
        made = make_event(slug="lunch", starts_at=datetime(2026, 9, 20, 11, 30, tzinfo=UTC), capacity=3)
        make_booking(made)
        session.get_one(Event, made.id).members_only_until = UNTIL
        make_person("dev@example.org", name="Dev Rao")


@pytest.fixture
def dev(app: Flask) -> FlaskClient:
    """Give the browser of a member."""
    client = app.test_client()
    sign_in(client, "dev@example.org")
    return client


@pytest.mark.parametrize(
    "page", ["/events/lunch/", "/events/lunch/book", "/events/", "/", "/events.atom", "/events.ics"]
)
def test_every_public_page_says_until_when(client: FlaskClient, page: str) -> None:
    """In words, in the event's zone."""
    text = client.get(page).text.replace("\r\n ", "").replace("&#39;", "'")

    assert WORDS in text


@pytest.mark.parametrize("page", ["/events/lunch/", "/events/lunch/book"])
def test_a_visitor_is_offered_the_sign_in_that_leads_back(client: FlaskClient, page: str) -> None:
    """And no form to fill in for nothing."""
    answer = client.get(page)

    assert 'href="/sign-in?next=/events/lunch/book"' in answer.text
    assert all("email" not in form.kinds for form in Page(answer).forms)


@pytest.mark.parametrize("email", ["new@example.org", "cleo@example.org"])
def test_a_visitor_is_refused_the_same_way_known_or_not_and_keeps_what_was_typed(
    unit: Unit, client: FlaskClient, outbox: Callable[[], list[SentMail]], dev: FlaskClient, email: str
) -> None:
    """Rule 16: 409, the form filled, no mail, nothing stored."""
    page = dev.get("/events/lunch/book")
    before = len(outbox())

    answer = client.post("/events/lunch/book", data={**hidden(page), "name": "Nia", "email": email})

    assert answer.status_code == 409
    assert f'value="{email}"' in answer.text
    assert 'value="Nia"' in answer.text
    assert "Places are for members first." in answer.text
    assert 'href="/sign-in?next=/events/lunch/book"' in answer.text
    assert len(outbox()) == before
    with unit() as session:
        assert len(session.scalars(select(Booking)).all()) == 1


def test_a_members_form_is_filled_and_books(unit: Unit, dev: FlaskClient) -> None:
    """With the name and address that we know."""
    form = next(form for form in Page(dev.get("/events/lunch/book")).forms if "email" in form.kinds)
    assert (form.values["name"], form.values["email"]) == ("Dev Rao", "dev@example.org")

    answer = dev.post("/events/lunch/book", data=form.values)

    assert (answer.status_code, answer.location) == (303, "/events/lunch/booked?result=place")


def test_everybody_books_from_that_moment_on(client: FlaskClient, clock: time_machine.Traveller) -> None:
    """At nine, not a second later."""
    clock.move_to(UNTIL)

    assert "Members first" not in client.get("/events/lunch/").text
    assert send(client, "lunch", email="new@example.org").location == "/events/lunch/booked?result=place"
