"""Places hidden: no page for the public holds a number of places; S23, read from every public address."""

import re

import pytest
import time_machine
from flask.testing import FlaskClient

from engage.events.models import Event
from tests.factories import hidden, make_event
from tests.web.public.visiting import Unit

CAPACITY, TAKEN = 7919, 6007
PAGES = (
    "/",
    "/events/",
    "/events/lunch/",
    "/events/lunch/book",
    "/events/lunch/booked?result=place",
    "/events/lunch/booked?result=waiting",
    "/events/lunch.ics",
    "/events.ics",
    "/events.atom",
)
NUMBERS = re.compile(r"(?<!\d)(7,?919|6,?007|1,?912)(?!\d)")


@pytest.fixture(autouse=True)
def event(clock: time_machine.Traveller, unit: Unit) -> None:
    """Make a webinar with places in numbers that stand nowhere else."""
    with unit() as session:
        made = make_event(slug="lunch", capacity=CAPACITY)
        session.get_one(Event, made.id).seats_taken = TAKEN


def settle(unit: Unit, **values: object) -> None:
    """Change the event's row."""
    with unit() as session:
        event = session.query(Event).one()
        for name, value in values.items():
            setattr(event, name, value)


def test_shown_places_are_counted_on_the_pages(client: FlaskClient) -> None:
    """The control: the numbers are found where they are shown."""
    shown = {page for page in PAGES if NUMBERS.search(client.get(page).text)}

    assert shown == {"/", "/events/", "/events/lunch/", "/events/lunch/book"}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("taken", [TAKEN, CAPACITY], ids=["places left", "all taken"])
@pytest.mark.parametrize("waiting_list", [True, False])
def test_hidden_places_stand_on_no_public_page(
    unit: Unit, client: FlaskClient, page: str, taken: int, waiting_list: bool
) -> None:
    """Neither how many there are, nor how many are left or taken."""
    settle(unit, places_shown=False, seats_taken=taken, waiting_list=waiting_list)

    assert NUMBERS.findall(client.get(page).text) == []


def test_hidden_places_are_told_by_words_alone(unit: Unit, client: FlaskClient) -> None:
    """Left, or all taken."""
    settle(unit, places_shown=False)
    assert "Places are left" in client.get("/events/lunch/").text
    assert "Booking open, places are left" in client.get("/events/").text

    settle(unit, seats_taken=CAPACITY)
    assert "Every place is taken" in client.get("/events/lunch/").text
    assert "Every place is taken" in client.get("/events/").text


def test_a_refused_booking_of_a_full_event_says_no_number_either(unit: Unit, client: FlaskClient) -> None:
    """The form comes back with words."""
    page = client.get("/events/lunch/book")
    settle(unit, places_shown=False, seats_taken=CAPACITY, waiting_list=False)

    answer = client.post("/events/lunch/book", data={**hidden(page), "name": "Nia", "email": "nia@example.org"})

    assert answer.status_code == 409
    assert NUMBERS.findall(answer.text) == []
