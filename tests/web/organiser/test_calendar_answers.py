"""Organisers see what calendars answered, with the words that came: in the list and on a booking's page."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engage.bookings.models import Booking
from tests.factories import make_person, sign_in
from tests.flows.calendars import GWEN, Desk, Unit

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def desk(app: Flask, unit: Unit, client: FlaskClient) -> Desk:
    """An event with four people booked; an organiser is signed in."""
    desk = Desk(app, unit, app.extensions["engage"].site())
    desk.open(capacity=9)
    for name in ("cleo", "dev", "eve"):
        desk.book(f"{name}@example.org")
    desk.book("petra@example.org", places=2, guest=GWEN)
    with unit():
        make_person("asha@example.org", "organiser")
    sign_in(client, "asha@example.org")
    return desk


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_list_says_who_has_it_in_their_calendar_who_may_come_and_in_which_words(
    desk: Desk, client: FlaskClient
) -> None:
    desk.arrives(desk.says(partstat="ACCEPTED"))
    desk.arrives(desk.says("dev@example.org", "TENTATIVE", comment="If my <b>train</b> runs"))
    desk.arrives(desk.says("eve@example.org", "DECLINED"))

    page = client.get("/organise/events/rivers/bookings")

    words = text(page.text)
    assert words.count("In their calendar") == 1
    assert "Perhaps, says their calendar “If my &lt;b&gt;train&lt;/b&gt; runs”" in words
    assert "Declined in their calendar" in words


def test_the_page_of_a_booking_says_what_holder_and_guests_answered_and_what_was_done(
    desk: Desk, client: FlaskClient
) -> None:
    desk.arrives(desk.says("petra@example.org", "TENTATIVE", comment="Perhaps late"))
    desk.arrives(desk.says(GWEN, "ACCEPTED", comment="With joy"))
    desk.arrives(desk.says("petra@example.org", "DECLINED", sender="mallory@evil.example", minutes=7), minutes=7)
    with desk.unit() as session:
        petra = select(Booking.reference).where(Booking.email_normalised == "petra@example.org")
        reference = session.scalars(petra).one()

    words = text(client.get(f"/organise/events/rivers/bookings/{reference}").text)

    assert "Perhaps: “Perhaps late”" in words
    assert "“With joy”" in words
    assert "Their calendar answered. They may come." in words
    assert "Their calendar answered. It is held until they confirm that it is theirs." in words


def test_the_answer_of_a_stranger_is_told_as_that_with_their_address(desk: Desk, client: FlaskClient) -> None:
    """Their calendar did not answer: somebody else did, with an entry that was passed on to them."""
    desk.arrives(
        desk.says("petra@example.org", "DECLINED", sender="mallory@evil.example", attendee="mallory@evil.example")
    )
    with desk.unit() as session:
        petra = select(Booking.reference).where(Booking.email_normalised == "petra@example.org")
        reference = session.scalars(petra).one()

    words = text(client.get(f"/organise/events/rivers/bookings/{reference}").text)

    assert "Somebody else (mallory@evil.example) answered with this booking’s entry. Nothing was done." in words
    assert "Their calendar answered." not in words
