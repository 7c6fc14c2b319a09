"""Who came: click, report and an organiser's word, and which of them holds."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.attendance import count_rest_as_missed, load_report, match_report, set_by_hand
from engage.bookings.attendance_report import AttendanceReport, read_report
from engage.bookings.enums import Attendance, AttendanceSource, Verdict
from engage.bookings.errors import BookingNotFoundError, DoorsClosedError, NobodyKnownError, NotOverError
from engage.bookings.models import Booking, Guest
from engage.bookings.presence import PresenceCounts, presence_counts, presence_page
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, note_joined
from engage.edge import context
from engage.events.errors import EventCancelledError
from engage.events.models import Event
from engage.flows.cancelling import cancel_event
from engage.kernel import clock as the_clock
from tests.conftest import TEST_BEGINS
from tests.factories import make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
STARTS = TEST_BEGINS + timedelta(days=7)
RUNNING, AFTER = STARTS + timedelta(minutes=10), STARTS + timedelta(hours=2)
ASHA = uuid.uuid4()
CAME, MISSED, UNKNOWN = Attendance.ATTENDED, Attendance.MISSED, Attendance.UNKNOWN


@pytest.fixture
def event_id(unit: Unit, clock: time_machine.Traveller) -> uuid.UUID:
    """Give an event at which Cleo, Dev and Eve have places; Fay brings Gus, who has an address, and somebody else."""
    with unit():
        event = make_event(starts_at=STARTS)
        for name in ("cleo", "dev", "eve"):
            make_booking(event, f"{name}@example.org", name=name.title())
        guests = (GuestRequest("Gus", "gus@example.org"),)
        request = PlaceRequest(name="Fay", email="fay@example.org", locale="en", places=3, guests=guests)
        book_place(event.id, request, site=context.site(), at=the_clock.now())
        return event.id


def report(**minutes: object) -> AttendanceReport:
    rows = "".join(f"{name}@example.org,{length}\n" for name, length in minutes.items())
    return read_report(f"email,minutes\n{rows}".encode())


def known(unit: Unit, event_id: uuid.UUID) -> dict[str, tuple[Attendance, AttendanceSource | None, int | None]]:
    with unit():
        return {
            person.name: (person.attendance, person.source, person.minutes)
            for person in presence_page(event_id).people
            if person.name
        }


def ids(unit: Unit) -> dict[str, uuid.UUID]:
    with unit() as session:
        people = [*session.scalars(select(Booking)), *session.scalars(select(Guest).where(Guest.name.is_not(None)))]
        return {str(person.name): person.id for person in people}


def test_click_and_report_are_kept_side_by_side_and_each_says_that_somebody_came(
    unit: Unit, event_id: uuid.UUID
) -> None:
    people = ids(unit)
    with unit():
        note_joined(people["Cleo"], at=RUNNING)
        note_joined(people["Dev"], at=RUNNING)
    with unit():
        load_report(event_id, report(dev=52, gus=30), at=AFTER, actor=ASHA)

    assert known(unit, event_id) == {
        "Cleo": (CAME, AttendanceSource.JOIN_LINK, None),
        "Dev": (CAME, AttendanceSource.REPORT, 52),
        "Eve": (MISSED, AttendanceSource.REPORT, None),
        "Fay": (MISSED, AttendanceSource.REPORT, None),
        "Gus": (CAME, AttendanceSource.REPORT, 30),
    }
    with unit():
        page = presence_page(event_id)
        assert [person.joined_at for person in page.people if person.name == "Dev"] == [RUNNING]
        assert presence_counts(event_id) == PresenceCounts(attended=3, missed=3, unknown=0, has_report=True)


def test_what_an_organiser_says_holds_against_click_and_report(unit: Unit, event_id: uuid.UUID) -> None:
    people = ids(unit)
    with unit():
        set_by_hand(event_id, {people["Cleo"]: Verdict.MISSED, people["Eve"]: Verdict.ATTENDED}, at=RUNNING, actor=ASHA)
    with unit():
        note_joined(people["Cleo"], at=RUNNING)
    with unit():
        load_report(event_id, report(cleo=60), at=AFTER, actor=ASHA)

    found = known(unit, event_id)
    assert found["Cleo"] == (MISSED, AttendanceSource.ORGANISER, 60)
    assert found["Eve"] == (CAME, AttendanceSource.ORGANISER, None)

    with unit():
        taken_back = {people["Cleo"]: Verdict.RECORDED, people["Eve"]: Verdict.RECORDED}
        assert set_by_hand(event_id, taken_back, at=AFTER, actor=ASHA) == 2
    found = known(unit, event_id)
    assert found["Cleo"] == (CAME, AttendanceSource.REPORT, 60)
    assert found["Eve"] == (MISSED, AttendanceSource.REPORT, None)


def test_nobody_counts_as_missed_by_themselves(unit: Unit, event_id: uuid.UUID) -> None:
    with unit():
        assert presence_counts(event_id).unknown == 6
    with unit():
        load_report(event_id, report(cleo=5), at=RUNNING, actor=ASHA)  # the meeting goes on
    with unit():
        assert presence_counts(event_id) == PresenceCounts(attended=1, missed=0, unknown=5, has_report=True)


def test_whoever_is_left_is_counted_as_missed_and_a_later_report_still_finds_them(
    unit: Unit, event_id: uuid.UUID
) -> None:
    people = ids(unit)
    with unit():
        note_joined(people["Cleo"], at=RUNNING)
        set_by_hand(event_id, {people["Dev"]: Verdict.UNKNOWN}, at=RUNNING, actor=ASHA)
    with unit():
        assert count_rest_as_missed(event_id, at=AFTER, actor=ASHA) == 4
    found = known(unit, event_id)
    assert found["Cleo"][0] is CAME
    assert found["Dev"] == (UNKNOWN, AttendanceSource.ORGANISER, None)
    assert found["Eve"] == (MISSED, None, None)

    with unit():
        load_report(event_id, report(eve=10), at=AFTER, actor=ASHA)
    assert known(unit, event_id)["Eve"] == (CAME, AttendanceSource.REPORT, 10)


def test_a_second_report_takes_the_place_of_the_first(unit: Unit, event_id: uuid.UUID) -> None:
    for minutes in ({"cleo": 50, "dev": 50}, {"dev": 20, "eve": 0}):
        with unit():
            load_report(event_id, report(**minutes), at=AFTER, actor=ASHA)

    found = known(unit, event_id)
    assert found["Cleo"] == (MISSED, AttendanceSource.REPORT, None)
    assert found["Dev"] == (CAME, AttendanceSource.REPORT, 20)
    assert found["Eve"] == (MISSED, AttendanceSource.REPORT, 0)


def test_a_dry_run_says_what_would_happen_and_changes_nothing(unit: Unit, event_id: uuid.UUID) -> None:
    before = known(unit, event_id)
    people = ids(unit)
    with unit():
        set_by_hand(event_id, {people["Dev"]: Verdict.MISSED}, at=RUNNING, actor=ASHA)
        note_joined(people["Eve"], at=RUNNING)
    with unit() as session:
        event = session.get_one(Event, event_id)
        match = match_report(event, report(cleo=52, dev=52, eve=0, fay=0, stranger=9, bad="soon"), at=AFTER)

    assert [(k.person.name, k.attendee.minutes, k.will_be, k.by_hand) for k in match.known] == [
        ("Cleo", 52, CAME, False),
        ("Dev", 52, MISSED, True),
        ("Eve", 0, CAME, False),
        ("Fay", 0, MISSED, False),
    ]
    assert [attendee.email for attendee in match.strangers] == ["stranger@example.org"]
    assert [row.line for row in match.unusable] == [7]
    assert match.not_named == 2
    assert known(unit, event_id)["Cleo"] == before["Cleo"]

    with unit():
        stored = load_report(event_id, report(cleo=52, dev=52, eve=0, fay=0, stranger=9), at=AFTER, actor=ASHA)
    found = known(unit, event_id)
    assert {k.person.name: k.will_be for k in stored.known} == {
        name: found[name][0] for name in ("Cleo", "Dev", "Eve", "Fay")
    }


def test_a_report_of_another_meeting_is_refused_whole(unit: Unit, event_id: uuid.UUID) -> None:
    with unit():
        load_report(event_id, report(cleo=52), at=AFTER, actor=ASHA)
    with pytest.raises(NobodyKnownError), unit():
        load_report(event_id, report(stranger=52), at=AFTER, actor=ASHA)

    assert known(unit, event_id)["Cleo"] == (CAME, AttendanceSource.REPORT, 52)


def test_attendance_is_open_from_the_doors_and_the_rest_is_counted_after_the_end(
    unit: Unit, event_id: uuid.UUID
) -> None:
    cleo = ids(unit)["Cleo"]
    early = STARTS - timedelta(minutes=15, seconds=1)
    with pytest.raises(DoorsClosedError), unit():
        set_by_hand(event_id, {cleo: Verdict.ATTENDED}, at=early, actor=ASHA)
    with pytest.raises(DoorsClosedError), unit():
        load_report(event_id, report(cleo=52), at=early, actor=ASHA)
    with pytest.raises(NotOverError), unit():
        count_rest_as_missed(event_id, at=STARTS + timedelta(minutes=59), actor=ASHA)
    with unit():
        assert set_by_hand(event_id, {cleo: Verdict.ATTENDED}, at=early + timedelta(seconds=1), actor=ASHA) == 1


def test_one_person_without_a_place_stops_all(unit: Unit, event_id: uuid.UUID) -> None:
    verdicts = {ids(unit)["Cleo"]: Verdict.ATTENDED, uuid.uuid4(): Verdict.ATTENDED}
    with pytest.raises(BookingNotFoundError), unit():
        set_by_hand(event_id, verdicts, at=AFTER, actor=ASHA)

    assert known(unit, event_id)["Cleo"][0] is UNKNOWN


def test_people_of_another_event_cannot_be_reached(unit: Unit, event_id: uuid.UUID) -> None:
    """S21."""
    cleo = ids(unit)["Cleo"]
    with unit():
        other = make_event(starts_at=STARTS, slug="other").id
    with pytest.raises(BookingNotFoundError), unit():
        set_by_hand(other, {cleo: Verdict.ATTENDED}, at=AFTER, actor=ASHA)


def test_a_cancelled_event_has_no_attendance(unit: Unit, event_id: uuid.UUID) -> None:
    with unit():
        cancel_event(event_id, reason="Ill.", site=context.site(), at=the_clock.now(), actor=None)
    with pytest.raises(EventCancelledError), unit():
        count_rest_as_missed(event_id, at=AFTER, actor=ASHA)


def test_the_audit_holds_counts_and_no_names(unit: Unit, event_id: uuid.UUID) -> None:
    """S36, P21."""
    people = ids(unit)
    with unit():
        set_by_hand(event_id, {people["Cleo"]: Verdict.ATTENDED, people["Gus"]: Verdict.MISSED}, at=AFTER, actor=ASHA)
        set_by_hand(event_id, {people["Cleo"]: Verdict.ATTENDED}, at=AFTER, actor=ASHA)  # no change
    with unit():
        load_report(event_id, report(cleo=52, dev=1, stranger=9), at=AFTER, actor=ASHA)
    with unit():
        count_rest_as_missed(event_id, at=AFTER, actor=ASHA)  # nobody is left

    with unit() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.act.startswith("organiser:attendance")).order_by(AuditEntry.act)
        ).all()
        assert [(entry.act, entry.object, entry.actor, entry.after) for entry in entries] == [
            (
                "organiser:attendance:report",
                f"event:{event_id}",
                ASHA,
                {
                    "rows of people with a place": 2,
                    "rows of others": 1,
                    "rows without use": 0,
                    "attended": 1,
                    "missed": 3,
                },
            ),
            ("organiser:attendance:set", f"event:{event_id}", ASHA, {"attended": 1, "missed": 1}),
        ]
