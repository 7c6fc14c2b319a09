"""One booking on the desk: its page, added by hand, removed by hand."""

import re
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings import describing
from engage.bookings.enums import Freed
from engage.bookings.models import Booking
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place
from engage.edge import context
from engage.kernel import clock
from tests.conftest import SentMail
from tests.factories import make_booking, make_event
from tests.web.organiser.conftest import Send

Unit = Callable[[], AbstractContextManager[Session]]
LIST = "/organise/events/lunch/bookings"
ADD = LIST + "/add"
NIA = {"name": "Nia Rees", "email": "nia@example.org", "organisation": "Meadow Group", "places": "1"}


@pytest.fixture
def lunch(unit: Unit) -> None:
    with unit():
        make_booking(make_event(slug="lunch", capacity=2), "ana@example.org", name="Ana")


def path_of(unit: Unit, email: str) -> str:
    with unit() as session:
        booking = session.scalars(select(Booking).where(Booking.email_normalised == email)).one()
        return f"{LIST}/{booking.reference}"


@pytest.mark.usefixtures("lunch")
def test_adding_somebody_leads_to_their_booking_which_says_who_added_them(
    asha: FlaskClient, send: Send, unit: Unit
) -> None:
    answer = send(ADD, **NIA)
    assert (answer.status_code, answer.headers["Location"]) == (303, path_of(unit, "nia@example.org"))
    page = asha.get(answer.headers["Location"]).text
    assert "The booking is made, and the invitation is on its way." in page
    for words in ("Nia Rees", "nia@example.org", "Meadow Group", "added by an organiser", "By Asha Okafor"):
        assert words in page


@pytest.mark.usefixtures("lunch")
def test_a_known_address_is_said_with_its_reference_and_nothing_typed_is_lost(send: Send, unit: Unit) -> None:
    answer = send(ADD, **{**NIA, "email": "ana@example.org"})
    assert answer.status_code == 409
    assert path_of(unit, "ana@example.org").rpartition("/")[2] in answer.text
    assert 'value="Nia Rees"' in answer.text


@pytest.mark.usefixtures("lunch")
def test_a_full_event_asks_whether_to_wait_and_does_what_is_said(asha: FlaskClient, send: Send, unit: Unit) -> None:
    assert 'name="wait"' not in asha.get(ADD).text
    full = send(ADD, **{**NIA, "places": "2"})
    assert full.status_code == 409
    assert "Places asked for: 2. Places free: 1." in full.text
    assert 'name="wait"' in full.text
    with unit() as session:
        assert len(session.scalars(select(Booking)).all()) == 1
    waits = send(ADD, **{**NIA, "places": "2", "wait": "yes"})
    assert waits.status_code == 303
    page = asha.get(waits.headers["Location"]).text
    assert "They are on the waiting list" in page
    assert "Nobody has waited longer" in page


@pytest.mark.usefixtures("lunch")
@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"email": "no address"}, {"email": ""}, {"places": "6"}, {"places": "x"}, {"places": "0"}]
)
def test_a_form_that_is_wrong_comes_back_filled_and_books_nobody(send: Send, unit: Unit, wrong: dict[str, str]) -> None:
    answer = send(ADD, **{**NIA, **wrong})
    assert answer.status_code == 422
    assert 'value="Meadow Group"' in answer.text
    with unit() as session:
        assert len(session.scalars(select(Booking)).all()) == 1


@pytest.mark.usefixtures("lunch")
def test_sent_twice_it_is_one_booking_and_one_mail(send: Send, outbox: Callable[[], list[SentMail]]) -> None:
    """R8."""
    assert send(ADD, **NIA).status_code == 303
    assert send(ADD, **NIA).status_code == 409
    assert [mail.to for mail in outbox()].count("nia@example.org") == 1


@pytest.mark.usefixtures("lunch")
def test_removing_asks_first_then_tells_and_says_what_happened(
    asha: FlaskClient, send: Send, unit: Unit, outbox: Callable[[], list[SentMail]]
) -> None:
    path = path_of(unit, "ana@example.org")
    asked = asha.get(path + "/remove").text
    assert "This cannot be taken back" in asked
    assert "goes to the waiting list at once" in asked
    answer = send(path + "/remove", message="By telephone.")
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    page = asha.get(path).text
    assert "Removed by an organiser." in page
    assert "Remove this booking…" not in page
    assert [mail.kind for mail in outbox()] == ["invitation", "booking_cancelled"]
    again = send(path + "/remove", to=path + "/remove", message="")
    assert again.status_code in {303, 403}
    assert len(outbox()) == 2


@pytest.mark.usefixtures("lunch")
def test_the_page_shows_guests_mails_and_history_but_nobody_else_s(asha: FlaskClient, unit: Unit) -> None:
    with unit() as session:
        event_id = session.scalars(select(Booking)).one().event_id
        make_event(slug="other")
        book_place(
            event_id,
            PlaceRequest("Ben", "ben@example.org", "en", guests=(), places=1),
            site=context.site(),
            at=clock.now(),
        )
    page = asha.get(path_of(unit, "ben@example.org")).text
    assert "Booked on the site." in page
    assert ">Invitation<" in page
    assert "Waits to be sent" in page
    assert "ana@example.org" not in page
    reference = path_of(unit, "ben@example.org").rpartition("/")[2]
    assert asha.get(f"/organise/events/other/bookings/{reference}").status_code == 404
    assert asha.get(f"{LIST}/NO-SUCH").status_code == 404


def test_guests_stand_on_the_page_with_what_is_known_of_them(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        event = make_event(slug="lunch")
        request = PlaceRequest("Ben", "ben@example.org", "en", places=3, guests=(GuestRequest("Gwen"),))
        book_place(event.id, request, site=context.site(), at=clock.now())
    page = asha.get(path_of(unit, "ben@example.org")).text
    assert "Gwen" in page
    assert "No name given yet" in page
    assert "2 guests" in page


def test_a_move_up_says_why(asha: FlaskClient, unit: Unit) -> None:
    entry = AuditEntry(
        id=uuid.uuid4(), act="system:booking:promote", after={"because": "cancelled"}, object="", at=clock.now()
    )
    assert describing.what_happened(entry) == "Moved up from the waiting list."
    assert describing.why(entry) == "A booking was cancelled."
    assert set(describing.BECAUSE) == set(Freed)


def test_every_act_on_a_booking_has_words() -> None:
    root = Path(describing.__file__).parents[1]
    acts = {act for path in root.rglob("*.py") for act in re.findall(r'"(\w+:booking:[\w-]+)"', path.read_text())}
    assert acts - set(describing.HAPPENED) == set()
