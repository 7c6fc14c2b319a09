"""Groups on the desk: places kept, the link to copy, changed, released and replaced after a question."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.events.models import Event, PlaceGroup
from tests.factories import hidden, make_event
from tests.pages import Page
from tests.web.organiser.conftest import Send

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/organise/events/lunch/booking/groups"
FIELDS = {"name": "Volunteers", "places": "3", "date": "2026-10-01", "time": "09:00"}


@pytest.fixture(autouse=True)
def event(clock: time_machine.Traveller, unit: Unit) -> None:
    """Make a webinar in November with five places."""
    with unit():
        make_event(slug="lunch", capacity=5, starts_at=datetime(2026, 11, 5, 12, 30, tzinfo=UTC))


def groups(unit: Unit) -> list[tuple[str, int, datetime, bool]]:
    """Return what is stored."""
    with unit() as session:
        return [
            (each.name, each.places, each.release_at, each.released_at is not None)
            for each in session.scalars(select(PlaceGroup).order_by(PlaceGroup.name))
        ]


def group_path(unit: Unit) -> str:
    """Return the address of the one group's page."""
    with unit() as session:
        return f"{PAGE}/{session.scalars(select(PlaceGroup.id)).one()}"


def private_link(asha: FlaskClient) -> str:
    """Return the link that the page gives to copy."""
    inputs = Page(asha.get(PAGE)).tree.iter("input")
    return next(node.get("value") or "" for node in inputs if (node.get("id") or "").startswith("link-"))


def test_places_are_kept_and_the_link_opens_the_form(
    unit: Unit, asha: FlaskClient, send: Send, client: FlaskClient
) -> None:
    """The page says how many are booked and kept until when."""
    assert send(PAGE, **FIELDS).location == PAGE

    assert groups(unit) == [("Volunteers", 3, datetime(2026, 10, 1, 8, 0, tzinfo=UTC), False)]
    text = Page(asha.get(PAGE)).text
    assert "0 of 3 places booked" in text
    assert "3 places are kept until 9am (UK time) on Thursday 1 October 2026" in text
    assert "2 places are free now" in text
    shown = client.get(private_link(asha).removeprefix("http://localhost"))
    assert "Places are kept for Volunteers until" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"


def test_more_than_are_free_is_refused_beside_the_number_and_nothing_typed_is_lost(unit: Unit, send: Send) -> None:
    """R35."""
    answer = send(PAGE, **{**FIELDS, "places": "6"})

    assert answer.status_code == 409
    assert "Places free at the moment: 5." in answer.text
    assert 'value="Volunteers"' in answer.text
    assert groups(unit) == []


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Give the group a name."),
        ("places", "0", "Keep at least one place."),
        ("places", "many", "Write the number of places in digits"),
        ("places", "99999999999", "Write the number of places in digits"),
        ("date", "", "Say on which day."),
        ("time", "25:00", "Write the time as hours and minutes"),
        ("date", "2026-11-06", "Choose a time that is still to come, at the latest the start"),
        ("name", "a" * 101, "Please keep this to 100 characters."),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    unit: Unit, send: Send, field: str, value: str, sentence: str
) -> None:
    """422, and nothing is stored."""
    answer = send(PAGE, **{**FIELDS, field: value})

    assert (answer.status_code, sentence in answer.text, groups(unit)) == (422, True, [])


def test_a_group_is_changed_by_whoever_saw_it_as_it_is(unit: Unit, asha: FlaskClient, send: Send) -> None:
    """R11: an old page is refused; sent again from the new one it is saved."""
    send(PAGE, **FIELDS)
    path = group_path(unit)
    old = hidden(asha.get(path))
    assert asha.post(path, data={**old, **FIELDS, "places": "4"}).location == PAGE

    stale = asha.post(path, data={**old, **FIELDS, "places": "2"})

    assert (stale.status_code, groups(unit)[0][1]) == (409, 4)
    assert asha.post(path, data={**hidden(stale), **FIELDS, "places": "2"}).location == PAGE
    assert groups(unit)[0][1] == 2


def test_releasing_asks_first_and_gives_the_places_to_everybody(unit: Unit, asha: FlaskClient, send: Send) -> None:
    """A second time changes nothing."""
    send(PAGE, **FIELDS)
    path = f"{group_path(unit)}/release"
    assert "Release these places now?" in asha.get(path).text
    assert groups(unit)[0][3] is False

    for _ in range(2):
        assert send(path).location == PAGE

    assert groups(unit)[0][3] is True
    with unit() as session:
        assert session.scalars(select(Event.places_kept)).one() == 0


def test_a_replaced_link_opens_nothing_any_more(unit: Unit, asha: FlaskClient, send: Send, client: FlaskClient) -> None:
    """S12: the new one does."""
    send(PAGE, **FIELDS)
    before = private_link(asha)
    assert send(f"{group_path(unit)}/new-link").location == PAGE

    after = private_link(asha)

    statuses = [client.get(link.removeprefix("http://localhost")).status_code for link in (before, after)]
    assert statuses == [404, 200]
