"""The certificate behind a booking's private link: the file, the page that says the same, and when it comes."""

import io
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pypdf
import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.attendance import count_rest_as_missed, set_by_hand
from engage.bookings.enums import Verdict
from engage.bookings.guest_queries import guest_join_token, guest_token
from engage.bookings.models import Guest
from engage.bookings.queries import join_token, manage_token
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place
from engage.drawing import libraries
from engage.edge import context
from engage.kernel import clock as the_clock
from tests.conftest import TEST_BEGINS
from tests.factories import make_booking, make_event
from tests.pages import faults

Unit = Callable[[], AbstractContextManager[Session]]
Worker = Callable[..., int]
STARTS = TEST_BEGINS + timedelta(days=1)
AFTER = STARTS + timedelta(hours=2)


@pytest.fixture
def cleo(unit: Unit, clock: time_machine.Traveller) -> dict[str, str]:
    """Give the addresses of Cleo's booking, at an event of tomorrow."""
    with unit():
        event = make_event(starts_at=STARTS, slug="lunch")
        booking = make_booking(event, "cleo@example.org", name="Cleo Sample")
        page = f"/bookings/{manage_token(booking, context.site())}/"
        return {
            "page": page,
            "file": page + "certificate.pdf",
            "sheet": page + "certificate",
            "join": f"/bookings/{join_token(booking, context.site())}/certificate.pdf",
            "event": str(event.id),
            "booking": str(booking.id),
        }


def say(unit: Unit, cleo: dict[str, str], verdict: Verdict) -> None:
    with unit():
        set_by_hand(uuid.UUID(cleo["event"]), {uuid.UUID(cleo["booking"]): verdict}, at=the_clock.now(), actor=None)


def test_who_came_gets_a_file_that_no_one_else_stores(
    client: FlaskClient, unit: Unit, worker: Worker, clock: time_machine.Traveller, cleo: dict[str, str]
) -> None:
    """S38."""
    clock.move_to(AFTER)
    say(unit, cleo, Verdict.ATTENDED)
    worker()

    answer = client.get(cleo["file"])

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="certificate-of-attendance.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Cleo Sample" in pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    booking = client.get(cleo["page"])
    assert 'href="certificate.pdf"' in booking.text
    sheet = client.get(cleo["sheet"])
    assert (sheet.status_code, faults(sheet)) == (200, [])
    assert "Cleo Sample" in sheet.text


def test_before_it_is_there_the_answer_says_when_it_comes(
    client: FlaskClient, unit: Unit, clock: time_machine.Traveller, cleo: dict[str, str]
) -> None:
    for moment, sentence in (
        (TEST_BEGINS, "Your certificate is made after the event, which ends at 11am on Wednesday 2 September 2026"),
        (AFTER, "Your certificate comes once the organiser has recorded who came."),
    ):
        clock.move_to(moment)
        for address in (cleo["file"], cleo["sheet"]):
            answer = client.get(address)
            assert (answer.status_code, faults(answer)) == (409, [])
            assert sentence in answer.text
            assert answer.headers["Cache-Control"] == "no-store"
    assert "Your certificate comes once the organiser has recorded who came." in client.get(cleo["page"]).text


def test_who_missed_it_is_told_so_and_whom_to_write_to(
    client: FlaskClient, unit: Unit, clock: time_machine.Traveller, cleo: dict[str, str]
) -> None:
    clock.move_to(AFTER)
    with unit():
        count_rest_as_missed(uuid.UUID(cleo["event"]), at=AFTER, actor=None)

    answer = client.get(cleo["file"])

    assert answer.status_code == 409
    assert "our records say that you did not" in answer.text
    assert "engage@example.org" in answer.text


def test_while_it_is_drawn_the_page_to_print_serves(
    client: FlaskClient,
    unit: Unit,
    worker: Worker,
    clock: time_machine.Traveller,
    cleo: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock.move_to(AFTER)
    say(unit, cleo, Verdict.ATTENDED)
    assert "Your certificate is being drawn." in client.get(cleo["file"]).text

    monkeypatch.setattr(libraries, "PACKAGES", {"no-such-library-1.0": "libno-such-1.0-0"})
    worker()

    answer = client.get(cleo["file"])
    assert (answer.status_code, faults(answer)) == (409, [])
    assert 'href="certificate"' in answer.text
    sheet = client.get(cleo["sheet"])
    assert (sheet.status_code, faults(sheet)) == (200, [])
    assert "prints on one sheet" in sheet.text


def test_a_guest_has_theirs_by_their_own_link(
    client: FlaskClient, unit: Unit, worker: Worker, clock: time_machine.Traveller, cleo: dict[str, str]
) -> None:
    with unit() as session:
        request = PlaceRequest(
            name="Fay", email="fay@example.org", locale="en", places=2, guests=(GuestRequest("Gus", "gus@example.org"),)
        )
        book_place(uuid.UUID(cleo["event"]), request, site=context.site(), at=the_clock.now())
        guest = session.scalars(select(Guest)).one()
        page = f"/guests/{guest_token(guest, context.site())}"
        join = f"/join/{guest_join_token(guest, context.site())}"
    clock.move_to(STARTS)
    client.post(join)
    assert client.get(page + "/certificate.pdf").status_code == 409
    clock.move_to(AFTER)
    worker()

    answer = client.get(page + "/certificate.pdf")

    assert answer.status_code == 200
    assert "Gus" in pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert 'href="certificate.pdf"' in client.get(page + "/").text
    assert faults(client.get(page + "/certificate")) == []


def test_only_the_booking_s_own_link_opens_it(client: FlaskClient, cleo: dict[str, str]) -> None:
    """S12."""
    for address in (cleo["join"], "/bookings/" + "A" * 48 + "/certificate.pdf"):
        assert client.get(address).status_code == 404
