"""Feeds for calendars and news readers."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy.orm import Session

from engage.events.enums import AppearanceRole, AppearanceStatus
from engage.events.models import Event
from engage.events.services import add_speaker, publish_event
from engage.flows.cancelling import cancel_event
from engage.kernel.db import db
from tests.factories import make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
ATOM = {"a": "http://www.w3.org/2005/Atom"}
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def events(unit: Unit, app: Flask, clock: object) -> None:
    site = app.extensions["engage"].site()
    with unit():
        make_booking(make_event(title="Soon", slug="soon"), site=site)
        make_event(title="Berlin & <b>", slug="berlin", timezone="Europe/Berlin")
        make_event(title="Just over", starts_at=NOW - timedelta(days=80))
        make_event(title="Long over", starts_at=NOW - timedelta(days=100))
        make_event(title="Draft", published=False)
        gone = make_event(title="Gone", slug="gone")
        cancel_event(gone.id, reason="The speaker is ill.", site=site, at=NOW, actor=None)


@pytest.mark.usefixtures("events")
def test_the_calendar_holds_what_comes_and_the_last_months(client: FlaskClient) -> None:
    answer = client.get("/events.ics")

    calendar = Calendar.from_ical(answer.data)
    entries = calendar.walk("VEVENT")
    assert sorted(str(entry["SUMMARY"]) for entry in entries) == [
        "Berlin & <b>",
        "Cancelled: Gone",
        "Just over",
        "Soon",
    ]
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert all("ATTENDEE" not in entry for entry in entries)
    assert b"/join/" not in answer.data
    assert b"meet.example.org" not in answer.data
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=900"
    assert "Content-Disposition" not in answer.headers


@pytest.mark.usefixtures("events")
@pytest.mark.parametrize("path", ["/events.ics", "/events.atom", "/events/soon.ics"])
def test_feeds_are_revalidated_from_the_data(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    head = client.head(path)

    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    assert first.headers["Last-Modified"] == "Tue, 01 Sep 2026 09:00:00 GMT"
    assert "Set-Cookie" not in first.headers


@pytest.mark.usefixtures("events")
def test_one_event_is_a_file_to_download(client: FlaskClient) -> None:
    answer = client.get("/events/soon.ics")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="soon.ics"'
    assert len(Calendar.from_ical(answer.data).walk("VEVENT")) == 1
    assert client.get("/events/nothing.ics").status_code == 404


@pytest.mark.usefixtures("events")
def test_the_news_feed_is_atom_with_ids_that_stay(client: FlaskClient) -> None:
    root = ET.fromstring(client.get("/events.atom").data)

    entries = root.findall("a:entry", ATOM)
    titles = sorted(entry.findtext("a:title", "", ATOM) for entry in entries)
    assert titles == ["Berlin & <b>", "Cancelled: Gone", "Just over", "Long over", "Soon"]
    ids = [entry.findtext("a:id", "", ATOM) for entry in entries]
    assert len(set(ids)) == 5
    assert all(each.startswith("urn:uuid:") for each in ids)
    assert root.findtext("a:updated", "", ATOM) == "2026-09-01T09:00:00+00:00"
    gone = next(entry for entry in entries if "Gone" in entry.findtext("a:title", "", ATOM))
    assert "The speaker is ill." in gone.findtext("a:summary", "", ATOM)


def test_empty_feeds_are_feeds(client: FlaskClient) -> None:
    assert Calendar.from_ical(client.get("/events.ics").data).walk("VEVENT") == []
    assert ET.fromstring(client.get("/events.atom").data).findall("a:entry", ATOM) == []


def _titles(client: FlaskClient) -> list[str]:
    entries = Calendar.from_ical(client.get("/events.ics").data).walk("VEVENT")
    return sorted(str(entry["SUMMARY"]) for entry in entries)


@pytest.mark.usefixtures("events")
def test_the_calendar_says_who_it_is_and_how_often_to_come_back(client: FlaskClient) -> None:
    calendar = Calendar.from_ical(client.get("/events.ics").data)

    assert str(calendar["NAME"]) == str(calendar["X-WR-CALNAME"]) == "Engage: events"
    assert str(calendar["DESCRIPTION"]) == str(calendar["X-WR-CALDESC"])
    assert calendar["REFRESH-INTERVAL"].to_ical() == b"PT1H"
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert str(calendar["X-PUBLISHED-TTL"]) == "PT1H"
    assert str(calendar["SOURCE"]) == "http://localhost/events.ics"
    assert str(calendar["UID"]) == "events@example.org"
    for entry in calendar.walk("VEVENT"):
        assert str(entry["ORGANIZER"]) == "mailto:engage@example.org"


@pytest.mark.usefixtures("events")
def test_what_changes_the_calendar_changes_its_tag_and_nothing_else_does(
    client: FlaskClient, unit: Unit, app: Flask, clock: time_machine.Traveller
) -> None:
    site = app.extensions["engage"].site()
    seen = [client.get("/events.ics")]

    def changed() -> bool:
        known = {"If-None-Match": seen[-1].headers["ETag"]}
        answer = client.get("/events.ics", headers=known)
        if answer.status_code == 200:
            seen.append(answer)
        return answer.status_code == 200

    with unit():
        ids = {event.title: event.id for event in db.session.query(Event)}
    assert not changed()
    with unit():
        soon = db.session.get(Event, ids["Soon"])
        assert soon is not None
        make_booking(soon, "nia@example.org", site=site)
    assert not changed(), "a booking is no news to the public calendar"
    with unit():
        add_speaker(
            ids["Soon"],
            name="Ben",
            role_title=None,
            organisation=None,
            role=AppearanceRole.SPEAKER,
            at=NOW,
            actor=None,
        )
    assert changed()
    assert b"Speakers: Ben" in seen[-1].data
    with unit():
        publish_event(ids["Draft"], at=NOW, actor=None)
    assert changed()
    with unit():
        cancel_event(ids["Draft"], reason="Rain.", site=site, at=NOW, actor=None)
    assert changed()
    clock.move_to(NOW + timedelta(days=11))
    assert changed(), "the 90 days of one event are over"
    assert len({answer.headers["ETag"] for answer in seen}) == len(seen)


@pytest.mark.usefixtures("events")
def test_a_cancelled_event_leaves_after_sixty_days_and_whoever_asks_by_date_hears_of_it(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOW + timedelta(days=60) - timedelta(seconds=1))
    assert "Cancelled: Gone" in _titles(client)
    since = client.get("/events.ics").headers["Last-Modified"]
    assert client.get("/events.ics", headers={"If-Modified-Since": since}).status_code == 304

    clock.move_to(NOW + timedelta(days=60, seconds=1))
    assert "Cancelled: Gone" not in _titles(client)
    assert client.get("/events.ics", headers={"If-Modified-Since": since}).status_code == 200


@pytest.mark.usefixtures("events")
def test_whoever_declined_to_speak_is_not_named(client: FlaskClient, unit: Unit) -> None:
    with unit() as session:
        event = session.query(Event).filter_by(slug="soon").one()
        for name, status in (("Ann", "accepted"), ("Bob", "declined"), ("Cy", "withdrawn")):
            appearance = add_speaker(
                event.id,
                name=name,
                role_title=None,
                organisation=None,
                role=AppearanceRole.SPEAKER,
                at=NOW,
                actor=None,
            )
            appearance.status = AppearanceStatus(status)

    assert b"Speakers: Ann\\n" in client.get("/events.ics").data
