"""The bookings of an event, and the file for a spreadsheet."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.accounts.models import Person
from engage.audit.models import AuditEntry
from engage.bookings.models import Booking
from engage.bookings.reports import PAGE_LENGTH, csv_rows
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place
from engage.edge import context
from engage.kernel import clock
from tests.factories import make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
LIST = "/organise/events/lunch/bookings"
FILE = LIST + ".csv"


def rows_of(client: FlaskClient) -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(FILE).text, newline=""), strict=True))


def test_the_file_has_the_agreed_columns_and_a_row_for_each_booking(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        booking = make_booking(
            make_event(slug="lunch"), name="Cleo, “C”", email="cleo@example.org", organisation='Say "hi"'
        )
        expected = [
            booking.reference,
            "Cleo, “C”",
            "cleo@example.org",
            'Say "hi"',
            "1",
            "confirmed",
            booking.created_at.isoformat(),
            "unknown",
        ]
    answer = asha.get(FILE)
    assert answer.text.startswith("reference,name,email,organisation,places,status,booked_at,attendance\r\n")
    assert answer.text.endswith("\r\n")
    assert rows_of(asha)[1:] == [expected]
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lunch-bookings.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("https://evil.example","x")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\x00=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        " =1",
        "\u200b=1",
        "\u00a0=1",
        "\ufeff=1",
        "=cmd|' /C calc'!A0",
    ],
)
def test_no_cell_is_a_formula(asha: FlaskClient, unit: Unit, name: str) -> None:
    with unit() as session:
        booking = make_booking(make_event(slug="lunch"), name="Cleo", organisation="Tŷ Sampl")
        session.flush()
        rows = list(csv_rows([Booking(**{**_columns(booking), "name": name, "organisation": name})]))
        if "\x00" not in name:  # PostgreSQL stores none
            booking.name = booking.organisation = name
    assert all(not cell.lstrip(" \u00a0\u200b\ufeff\x00").startswith(tuple("=+-@\t\r\n＝＋－＠")) for cell in rows[1])
    assert all(not cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) for cell in rows_of(asha)[1])


def _columns(booking: Booking) -> dict[str, object]:
    return {column.key: getattr(booking, column.key) for column in Booking.__table__.columns}


def test_taking_the_file_is_noted_with_who_took_how_many(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        event = make_event(slug="lunch")
        make_booking(event, email="cleo@example.org")
        event_id = event.id
    asha.get(FILE)
    with unit() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:bookings:export")).one()
        person = session.scalars(select(Person)).one()
        assert (entry.object, entry.actor, entry.after) == (f"event:{event_id}", person.id, {"bookings": 1})


def test_the_list_has_pages_in_the_order_of_booking(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        event = make_event(slug="lunch", capacity=100)
        for number in range(PAGE_LENGTH + 1):
            make_booking(event, email=f"person{number}@example.org")
    first, second = asha.get(LIST).text, asha.get(LIST + "?page=2").text
    assert (first.count("@example.org</p>"), second.count("@example.org</p>")) == (PAGE_LENGTH, 1)
    assert "Page 2 of 2" in second
    for odd in ("0", "-1", "x", "３", "9" * 40, "99999"):
        assert asha.get(LIST, query_string={"page": odd}).status_code == 200


def test_the_list_shows_people_s_words_as_words(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        make_booking(make_event(slug="lunch"), name="<script>x</script>", email="cleo@example.org")
    page = asha.get(LIST).text
    assert "&lt;script&gt;" in page
    assert "<script>x" not in page


def test_an_event_without_bookings_says_what_will_be_there(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        make_event(slug="lunch")
    assert "No bookings yet" in asha.get(LIST).text
    assert len(rows_of(asha)) == 1


def test_the_list_and_the_file_say_who_waits_and_who_has_an_offer(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        event = make_event(slug="lunch", capacity=1)
        make_booking(event, "ana@example.org")
        for name in ("ben", "dan"):
            email = f"{name}@example.org"
            book_place(
                event.id,
                PlaceRequest(name=name, email=email, locale="en"),
                site=context.site(),
                at=clock.now(),
            )
    assert sorted(row[5] for row in rows_of(asha)[1:]) == ["confirmed", "waiting", "waiting"]
    page = asha.get(LIST).text
    assert "Waiting list: 2 waiting, 0 with an offer to answer." in page
    assert page.count("On the waiting list") == 2
    assert "people waiting for a place" in asha.get("/organise/events/lunch/").text
