"""Changing a booking, handing it over, finding and erasing it: through HTTP."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.bookings.models import Booking
from engage.bookings.queries import manage_token
from engage.bookings.services import cancel_booking
from engage.kernel.settings import Site
from engage.mail.models import Message
from tests.factories import hidden, make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
CLEO, DAN = "cleo@example.org", "dan@example.org"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def path(unit: Unit, site: Site) -> str:
    """Give the private page of Cleo's booking; Ella has one too."""
    with unit():
        event = make_event(slug="lunch", capacity=3)
        make_booking(event, "ella@example.org", site=site)
        return f"/bookings/{manage_token(make_booking(event, CLEO, site=site), site)}/"


def send(client: FlaskClient, where: str, **typed: str) -> TestResponse:
    return client.post(where, data={**hidden(client.get(where)), **typed})


def same_but_for_keys(answer: TestResponse) -> tuple[int, dict[str, str], str]:
    headers = {name: value for name, value in answer.headers if name.lower() not in {"x-request-id", "date"}}
    return answer.status_code, headers, re.sub(r'name="submission_key"[^>]*>', "", answer.text)


def told(unit: Unit) -> list[tuple[str, str]]:
    with unit() as session:
        return [(each.kind.value, each.to_addr) for each in session.scalars(select(Message).order_by(Message.id))][2:]


def test_the_name_is_changed_and_the_page_says_so(client: FlaskClient, path: str) -> None:
    answer = send(client, path, name="Cleo <b>Bell</b>", organisation="Bus & Co")
    page = client.get(answer.headers["Location"])

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}?done=changed")
    assert "Your details are changed." in page.text
    assert "Cleo &lt;b&gt;Bell&lt;/b&gt;" in page.text
    assert "Bus &amp; Co" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_refused_change_keeps_what_was_typed(client: FlaskClient, path: str, unit: Unit) -> None:
    answer = send(client, path, name="", organisation="Bus Users")

    assert answer.status_code == 422
    assert "Write your name, as we should greet you." in answer.text
    assert 'value="Bus Users"' in answer.text
    assert "<details open>" in answer.text
    with unit() as session:
        assert session.scalars(select(Booking.name).where(Booking.email_normalised == CLEO)).one() == "Cleo Sample"


def test_a_place_handed_over_twice_by_one_form_is_handed_over_once(client: FlaskClient, path: str, unit: Unit) -> None:
    form = {**hidden(client.get(f"{path}hand-over")), "name": "Dan", "email": DAN}
    first, second = (client.post(f"{path}hand-over", data=form) for _ in range(2))

    assert same_but_for_keys(first) == same_but_for_keys(second)
    assert first.headers["Location"] == "/events/lunch/booking-ended?result=handed-over"
    page = client.get(first.headers["Location"]).text
    assert "Your place is handed over" in page
    assert "Dan" not in page
    assert told(unit) == [("booking_cancelled", CLEO), ("invitation", DAN)]
    for old in (path, f"{path}cancel", f"{path}hand-over", f"{path}erase", f"{path}invite.ics"):
        assert client.get(old).status_code == 404
    assert client.post(f"{path}hand-over", data={**form, "submission_key": "x"}).status_code == 404


