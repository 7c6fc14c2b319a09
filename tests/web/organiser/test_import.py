"""The pages of an import: a look at every row, then the button that does it."""

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.bookings.models import Booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place
from engage.edge import context
from engage.events.queries import get_event
from engage.kernel import clock
from tests.conftest import SentMail
from tests.factories import hidden, make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
IMPORT = "/organise/events/lunch/bookings/import"
TABLE = b"name,email,organisation,places\nNia,nia@example.org,Meadow Group,2\nAna,ana@example.org,,1\nBad,nobody,,1\n"


@pytest.fixture(autouse=True)
def lunch(unit: Unit) -> None:
    with unit():
        make_booking(make_event(slug="lunch", capacity=4), "ana@example.org", name="Ana")


def look_at(asha: FlaskClient, table: bytes) -> TestResponse:
    fields = {**hidden(asha.get(IMPORT)), "file": (io.BytesIO(table), "people.csv")}
    return asha.post(IMPORT, data=fields, content_type="multipart/form-data")


def addresses(unit: Unit) -> list[str]:
    with unit() as session:
        return sorted(session.scalars(select(Booking.email_normalised)))


def test_a_look_shows_each_row_and_books_nobody(
    asha: FlaskClient, unit: Unit, outbox: Callable[[], list[SentMail]]
) -> None:
    page = look_at(asha, TABLE)
    assert page.status_code == 200
    for words in ("Nia", "Would be booked", "Is booked or waiting already", "Is no e-mail address", "Line 4"):
        assert words in page.text
    assert "Book for one person and send the invitation" in page.text
    assert addresses(unit) == ["ana@example.org"]
    assert len(outbox()) == 1


def test_the_button_does_it_once(asha: FlaskClient, unit: Unit, outbox: Callable[[], list[SentMail]]) -> None:
    """R6, R8: sent twice it is done once, and both answers say the same."""
    fields = hidden(look_at(asha, TABLE))
    answers = [asha.post(IMPORT, data=fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == "/organise/events/lunch/bookings"
    assert "One booking is made, and the invitation is on its way." in asha.get(answers[0].headers["Location"]).text
    assert addresses(unit) == ["ana@example.org", "nia@example.org"]
    assert [mail.to for mail in outbox()] == ["ana@example.org", "nia@example.org"]


def test_rows_that_changed_meanwhile_are_shown_again_and_nobody_is_booked(asha: FlaskClient, unit: Unit) -> None:
    fields = hidden(look_at(asha, TABLE))
    with unit():
        event_id = get_event("lunch").id
        book_place(event_id, PlaceRequest("Q", "q@example.org", "en", places=2), site=context.site(), at=clock.now())
    page = asha.post(IMPORT, data=fields)
    assert page.status_code == 409
    assert "Bookings have changed since you looked" in page.text
    assert "Would not fit" in page.text
    assert addresses(unit) == ["ana@example.org", "q@example.org"]


def test_what_nobody_was_shown_is_looked_at_first(asha: FlaskClient, unit: Unit) -> None:
    page = asha.post(IMPORT, data={**hidden(look_at(asha, TABLE)), "seen": ""})
    assert page.status_code == 200
    assert "Would be booked" in page.text
    assert addresses(unit) == ["ana@example.org"]


@pytest.mark.parametrize("field", ["packed", "seen"])
@pytest.mark.parametrize("worth", ["x", "eJwDAAAAAAE=", "AAAA", "é"])
def test_a_form_that_was_changed_books_nobody(asha: FlaskClient, unit: Unit, field: str, worth: str) -> None:
    answer = asha.post(IMPORT, data={**hidden(look_at(asha, TABLE)), field: worth})
    assert answer.status_code in {409, 422}
    assert addresses(unit) == ["ana@example.org"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (b"", "Choose a file"),
        (b"name,email\n", "Below the row of headings the file holds nobody"),
        (b"just words", "The first row must name the columns"),
        (b"PK\x03\x04", "This is a workbook"),
        (b'name,email\n"Nia,nia@example.org\n', "A quotation mark"),
    ],
)
def test_a_file_that_is_no_table_is_refused_beside_its_field(asha: FlaskClient, table: bytes, words: str) -> None:
    page = look_at(asha, table)
    assert page.status_code == 422
    assert re.search(rf'class="field-error">[^<]*{words}', page.text)


def test_nobody_to_book_has_no_button(asha: FlaskClient) -> None:
    page = look_at(asha, b"name,email\nAna,ana@example.org\n")
    assert page.status_code == 200
    assert "Nobody can be booked" in page.text
    assert "send the invitation" not in page.text


def test_words_of_the_table_are_words(asha: FlaskClient) -> None:
    page = look_at(asha, b"name,email\n<script>x</script>,nia@example.org\n").text
    assert "&lt;script&gt;" in page
    assert "<script>x" not in page


def test_an_event_that_takes_no_bookings_says_so(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        make_event(slug="draft", published=False)
    here = IMPORT.replace("lunch", "draft")
    fields = {**hidden(asha.get(here)), "file": (io.BytesIO(TABLE), "people.csv")}
    assert asha.post(here, data=fields, content_type="multipart/form-data").status_code == 409


def test_an_exported_list_can_be_imported_elsewhere(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        make_event(slug="supper", capacity=5)
    table = asha.get("/organise/events/lunch/bookings.csv").data
    here = IMPORT.replace("lunch", "supper")
    fields = {**hidden(asha.get(here)), "file": (io.BytesIO(table), "lunch.csv")}
    rows = asha.post(here, data=fields, content_type="multipart/form-data")
    assert asha.post(here, data=hidden(rows)).status_code == 303
    with unit() as session:
        event_id = get_event("supper").id
        assert session.scalar(select(func.count(Booking.id)).where(Booking.event_id == event_id)) == 1
