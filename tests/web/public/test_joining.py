"""The way in: before, while and after the doors are open (rule 14)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.models import Booking
from engage.events.models import Event
from engage.events.services import set_recording
from engage.kernel.settings import Site
from tests.web.public.visiting import send, tokens

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
STARTS = NOW + timedelta(days=7)
pytestmark = pytest.mark.usefixtures("clock")


def test_joining_before_the_doors_open_counts_down(
    client: FlaskClient, slug: str, unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    send(client, slug)
    _, join = tokens(unit, site)
    clock.move_to(STARTS - timedelta(hours=2, minutes=55))

    page, posted = client.get(f"/join/{join}"), client.post(f"/join/{join}")

    assert "The doors open at 9:45am" in page.text
    assert re.sub(r"\s+", "", "<dt>hours</dt><dd>2</dd>") in re.sub(r"\s+", "", page.text)
    assert "Refresh" not in page.headers
    assert "meet.example.org" not in page.text
    assert posted.status_code == 409


def test_joining_records_attendance_and_goes_on(
    client: FlaskClient, slug: str, unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    send(client, slug)
    _, join = tokens(unit, site)
    clock.move_to(STARTS - timedelta(minutes=15))

    page = client.get(f"/join/{join}")
    assert "Join now" in page.text
    with unit() as session:
        assert session.scalars(select(Booking.joined_at)).one() is None, "looking changes nothing"
    answer = client.post(f"/join/{join}")

    assert answer.status_code == 200
    assert answer.headers["Refresh"] == "1; url=https://meet.example.org/room"
    assert 'href="https://meet.example.org/room"' in answer.text
    with unit() as session:
        assert session.scalars(select(Booking.attendance)).one().value == "attended"


def test_afterwards_the_join_link_leads_to_recording_and_comments_by_the_pass(
    client: FlaskClient, slug: str, unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    send(client, slug)
    send(client, slug, email="dev@example.org")
    clock.move_to(STARTS + timedelta(hours=1))
    with unit() as session:
        event_id = session.scalars(select(Event.id)).one()
        set_recording(event_id, recording_url="https://video.example.org/1", at=NOW, actor=None)

    pages = [
        client.get(f"/join/{tokens(unit, site, email)[1]}").text for email in ("cleo@example.org", "dev@example.org")
    ]

    passes = [re.findall(r"/events/lunch/comments/\?pass=([\w-]+)", page) for page in pages]
    assert passes[0] == passes[1] != [], "the same for everybody"
    assert "https://video.example.org/1" in pages[0]
    assert client.post(f"/join/{tokens(unit, site)[1]}").status_code == 409
    comments = client.get(f"/events/lunch/comments/?pass={passes[0][0]}")
    assert comments.status_code == 200
    assert "<textarea" in comments.text


def test_a_cancelled_place_does_not_lead_in(
    client: FlaskClient, slug: str, unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    send(client, slug)
    manage, join = tokens(unit, site)
    client.post(f"/bookings/{manage}/cancel")
    clock.move_to(STARTS)

    assert "Your place was given back" in client.get(f"/join/{join}").text
    assert client.post(f"/join/{join}").status_code == 409
