"""A member's own calendars, made, renewed and stopped on a page of their account."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from tests.factories import make_booking, make_event
from tests.pages import Page
from tests.stage import Stage, Unit, set_stage

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def stage(app: Flask, unit: Unit) -> Stage:
    return set_stage(app, unit)


def _addresses(client: FlaskClient) -> dict[str, str]:
    fields = Page.of(client.get("/account/calendars")).tree.iter("input")
    return {str(field.get("id")): str(field.get("value")) for field in fields if field.get("id")}


def _press(client: FlaskClient, purpose: str, act: str) -> int:
    token = Page.of(client.get("/account/calendars")).forms[0].values["csrf_token"]
    return client.post(f"/account/calendars/{purpose}", data={"csrf_token": token, "act": act}).status_code


def test_a_member_makes_renews_and_stops_a_calendar(stage: Stage, unit: Unit) -> None:
    client, visitor = stage.client("member"), stage.client()
    with unit():
        make_booking(make_event(title="Booked by Dev", slug="by-dev"), "dev@example.org", site=stage.site)
    assert _addresses(client) == {}

    assert _press(client, "bookings", "make") == 303
    first = _addresses(client)["bookings-address"]
    assert _press(client, "bookings", "make") == 303
    assert _addresses(client)["bookings-address"] == first, "making it twice makes one"
    calendar = Calendar.from_ical(visitor.get(first).data)
    assert [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")] == ["Booked by Dev"]
    assert str(calendar["NAME"]) == "Engage: my bookings"

    assert _press(client, "bookings", "renew") == 303
    second = _addresses(client)["bookings-address"]
    assert (visitor.get(first).status_code, visitor.get(second).status_code) == (404, 200)
    assert _press(client, "bookings", "stop") == 303
    assert visitor.get(second).status_code == 404
    assert _addresses(client) == {}


def test_only_organisers_follow_the_desk(stage: Stage) -> None:
    assert _press(stage.client("member"), "desk", "make") == 404
    assert _press(stage.client("member"), "nonsense", "make") == 404
    organiser = stage.client("organiser")
    assert "desk-address" in _addresses(organiser)
    assert _press(organiser, "desk", "renew") == 303


def test_a_button_of_an_old_page_does_nothing(stage: Stage) -> None:
    client = stage.client("member")
    assert client.post("/account/calendars/bookings", data={"act": "make"}).status_code == 403
    assert _addresses(client) == {}
