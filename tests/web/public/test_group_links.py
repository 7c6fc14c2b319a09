"""The booking form by a group's private link: says whose places these are, and goes on when they are gone."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from engage.bookings.groups import release_group
from engage.bookings.models import Booking
from engage.events.models import Event, PlaceGroup
from engage.events.queries import group_token
from engage.events.services import add_group, renew_group_link
from engage.kernel.settings import Site
from engage.kernel.when import WallTime
from tests.factories import hidden, make_event
from tests.web.public.visiting import Unit, send

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def event(clock: time_machine.Traveller, unit: Unit) -> None:
    """Make a full webinar without a list, for members until its start; two places are kept for a group."""
    with unit() as session:
        made = make_event(slug="lunch", starts_at=datetime(2026, 9, 20, 11, 30, tzinfo=UTC), capacity=2)
        release = WallTime(date(2026, 9, 15), time(9))
        add_group(made.id, name="Volunteers", places=2, release=release, at=AT, actor=None)
        session.get_one(Event, made.id).waiting_list = False
        session.get_one(Event, made.id).members_only_until = made.starts_at


def link(unit: Unit, site: Site) -> str:
    """Return the group's private link."""
    with unit() as session:
        return f"/events/lunch/book?group={group_token(session.scalars(select(PlaceGroup)).one(), site)}"


def book(client: FlaskClient, address: str, email: str) -> TestResponse:
    """Open a form by an address and send it."""
    page = client.get(address)
    return client.post("/events/lunch/book", data={**hidden(page), "name": "Vi", "email": email})


def test_a_group_books_by_its_link_though_nobody_else_can(unit: Unit, client: FlaskClient, site: Site) -> None:
    """The form says whose places these are, and until when."""
    address = link(unit, site)
    text = client.get(address).text
    assert "Places are kept for Volunteers until 9am (UK time) on Tuesday 15 September 2026" in text
    assert "Every place is taken" in client.get("/events/lunch/book").text

    assert book(client, address, "v@example.org").location == "/events/lunch/booked?result=place"
    with unit() as session:
        assert session.scalars(select(Booking.group_id)).one() is not None
        assert session.scalars(select(PlaceGroup.taken)).one() == 1


def test_a_form_of_the_group_sent_twice_takes_one_place(unit: Unit, client: FlaskClient, site: Site) -> None:
    """R6, R8."""
    data = {**hidden(client.get(link(unit, site))), "name": "Vi", "email": "v@example.org"}

    answers = [client.post("/events/lunch/book", data=data).location for _ in range(2)]

    assert answers == ["/events/lunch/booked?result=place"] * 2
    with unit() as session:
        assert session.scalars(select(PlaceGroup.taken)).one() == 1


@pytest.mark.parametrize("forged", ["x", "A" * 48, "é", "A" * 5000])
def test_a_forged_link_opens_nothing(client: FlaskClient, forged: str) -> None:
    """S12."""
    assert client.get("/events/lunch/book", query_string={"group": forged}).status_code == 404


def test_a_link_opens_no_other_event(unit: Unit, client: FlaskClient, site: Site) -> None:
    """S21."""
    address = link(unit, site)
    with unit():
        make_event(slug="other")

    assert client.get(address.replace("lunch", "other")).status_code == 404


def test_a_link_replaced_while_somebody_writes_loses_nothing_typed(unit: Unit, client: FlaskClient, site: Site) -> None:
    """R35: 404 with the form still filled, and sent again it is an ordinary booking."""
    page = client.get(link(unit, site))
    with unit() as session:
        group = session.scalars(select(PlaceGroup)).one()
        renew_group_link(group.id, event_id=group.event_id, at=AT, actor=None)

    answer = client.post("/events/lunch/book", data={**hidden(page), "name": "Vi", "email": "v@example.org"})

    assert answer.status_code == 404
    assert "This link keeps no places for a group." in answer.text
    assert 'value="v@example.org"' in answer.text
    assert hidden(answer)["group"] == ""


def test_a_group_that_is_used_up_says_so_and_books_like_everybody(unit: Unit, client: FlaskClient, site: Site) -> None:
    """Here there is nothing left, and members would come first."""
    address = link(unit, site)
    for name in "ab":
        book(client, address, f"{name}@example.org")

    page = client.get(address)

    assert page.status_code == 200
    assert "All places that were kept for Volunteers are booked." in page.text


def test_released_places_are_everybodys_and_the_link_says_so(unit: Unit, client: FlaskClient, site: Site) -> None:
    """An ordinary booking follows."""
    address = link(unit, site)
    with unit() as session:
        group = session.scalars(select(PlaceGroup)).one()
        release_group(group.id, event_id=group.event_id, site=site, at=AT, actor=None)
        session.scalars(select(Event)).one().members_only_until = None

    assert "What was left then went to everybody" in client.get(address).text
    assert book(client, address, "v@example.org").location == "/events/lunch/booked?result=place"
    with unit() as session:
        assert session.scalars(select(Booking.group_id)).one() is None


def test_a_group_at_an_event_with_places_leaves_the_usual_form_alone(unit: Unit, client: FlaskClient) -> None:
    """Whoever comes without the link reads nothing of the group."""
    with unit() as session:
        event = session.scalars(select(Event)).one()
        event.capacity, event.members_only_until = 3, None

    assert "Volunteers" not in client.get("/events/lunch/book").text
    assert send(client, "lunch").location == "/events/lunch/booked?result=place"
