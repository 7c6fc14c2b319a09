"""The page of who came, and the report of a meeting tool: looked at first, then stored."""

import io
import re
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.bookings.enums import Attendance, AttendanceSource
from engage.bookings.models import Booking
from engage.bookings.presence import PAGE_LENGTH
from tests.conftest import TEST_BEGINS
from tests.factories import hidden, make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
EVENT = "/organise/events/lunch/"
PAGE, REST, REPORT = EVENT + "attendance", EVENT + "attendance/rest", EVENT + "attendance/report"
STARTS = TEST_BEGINS + timedelta(hours=6)
AFTER = STARTS + timedelta(hours=2)
CSV = b"name,email,minutes\nCleo,cleo@example.org,52\nGuest,guest@example.org,9\niPhone,,30\n"


@pytest.fixture(autouse=True)
def lunch(unit: Unit, clock: time_machine.Traveller, asha: FlaskClient) -> dict[str, uuid.UUID]:
    """Give the bookings of an event that was over two hours ago; Asha is signed in since the morning."""
    with unit():
        event = make_event(slug="lunch", starts_at=STARTS, capacity=100)
        booked = {name: make_booking(event, f"{name}@example.org", name=name.title()).id for name in ("cleo", "dev")}
    clock.move_to(AFTER)
    return booked


def upload(asha: FlaskClient, data: bytes = CSV) -> TestResponse:
    fields = {**hidden(asha.get(REPORT)), "file": (io.BytesIO(data), "report.csv")}
    return asha.post(REPORT, data=fields, content_type="multipart/form-data")


def state(unit: Unit) -> dict[str, tuple[Attendance, AttendanceSource | None, int | None]]:
    with unit() as session:
        return {
            one.name: (one.attendance, one.attendance_source, one.minutes) for one in session.scalars(select(Booking))
        }


def who_came(unit: Unit) -> dict[str, Attendance]:
    return {name: one[0] for name, one in state(unit).items()}


def test_a_page_of_people_is_set_by_one_form(asha: FlaskClient, unit: Unit, lunch: dict[str, uuid.UUID]) -> None:
    fields = hidden(asha.get(PAGE))
    verdicts = {f"verdict-{lunch['cleo']}": "attended", f"verdict-{lunch['dev']}": "missed"}

    answer = asha.post(PAGE, data={**fields, **verdicts})

    assert (answer.status_code, answer.location) == (303, "/organise/events/lunch/attendance?page=1")
    assert "The attendance of 2 people is saved." in asha.get(PAGE).text
    by_hand = AttendanceSource.ORGANISER
    assert state(unit) == {"Cleo": (Attendance.ATTENDED, by_hand, None), "Dev": (Attendance.MISSED, by_hand, None)}


def test_what_somebody_else_said_meanwhile_is_not_undone_by_a_page_that_did_not_show_it(
    asha: FlaskClient, unit: Unit, lunch: dict[str, uuid.UUID]
) -> None:
    """R11."""
    old_page = hidden(asha.get(PAGE))
    asha.post(PAGE, data={**old_page, f"verdict-{lunch['cleo']}": "attended"})

    asha.post(PAGE, data={**old_page, f"verdict-{lunch['cleo']}": "recorded", f"verdict-{lunch['dev']}": "missed"})

    assert [one[0] for one in state(unit).values()] == [Attendance.ATTENDED, Attendance.MISSED]


def test_two_organisers_who_say_different_things_of_one_person_see_both(
    asha: FlaskClient, unit: Unit, lunch: dict[str, uuid.UUID]
) -> None:
    """R11: nobody's word is undone unseen, and no choice is lost."""
    old_page, cleo, dev = hidden(asha.get(PAGE)), f"verdict-{lunch['cleo']}", f"verdict-{lunch['dev']}"
    asha.post(PAGE, data={**old_page, cleo: "attended"})

    refused = asha.post(PAGE, data={**old_page, cleo: "missed", dev: "attended"})

    assert refused.status_code == 409
    assert "Somebody else said meanwhile whether some of these people came." in refused.text
    assert who_came(unit) == {"Cleo": Attendance.ATTENDED, "Dev": Attendance.UNKNOWN}
    assert len(re.findall(r'value="(?:missed|attended)" selected', refused.text)) == 2

    again = asha.post(PAGE, data={**hidden(refused), cleo: "missed", dev: "attended"})

    assert again.status_code == 303
    assert who_came(unit) == {"Cleo": Attendance.MISSED, "Dev": Attendance.ATTENDED}


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict-nobody": "attended"},
        {f"verdict-{uuid.uuid4()}": "perhaps"},
        {f"verdict-{'9' * 5000}": "missed"},
    ],
)
def test_nonsense_is_refused_and_stores_nothing(asha: FlaskClient, unit: Unit, fields: dict[str, str]) -> None:
    answer = asha.post(PAGE, data={**hidden(asha.get(PAGE)), **fields})

    assert answer.status_code == 422
    assert "Choose one of the answers that the form offers" in answer.text
    assert {one[0] for one in state(unit).values()} == {Attendance.UNKNOWN}


