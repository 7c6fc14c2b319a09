"""The waiting list on pages: joined by the same form, shown in words, left and accepted by a page and a button."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.models import Booking
from engage.bookings.queries import manage_token
from engage.bookings.services import cancel_booking
from engage.events.models import Event
from engage.kernel.settings import Site
from tests.conftest import SentMail
from tests.factories import hidden, make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("clock")


def join(client: FlaskClient, name: str) -> str:
    """Send the form; returns where it leads."""
    fields = {**hidden(client.get("/events/lunch/book")), "name": name, "email": f"{name}@example.org"}
    return client.post("/events/lunch/book", data=fields).headers["Location"]


def token(unit: Unit, site: Site, name: str) -> str:
    with unit() as session:
        mine = select(Booking).where(Booking.email_normalised == f"{name}@example.org")
        return manage_token(session.scalars(mine).one(), site)


def fill(unit: Unit, site: Site, *, starts_at: datetime | None = None) -> None:
    with unit():
        make_booking(make_event(slug="lunch", capacity=1, starts_at=starts_at), "ana@example.org", site=site)


def free(unit: Unit, site: Site) -> None:
    with unit() as session:
        ana = session.scalars(select(Booking).where(Booking.email_normalised == "ana@example.org")).one()
        cancel_booking(ana.id, site=site, at=NOW)


def press(client: FlaskClient, path: str) -> int:
    return client.post(path, data=hidden(client.get(path))).status_code


def test_a_full_event_says_that_there_is_a_list_before_and_after(client: FlaskClient, unit: Unit, site: Site) -> None:
    fill(unit, site)
    for path in ("/events/lunch/", "/events/lunch/book", "/"):
        page = client.get(path).text
        assert "Join the waiting list" in page
        assert "Book a place" not in page

    assert join(client, "ben") == "/events/lunch/booked?result=waiting"
    after = client.get("/events/lunch/booked?result=waiting").text
    assert "You’re on the waiting list" in after
    assert "ben" not in after


def test_a_closed_list_is_not_offered(client: FlaskClient, unit: Unit, site: Site) -> None:
    fill(unit, site)
    with unit() as session:
        session.scalars(select(Event)).one().waiting_list = False
    for path in ("/events/lunch/", "/events/lunch/book", "/"):
        assert "waiting list" not in client.get(path).text


def test_the_form_sent_again_says_again_that_somebody_waits(client: FlaskClient, unit: Unit, site: Site) -> None:
    fill(unit, site)
    fields = {**hidden(client.get("/events/lunch/book")), "name": "Ben", "email": "ben@example.org"}
    first, second = (client.post("/events/lunch/book", data=fields) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] == "/events/lunch/booked?result=waiting"
    with unit() as session:
        assert len(session.scalars(select(Booking)).all()) == 2


def test_the_private_page_tells_the_turn_in_words_and_leaves_the_list(
    client: FlaskClient, unit: Unit, site: Site
) -> None:
    fill(unit, site)
    for name in ("ben", "cleo"):
        join(client, name)
    cleo = token(unit, site, "cleo")
    assert "You are first in the queue." in client.get(f"/bookings/{token(unit, site, 'ben')}/").text
    assert "You are number 2 in the queue." in client.get(f"/bookings/{cleo}/").text

    asked = client.get(f"/waiting/{cleo}/leave")
    assert "Leave the waiting list?" in asked.text
    assert asked.headers["Cache-Control"] == "no-store"
    assert "You are number 2 in the queue." in client.get(f"/bookings/{cleo}/").text, "opening the page changed nothing"
    assert press(client, f"/waiting/{cleo}/leave") == 303
    assert "You have left the waiting list" in client.get(f"/bookings/{cleo}/").text
    assert client.post(f"/waiting/{cleo}/leave").status_code == 200, "a second time changes nothing"
    assert client.get("/waiting/forged/leave").status_code == client.get("/waiting/forged/accept").status_code == 404


def test_an_offer_is_taken_by_its_link(
    client: FlaskClient, unit: Unit, site: Site, worker: Callable[..., int], outbox: Callable[[], list[SentMail]]
) -> None:
    fill(unit, site, starts_at=NOW + timedelta(hours=10))
    join(client, "ben")
    free(unit, site)
    ben = token(unit, site, "ben")
    worker()
    mails = {mail.kind: mail.mail for mail in outbox() if mail.to == "ben@example.org"}
    offer = mails["offer"]
    assert offer is not None
    text = offer.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"http://localhost/waiting/{ben}/accept" in text
    assert "until midday (UK time) on Tuesday 1 September 2026" in text
    assert not list(offer.iter_attachments())
    assert mails["waiting"] is not None
    assert "text/calendar" not in [part.get_content_type() for part in mails["waiting"].walk()]

    assert "until midday on Tuesday 1 September 2026" in client.get(f"/bookings/{ben}/").text
    assert "Take the place?" in client.get(f"/waiting/{ben}/accept").text
    assert press(client, f"/waiting/{ben}/accept") == 303
    assert "1 place, confirmed" in client.get(f"/bookings/{ben}/").text
    refused = client.post(f"/waiting/{ben}/leave")
    assert refused.status_code == 409
    assert "A place came free for you in the meantime" in refused.text


def test_an_offer_whose_time_is_up_is_refused(client: FlaskClient, unit: Unit, site: Site, worker: object) -> None:
    fill(unit, site, starts_at=NOW + timedelta(hours=10))
    join(client, "ben")
    free(unit, site)
    ben = token(unit, site, "ben")
    with unit() as session:
        session.scalars(select(Booking).where(Booking.status == "offered")).one().offer_expires_at = NOW
    refused = client.post(f"/waiting/{ben}/accept")
    assert refused.status_code == 409
    assert "no longer kept for you" in refused.text


def test_who_moves_up_reads_that_a_place_came_free(
    client: FlaskClient, unit: Unit, site: Site, worker: Callable[..., int], outbox: Callable[[], list[SentMail]]
) -> None:
    fill(unit, site)
    join(client, "ben")
    free(unit, site)
    worker()
    invitation = next(mail.mail for mail in outbox() if mail.to == "ben@example.org" and mail.kind == "invitation")
    assert invitation is not None
    text = invitation.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "A place came free, and it is yours." in text
    assert "text/calendar" in [part.get_content_type() for part in invitation.walk()]
    assert "1 place, confirmed" in client.get(f"/bookings/{token(unit, site, 'ben')}/").text
