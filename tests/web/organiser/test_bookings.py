"""The bookings of an event, and the file for a spreadsheet."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.accounts.models import Person
from engage.audit.models import AuditEntry
from engage.bookings.enums import Attendance, BookingQuestionKind
from engage.bookings.lists import PAGE_LENGTH
from engage.bookings.models import Booking, BookingAnswer, BookingQuestion
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.edge import context
from engage.kernel import clock
from tests.factories import hidden, make_booking, make_event
from tests.queries import statements_sent

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
            "web",
            "",
        ]
    answer = asha.get(FILE)
    assert answer.text.startswith(
        "reference,name,email,organisation,places,status,booked_at,attendance,source,guests\r\n"
    )
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
    with unit():
        booking = make_booking(make_event(slug="lunch"), name="Cleo", organisation="Tŷ Sampl")
        booking.name = booking.organisation = name
    assert all(not cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) for cell in rows_of(asha)[1])


def test_taking_the_file_is_noted_with_who_took_how_many(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        event = make_event(slug="lunch")
        make_booking(event, email="cleo@example.org")
        event_id = event.id
    asha.get(FILE)
    with unit() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:bookings:export")).one()
        person = session.scalars(select(Person)).one()
        assert (entry.object, entry.actor, entry.after) == (
            f"event:{event_id}",
            person.id,
            {"bookings": 1, "as": "csv"},
        )


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
    assert "Waiting list: 2" in page
    assert page.count("On the waiting list") == 2
    assert "places waited for" in page
    assert "people waiting for a place" in asha.get("/organise/events/lunch/").text


def find(client: FlaskClient, words: str) -> str:
    return client.post(LIST, data={**hidden(client.get(LIST)), "search": words}).text


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("EIRA", ["Eira Ŵyn"]),
        ("ŵYN", ["Eira Ŵyn"]),
        ("meadow", ["Eira Ŵyn"]),
        ("ben@exa", ["Ben 100%"]),
        ("100%", ["Ben 100%"]),
        ("%", ["Ben 100%"]),
        ("_", []),
        ("nobody at all", []),
        ("  ", ["Ben 100%", "Eira Ŵyn"]),
        ("-", []),
    ],
)
def test_a_booking_is_found_by_part_of_its_words_in_any_letters(
    asha: FlaskClient, unit: Unit, words: str, found: list[str]
) -> None:
    with unit():
        event = make_event(slug="lunch")
        make_booking(event, "eira@example.org", name="Eira Ŵyn", organisation="Meadow Group")
        make_booking(event, "ben@example.org", name="Ben 100%", organisation="")
    page = find(asha, words)
    assert [name for name in ("Ben 100%", "Eira Ŵyn") if f">{name}</a></h2>" in page] == found


def test_a_booking_is_found_by_its_reference_and_by_a_guest(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        event = make_event(slug="lunch")
        reference = make_booking(event, "eira@example.org", name="Eira").reference
        guest = GuestRequest("Gwen Guest", "gwen@example.org")
        request = PlaceRequest("Ben", "ben@example.org", "en", places=2, guests=(guest,))
        book_place(event.id, request, site=context.site(), at=clock.now())
    for words in (reference, reference.lower().replace("-", ""), reference[:6]):
        assert ">Eira</a></h2>" in find(asha, words)
        assert ">Ben</a></h2>" not in find(asha, words)
    for words in ("gwen g", "gwen@example"):
        assert ">Ben</a></h2>" in find(asha, words)
        assert ">Eira</a></h2>" not in find(asha, words)


def test_what_is_looked_for_stands_in_no_address(asha: FlaskClient, unit: Unit) -> None:
    """P21: a name or an address in a query would be kept in histories and logs."""
    with unit():
        make_booking(make_event(slug="lunch"), "eira@example.org", name="Eira")
    page = asha.get(LIST)
    assert 'method="post"' in page.text
    assert "No bookings yet" not in asha.get(LIST, query_string={"search": "nobody"}).text


def test_each_view_holds_its_own_bookings_with_their_number(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        event = make_event(slug="lunch", capacity=2)
        for name in ("ana", "ben"):
            make_booking(event, f"{name}@example.org", name=name)
        for name in ("cat", "dan"):
            book_place(event.id, PlaceRequest(name, f"{name}@example.org", "en"), site=context.site(), at=clock.now())
    with unit() as session:
        ben = session.scalars(select(Booking).where(Booking.name == "ben")).one()
        cancel_booking(ben.id, site=context.site(), at=clock.now())
    with unit() as session:
        ana = session.scalars(select(Booking).where(Booking.name == "ana")).one()
        ana.attendance = Attendance.MISSED
    expected = {
        "all": ["ana", "ben", "cat", "dan"],
        "confirmed": ["ana", "cat"],
        "waiting": ["dan"],
        "ended": ["ben"],
        "missed": ["ana"],
        "nonsense": ["ana", "ben", "cat", "dan"],
    }
    for view, names in expected.items():
        page = asha.get(LIST, query_string={"view": view}).text
        assert [name for name in ("ana", "ben", "cat", "dan") if f">{name}</a></h2>" in page] == names, view
    for words in ("All: 4", "Confirmed: 2", "Waiting list: 1", "Ended: 1", "Did not come: 1"):
        assert words in page


def test_the_list_asks_as_often_for_one_booking_as_for_a_thousand(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        event = make_event(slug="lunch", capacity=2000)
        make_booking(event, "first@example.org")
        event_id = event.id
    asha.get(LIST)
    with statements_sent() as few:
        asha.get(LIST)
    with unit() as session:
        session.add_all(
            Booking(
                reference=f"X{number}",
                event_id=event_id,
                email_normalised=f"p{number}@example.org",
                name="P",
                created_at=clock.now(),
            )
            for number in range(1000)
        )
    with statements_sent() as many:
        page = asha.get(LIST).text
    assert "Page 1 of 21" in page
    assert len(many) == len(few) <= 9


def test_the_workbook_has_the_same_rows_with_dates_of_the_event_s_own_zone(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        booking = make_booking(make_event(slug="lunch", timezone="Asia/Kolkata"), name="=1+1", organisation="Ŵyn")
        reference, created_at = booking.reference, booking.created_at
    answer = asha.get(LIST + ".xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    head = ["booked_at (Asia/Kolkata)" if name == "booked_at" else name for name in rows_of(asha)[0]]
    assert ([cell.value for cell in sheet[1]], sheet.title) == (head, "Bookings")
    local = (created_at + timedelta(hours=5, minutes=30)).replace(tzinfo=None)
    expected = [reference, "'=1+1", "cleo@example.org", "Ŵyn", 1, "confirmed", local, "unknown", "web", None]
    assert [cell.value for cell in sheet[2]] == expected
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lunch-bookings.xlsx"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_own_questions_have_a_column_each_in_their_order(asha: FlaskClient, unit: Unit) -> None:
    with unit() as session:
        event = make_event(slug="lunch")
        booking = make_booking(event)
        make_booking(event, "silent@example.org")
        kind = BookingQuestionKind.TEXT
        second = BookingQuestion(event_id=event.id, position=2, kind=kind, text="=Lunch?", options=[])
        first = BookingQuestion(event_id=event.id, position=1, kind=kind, text="Your role", options=[])
        session.add_all([second, first])
        session.flush()
        session.add(BookingAnswer(booking_id=booking.id, question_id=second.id, body="+Soup"))
    head, *rows = rows_of(asha)
    assert head[10:] == ["Your role", "'=Lunch?"]
    assert sorted(row[10:] for row in rows) == [["", ""], ["", "'+Soup"]]


def test_the_files_name_the_guests_who_come_and_say_how_a_booking_came(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        event = make_event(slug="lunch")
        guests = (GuestRequest("Gwen"), GuestRequest(None, "hugo@example.org"))
        request = PlaceRequest("Ana", "ana@example.org", "en", places=3, guests=guests)
        book_place(event.id, request, site=context.site(), at=clock.now())
    assert rows_of(asha)[1][8:] == ["web", "Gwen; hugo@example.org"]


def test_the_printed_list_holds_people_by_name_with_their_guests_and_a_box_for_each_place(
    asha: FlaskClient, unit: Unit
) -> None:
    with unit():
        event = make_event(slug="lunch", capacity=4)
        make_booking(event, "zoe@example.org", name="zoe Last", organisation="Sample Ltd")
        request = PlaceRequest("Ana", "ana@example.org", "en", places=3, guests=(GuestRequest("Gwen"),))
        book_place(event.id, request, site=context.site(), at=clock.now())
        late = PlaceRequest("Waits", "w@example.org", "en")
        book_place(event.id, late, site=context.site(), at=clock.now())
    page = asha.get(LIST + "/print").text
    assert page.index("Ana") < page.index("Gwen") < page.index("zoe Last")
    assert page.count("<i>&nbsp;</i>") == 4
    assert "Bookings: 2. Places: 4." in page
    assert "Waits" not in page
    assert "@example.org" not in page.partition("<table")[2]


@pytest.mark.parametrize(("page", "kind"), [(".csv", "csv"), (".xlsx", "xlsx"), ("/print", "print")])
def test_whoever_takes_a_list_away_is_noted(asha: FlaskClient, unit: Unit, page: str, kind: str) -> None:
    """S37, and without a name of anybody who booked."""
    with unit():
        make_booking(make_event(slug="lunch"))
    asha.get(LIST + page)
    with unit() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:bookings:export")).all()
        assert [entry.after for entry in entries] == [{"bookings": 1, "as": kind}]