def test_a_report_is_looked_at_first_and_then_stored_whole(asha: FlaskClient, unit: Unit) -> None:
    """S47."""
    looked_at = upload(asha)

    assert looked_at.status_code == 200
    for words in ("What the report would do", "Cleo", "52 minutes", "guest@example.org", "There is no e-mail address"):
        assert words in looked_at.text
    assert state(unit)["Cleo"] == (Attendance.UNKNOWN, None, None)

    stored = asha.post(REPORT, data=hidden(looked_at), content_type="multipart/form-data")

    assert stored.status_code == 200
    for words in ("The report is stored", "guest@example.org", "iPhone", "Line 4 of the file"):
        assert words in stored.text
    assert state(unit) == {
        "Cleo": (Attendance.ATTENDED, AttendanceSource.REPORT, 52),
        "Dev": (Attendance.MISSED, AttendanceSource.REPORT, None),
    }
    assert "Did not come" in asha.get(PAGE).text


def test_storing_twice_is_storing_once(asha: FlaskClient, unit: Unit) -> None:
    """R8."""
    fields = hidden(upload(asha))
    answers = [asha.post(REPORT, data=fields).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert state(unit)["Cleo"] == (Attendance.ATTENDED, AttendanceSource.REPORT, 52)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The one that came is empty."),
        (b"PK\x03\x04xyz", "This is a workbook"),
        (b"a,b\n1,2\n", "We found no row of headings"),
        (b"email,minutes\n" * 10_001, "This file is too large"),
    ],
)
def test_a_file_that_is_no_report_is_refused_with_a_sentence(
    asha: FlaskClient, unit: Unit, data: bytes, sentence: str
) -> None:
    answer = upload(asha, data)

    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.mark.parametrize("packed", ["x", "=" * 90, "eJwDAAAAAAE=", "eJzsvQ=="])
def test_bytes_that_nobody_packed_are_refused(asha: FlaskClient, unit: Unit, packed: str) -> None:
    answer = asha.post(REPORT, data={**hidden(asha.get(REPORT)), "packed": packed})

    assert answer.status_code == 422
    assert state(unit)["Cleo"] == (Attendance.UNKNOWN, None, None)


def test_a_report_in_which_nobody_is_known_offers_nothing_to_store(asha: FlaskClient) -> None:
    page = upload(asha, b"email,minutes\nguest@example.org,9\n")

    assert "Nobody in this report has a place" in page.text
    assert "packed" not in page.text


def test_words_of_a_file_are_shown_as_words(asha: FlaskClient) -> None:
    page = upload(asha, b"name,email,minutes\n<script>x</script>,g@example.org,9\n<b>y</b>,<i>,1\n").text

    assert "&lt;script&gt;" in page
    assert "<script>x" not in page
    assert "<i>" not in page


def test_the_rest_is_counted_by_a_button(asha: FlaskClient, unit: Unit) -> None:
    page = asha.get(PAGE)
    assert "Count all 2 who are left as missed" in page.text

    answer = asha.post(REST, data={"csrf_token": hidden(page)["csrf_token"]})

    assert answer.status_code == 303
    assert {one[0] for one in state(unit).values()} == {Attendance.MISSED}
    assert "left as missed" not in asha.get(PAGE).text


def test_before_the_doors_open_the_page_says_when(
    asha: FlaskClient, unit: Unit, clock: time_machine.Traveller, lunch: dict[str, uuid.UUID]
) -> None:
    clock.move_to(TEST_BEGINS + timedelta(hours=1))
    page = asha.get(PAGE)
    assert "The doors are not open yet" in page.text
    assert "verdict-" not in page.text

    token = {"csrf_token": hidden(asha.get(EVENT))["csrf_token"]}
    assert asha.post(PAGE, data={**token, f"verdict-{lunch['cleo']}": "attended"}).status_code == 409
    assert asha.post(REST, data=token).status_code == 409


def test_the_event_s_page_counts_who_came_and_asks_while_nothing_is_known(
    asha: FlaskClient, lunch: dict[str, uuid.UUID]
) -> None:
    assert "Of 2 people nothing says whether they came" in asha.get(EVENT).text

    verdicts = {f"verdict-{lunch['cleo']}": "attended", f"verdict-{lunch['dev']}": "missed"}
    asha.post(PAGE, data={**hidden(asha.get(PAGE)), **verdicts})

    assert "nothing says whether they came" not in asha.get(EVENT).text


def test_a_long_list_has_pages(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        event = make_event(slug="dinner", starts_at=STARTS + timedelta(hours=1, minutes=55), capacity=100)
        for number in range(PAGE_LENGTH + 1):
            make_booking(event, email=f"person{number}@example.org")
    first, second = (asha.get(f"/organise/events/dinner/attendance?page={page}").text for page in (1, 2))

    assert (first.count('<select class="input"'), second.count('<select class="input"')) == (PAGE_LENGTH, 1)