def test_handing_over_tells_nothing_about_an_address(client: FlaskClient, path: str, unit: Unit, site: Site) -> None:
    with unit() as session:
        event_id = session.scalars(select(Booking.event_id).limit(1)).one()
        booking = session.scalars(select(Booking).where(Booking.email_normalised == "ella@example.org")).one()
        assert booking.event_id == event_id
        other = f"/bookings/{manage_token(booking, site)}/hand-over"
    new = send(client, f"{path}hand-over", name="Dan", email=DAN)
    known = send(client, other, name="Dan", email=DAN)

    assert same_but_for_keys(new) == same_but_for_keys(known)
    assert told(unit)[2:] == [("booking_cancelled", "ella@example.org"), ("already_booked", DAN)]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "", "email": DAN}, "Write their name"),
        ({"name": "Dan", "email": ""}, "Write their e-mail address"),
        ({"name": "Dan", "email": "dan"}, "name@example.org"),
        ({"name": "Dan", "email": CLEO}, "Write somebody else’s."),
        ({"name": "Dan", "email": DAN, "submission_key": "forged"}, "open for too long"),
    ],
)
def test_a_refused_hand_over_keeps_the_place(
    client: FlaskClient, path: str, unit: Unit, typed: dict[str, str], sentence: str
) -> None:
    answer = send(client, f"{path}hand-over", **typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(f'value="{typed[name]}"' in answer.text for name in ("name", "email") if typed[name])
    assert told(unit) == []


def test_known_and_unknown_addresses_get_the_same_answer(client: FlaskClient, path: str, unit: Unit) -> None:
    assert path
    where = "/find-my-booking"
    known, unknown = send(client, where, email=CLEO), send(client, where, email="stranger@example.org")

    assert same_but_for_keys(known) == same_but_for_keys(unknown)
    assert (known.status_code, known.headers["Location"]) == (303, "/find-my-booking?result=sent")
    assert "a mail is on its way" in client.get(known.headers["Location"]).text
    assert told(unit) == [("already_booked", CLEO)]


def test_a_form_for_finding_sent_twice_makes_one_mail(client: FlaskClient, path: str, unit: Unit) -> None:
    assert path
    form = {**hidden(client.get("/find-my-booking")), "email": CLEO}
    assert [client.post("/find-my-booking", data=form).status_code for _ in range(2)] == [303, 303]
    assert told(unit) == [("already_booked", CLEO)]
    assert send(client, "/find-my-booking", email="cleo").status_code == 422


def test_finding_is_limited_alike_for_every_address(make_app: Callable[..., Flask], path: str) -> None:
    assert path
    client = make_app(LIMITS="find-my-booking=1/min per address").test_client()
    send(client, "/find-my-booking", email=CLEO)
    answers = [send(client, "/find-my-booking", email=email) for email in (CLEO, "stranger@example.org")]

    assert [answer.status_code for answer in answers] == [429, 429]
    assert all("Retry-After" in answer.headers for answer in answers)
    assert 'value="stranger@example.org"' in answers[1].text


def test_details_are_erased_once_the_booking_is_cancelled(
    client: FlaskClient, path: str, unit: Unit, site: Site
) -> None:
    assert client.get(f"{path}erase").status_code == 409
    with unit() as session:
        booking_id = session.scalars(select(Booking.id).where(Booking.email_normalised == CLEO)).one()
        cancel_booking(booking_id, site=site, at=NOW)
    assert "Erase my details" in client.get(path).text
    form = hidden(client.get(f"{path}erase"))
    first, second = (client.post(f"{path}erase", data=form) for _ in range(2))

    assert same_but_for_keys(first) == same_but_for_keys(second)
    assert first.headers["Location"] == "/events/lunch/booking-ended?result=erased"
    assert "Your details are erased" in client.get(first.headers["Location"]).text
    assert client.get(path).status_code == 404
    with unit() as session:
        assert session.scalar(select(func.count(Booking.id)).where(Booking.email_normalised == CLEO)) == 0


def test_the_page_of_a_booking_says_when_the_doors_open_until_the_event_is_over(
    client: FlaskClient, path: str, clock: time_machine.Traveller
) -> None:
    assert "Doors open at" in client.get(path).text
    clock.move_to(datetime(2026, 9, 9, 9, 0, tzinfo=UTC))
    assert "Doors open at" not in client.get(path).text


def test_details_are_erased_once_the_event_is_over(
    client: FlaskClient, path: str, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2026, 9, 9, 9, 0, tzinfo=UTC))

    for change in (path, f"{path}hand-over"):
        assert client.post(change, data={"name": "Dan", "email": DAN}).status_code == 409
    assert send(client, f"{path}erase").status_code == 303
    assert client.get(path).status_code == 404
