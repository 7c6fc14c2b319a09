"""Certificates of attendance: who has one, what it says, and when it is drawn again or taken back."""

import io
import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pypdf
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engage import jobs
from engage.bookings import certificates
from engage.bookings.attendance import count_rest_as_missed, load_report, set_by_hand
from engage.bookings.attendance_report import read_report
from engage.bookings.certificate_words import length_words
from engage.bookings.certificates import CertificateState, certificate_of
from engage.bookings.changes import change_details, erase_booking
from engage.bookings.enums import Attendance, Verdict
from engage.bookings.guests import stop_mails
from engage.bookings.models import Booking, Certificate, Guest
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, note_joined
from engage.drawing import libraries
from engage.drawing.process import DrawingError, Sheet
from engage.edge import context
from engage.events.models import Event
from engage.flows.invariants import INVARIANTS
from engage.kernel import clock as the_clock
from engage.kernel.models import Job, JobState
from tests.conftest import TEST_BEGINS
from tests.factories import make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
Worker = Callable[..., int]
STARTS = TEST_BEGINS + timedelta(days=7)
RUNNING, ENDS = STARTS + timedelta(minutes=10), STARTS + timedelta(hours=1)
AFTER = ENDS + timedelta(hours=1)


@pytest.fixture
def people(unit: Unit, clock: time_machine.Traveller) -> dict[str, uuid.UUID]:
    """Give Cleo, Dev and Gus, whom Dev brings to an event called "Three views over lunch", by name."""
    with unit() as session:
        event = make_event(starts_at=STARTS)
        make_booking(event, "cleo@example.org", name="Cleo Sample", organisation="Sample Ltd")
        guests = (GuestRequest("Gus Ŵyn", "gus@example.org"),)
        request = PlaceRequest(name="Dev", email="dev@example.org", locale="en", places=3, guests=guests)
        book_place(event.id, request, site=context.site(), at=the_clock.now())
        named = session.scalars(select(Guest).where(Guest.name.is_not(None))).one()
        rows = session.execute(select(Booking.name, Booking.id)).all()
        return {"event": event.id, named.name or "": named.id, **dict(tuple(row) for row in rows)}


class Pencil:
    """Draws nothing: keeps the pages that it was handed, fails at one with "Poison", breaks at one with "Dynamite"."""

    def __init__(self) -> None:
        """Begin."""
        self.handed: list[list[str]] = []

    def __call__(self, sheets: Sequence[Sheet], *, stopping: threading.Event) -> list[bytes | None]:
        """Return the HTML itself."""
        if any("Dynamite" in sheet.html for sheet in sheets):
            raise DrawingError("the drawing process ended with status -9")
        self.handed.append([sheet.html for sheet in sheets])
        return [None if "Poison" in sheet.html else sheet.html.encode() for sheet in sheets]


@pytest.fixture
def pencil() -> Pencil:
    """Give what draws where the drawing itself is not the matter; that has tests of its own."""
    return Pencil()


@pytest.fixture
def sketch(app: Flask, pencil: Pencil) -> Worker:
    """Give a worker with that pencil."""
    site = app.extensions[context.EXTENSION].site()
    runner = jobs.Runner(site, drawer=pencil, name="sketch")

    def work() -> int:
        with app.app_context():
            return runner.run_due(at=the_clock.now())

    return work


def kept(unit: Unit) -> dict[str, Certificate]:
    with unit() as session:
        found = {one.facts["name"]: one for one in session.scalars(select(Certificate))}
        session.expunge_all()
        return found


def state(unit: Unit, booking_id: uuid.UUID, *, at: datetime = AFTER) -> CertificateState:
    with unit() as session:
        booking = session.get_one(Booking, booking_id)
        return certificate_of(booking, booking, session.get_one(Event, booking.event_id), at=at).state


def untrue(unit: Unit) -> list[str]:
    with unit():
        return list(INVARIANTS["I5 certificates"]())


def come(unit: Unit, people: dict[str, uuid.UUID], *names: str, at: datetime = AFTER) -> None:
    with unit():
        verdicts = {people[name]: Verdict.ATTENDED for name in names}
        set_by_hand(people["event"], verdicts, at=at, actor=None)


def test_the_end_of_the_event_draws_a_certificate_for_who_came_and_nobody_else(
    unit: Unit, worker: Worker, clock: time_machine.Traveller, people: dict[str, uuid.UUID]
) -> None:
    with unit():
        note_joined(people["Cleo Sample"], at=RUNNING)
    clock.move_to(ENDS - timedelta(minutes=3))
    worker()
    assert kept(unit) == {}
    assert state(unit, people["Cleo Sample"], at=RUNNING) is CertificateState.NOT_OVER

    clock.move_to(ENDS)
    worker()

    assert set(kept(unit)) == {"Cleo Sample"}
    assert state(unit, people["Cleo Sample"]) is CertificateState.READY
    assert state(unit, people["Dev"]) is CertificateState.NOT_KNOWN
    with unit() as session:
        pdf = pypdf.PdfReader(io.BytesIO(session.scalars(select(Certificate)).one().pdf or b""), strict=True)
        reference = session.get_one(Booking, people["Cleo Sample"]).reference
    text = " ".join(pdf.pages[0].extract_text().split())
    for words in (
        "Certificate of attendance",
        "Given to Cleo Sample Sample Ltd",
        "For taking part in Three views over lunch",
        "Date Tuesday 8 September 2026",
        "Time 10am to 11am, UK time (BST)",
        "Length of the event 1 hour",
        "Held by Engage",
        f"Reference {reference}",
    ):
        assert words in text
    assert pdf.trailer["/Root"]["/Lang"] == "en"
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Certificate of attendance: Cleo Sample, Three views over lunch"
    assert len(pdf.pages) == 1
    assert untrue(unit) == []


def test_a_guest_with_a_name_has_one_and_it_names_no_organisation(
    unit: Unit, sketch: Worker, clock: time_machine.Traveller, people: dict[str, uuid.UUID]
) -> None:
    clock.move_to(AFTER)
    with unit() as session:
        session.execute(update(Guest).values(attendance=Attendance.ATTENDED))  # the nameless one as well
    come(unit, people, "Dev")
    sketch()

    found = kept(unit)
    assert set(found) == {"Dev", "Gus Ŵyn"}
    assert found["Gus Ŵyn"].facts["organisation"] is None
    assert found["Gus Ŵyn"].facts["reference"] == found["Dev"].facts["reference"] + "-1"
    assert found["Gus Ŵyn"].guest_id == people["Gus Ŵyn"]


@pytest.mark.parametrize(
    ("reported", "minutes", "is_measured"), [("52", 52, True), ("300", 60, True), ("0", 60, False)]
)
def test_the_hours_are_those_of_the_report_and_never_more_than_the_event(
    unit: Unit,
    sketch: Worker,
    clock: time_machine.Traveller,
    people: dict[str, uuid.UUID],
    reported: str,
    minutes: int,
    is_measured: bool,
) -> None:
    with unit():
        note_joined(people["Cleo Sample"], at=RUNNING)
    clock.move_to(AFTER)
    with unit():
        report = read_report(f"email,minutes\ncleo@example.org,{reported}\n".encode())
        load_report(people["event"], report, at=AFTER, actor=None)
    sketch()

    facts = kept(unit)["Cleo Sample"].facts
    assert (facts["minutes"], facts["is_measured"]) == (minutes, is_measured)


def test_a_changed_fact_draws_it_anew_and_an_unchanged_one_does_not(
    unit: Unit,
    sketch: Worker,
    clock: time_machine.Traveller,
    people: dict[str, uuid.UUID],
    pencil: Pencil,
) -> None:
    clock.move_to(AFTER)
    come(unit, people, "Cleo Sample", "Dev")
    sketch()
    before = kept(unit)
    assert len(pencil.handed) == 1  # both in one process

    clock.shift(timedelta(minutes=1))
    with unit():
        report = read_report(b"email,minutes\ncleo@example.org,52\n")
        load_report(people["event"], report, at=the_clock.now(), actor=None)
    sketch()

    after = kept(unit)
    assert after["Dev"].id == before["Dev"].id
    assert after["Cleo Sample"].id != before["Cleo Sample"].id
    assert ["52 minutes" in html for html in pencil.handed[1]] == [True]


def test_a_name_that_changed_before_the_end_stands_on_it(
    unit: Unit, sketch: Worker, clock: time_machine.Traveller, people: dict[str, uuid.UUID]
) -> None:
    with unit():
        note_joined(people["Cleo Sample"], at=RUNNING)
        change_details(people["Cleo Sample"], name="Cleo Tŷ", organisation=None, at=RUNNING)
    clock.move_to(AFTER)
    sketch()

    assert set(kept(unit)) == {"Cleo Tŷ"}


def test_who_did_not_come_after_all_loses_it_at_once(
    unit: Unit, sketch: Worker, clock: time_machine.Traveller, people: dict[str, uuid.UUID]
) -> None:
    clock.move_to(AFTER)
    come(unit, people, "Cleo Sample", "Gus Ŵyn")
    sketch()
    clock.shift(timedelta(minutes=1))
    with unit():
        verdicts = {people["Cleo Sample"]: Verdict.MISSED, people["Gus Ŵyn"]: Verdict.UNKNOWN}
        set_by_hand(people["event"], verdicts, at=the_clock.now(), actor=None)

    assert kept(unit) == {}
    assert state(unit, people["Cleo Sample"]) is CertificateState.MISSED
    assert untrue(unit) == []
    sketch()
    assert kept(unit) == {}


def test_counting_the_rest_as_missed_says_so_to_them(
    unit: Unit, clock: time_machine.Traveller, people: dict[str, uuid.UUID]
) -> None:
    clock.move_to(AFTER)
    with unit():
        count_rest_as_missed(people["event"], at=AFTER, actor=None)

    assert state(unit, people["Dev"]) is CertificateState.MISSED


def test_erasing_a_booking_deletes_its_certificates_and_none_comes_back(
    unit: Unit, sketch: Worker, clock: time_machine.Traveller, people: dict[str, uuid.UUID]
) -> None:
    """P18."""
    clock.move_to(AFTER)
    come(unit, people, "Cleo Sample", "Dev")
    sketch()
    clock.shift(timedelta(minutes=1))
    with unit():
        erase_booking(people["Cleo Sample"], at=the_clock.now())
    assert set(kept(unit)) == {"Dev"}

    come(unit, people, "Gus Ŵyn", at=the_clock.now())
    sketch()
    assert set(kept(unit)) == {"Dev", "Gus Ŵyn"}


def test_a_guest_who_asks_to_be_forgotten_leaves_no_certificate(
    unit: Unit, sketch: Worker, clock: time_machine.Traveller, people: dict[str, uuid.UUID]
) -> None:
    """P18."""
    clock.move_to(AFTER)
    come(unit, people, "Dev", "Gus Ŵyn")
    sketch()
    clock.shift(timedelta(minutes=1))
    with unit():
        stop_mails(people["Gus Ŵyn"], at=the_clock.now())
    assert set(kept(unit)) == {"Dev"}

    come(unit, people, "Cleo Sample", at=the_clock.now())
    sketch()
    assert set(kept(unit)) == {"Cleo Sample", "Dev"}


def test_a_guest_without_a_name_is_told_that_a_certificate_carries_one(
    unit: Unit, clock: time_machine.Traveller, people: dict[str, uuid.UUID]
) -> None:
    clock.move_to(AFTER)
    with unit() as session:
        session.execute(update(Guest).values(attendance=Attendance.ATTENDED))
    with unit() as session:
        guest = session.scalars(select(Guest).where(Guest.name.is_(None))).one()
        booking = session.get_one(Booking, guest.booking_id)
        found = certificate_of(guest, booking, session.get_one(Event, booking.event_id), at=AFTER)
    assert found.state is CertificateState.NO_NAME


def test_one_that_cannot_be_drawn_fails_alone_and_is_tried_again(
    unit: Unit, sketch: Worker, clock: time_machine.Traveller, people: dict[str, uuid.UUID]
) -> None:
    with unit():
        change_details(people["Cleo Sample"], name="Poison", organisation=None, at=RUNNING)
    clock.move_to(AFTER)
    come(unit, people, "Cleo Sample", "Dev")
    sketch()

    found = kept(unit)
    assert found["Poison"].drawn_at is None
    assert found["Dev"].drawn_at is not None
    assert state(unit, people["Cleo Sample"]) is CertificateState.BEING_DRAWN
    with unit() as session:
        waiting = session.scalars(select(Job).where(Job.state == JobState.DUE, Job.name == certificates.DRAW)).one()
        assert waiting.run_at > AFTER


def test_one_that_brings_the_process_down_does_not_take_the_others_along(
    unit: Unit, sketch: Worker, clock: time_machine.Traveller, people: dict[str, uuid.UUID]
) -> None:
    with unit():
        change_details(people["Cleo Sample"], name="Dynamite", organisation=None, at=RUNNING)
    clock.move_to(AFTER)
    come(unit, people, "Cleo Sample", "Dev", "Gus Ŵyn")
    sketch()

    assert {name: one.drawn_at is not None for name, one in kept(unit).items()} == {
        "Dynamite": False,
        "Dev": True,
        "Gus Ŵyn": True,
    }


def test_without_the_system_s_libraries_the_job_waits_and_is_never_given_up(
    unit: Unit,
    worker: Worker,
    clock: time_machine.Traveller,
    people: dict[str, uuid.UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(libraries, "PACKAGES", {"no-such-library-1.0": "libno-such-1.0-0"})
    clock.move_to(AFTER)
    come(unit, people, "Cleo Sample")
    for _ in range(30):
        worker()
        clock.shift(timedelta(hours=1))
    assert state(unit, people["Cleo Sample"]) is CertificateState.BEING_DRAWN

    monkeypatch.undo()
    worker()
    assert state(unit, people["Cleo Sample"]) is CertificateState.READY


def test_many_are_made_out_in_turns_and_drawn_so_that_mail_is_never_kept_waiting(
    unit: Unit,
    sketch: Worker,
    clock: time_machine.Traveller,
    people: dict[str, uuid.UUID],
    pencil: Pencil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(certificates, "BOOKINGS_AT_ONCE", 2)
    monkeypatch.setattr(certificates, "DRAWN_AT_ONCE", 2)
    with unit() as session:
        event = session.get_one(Event, people["event"])
        for number in range(5):
            make_booking(event, f"person{number}@example.org", name=f"Person {number}")
    with unit() as session:
        session.execute(update(Booking).values(attendance=Attendance.ATTENDED))
    clock.move_to(AFTER)
    come(unit, people, "Gus Ŵyn")
    sketch()

    assert len(kept(unit)) == 8
    with unit() as session:
        runs = session.scalars(select(Job.run_at).where(Job.name == certificates.DRAW).order_by(Job.run_at)).all()
    assert [(run - runs[0]) // timedelta(seconds=10) for run in runs] == [0, 0, 1, 1, 2, 2, 3, 3]
    clock.shift(timedelta(minutes=1))
    sketch()
    assert [len(pages) for pages in pencil.handed] == [2, 2, 2, 2]


def test_a_certificate_that_is_not_true_is_found_by_the_check(
    unit: Unit, sketch: Worker, clock: time_machine.Traveller, people: dict[str, uuid.UUID]
) -> None:
    clock.move_to(AFTER)
    come(unit, people, "Cleo Sample", "Gus Ŵyn")
    sketch()
    assert untrue(unit) == []

    with unit() as session:
        session.execute(update(Booking).values(attendance=Attendance.MISSED))
    assert len(untrue(unit)) == 1
    with unit() as session:
        session.execute(update(Guest).values(attendance=Attendance.UNKNOWN))
    assert len(untrue(unit)) == 2


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (52, "52 minutes"), (60, "1 hour"), (90, "1 hour, 30 minutes"), (125, "2 hours, 5 minutes")],
)
def test_hours_are_words(minutes: int, words: str) -> None:
    assert length_words(minutes) == words


def test_words_of_people_stay_words(
    unit: Unit,
    sketch: Worker,
    clock: time_machine.Traveller,
    people: dict[str, Any],
    pencil: Pencil,
) -> None:
    """S2."""
    with unit():
        change_details(people["Cleo Sample"], name="<img src=//evil.example>", organisation="{{ 7*7 }}", at=RUNNING)
    clock.move_to(AFTER)
    come(unit, people, "Cleo Sample")
    sketch()

    assert "<img" not in pencil.handed[0][0]
    assert "&lt;img" in pencil.handed[0][0]
    assert "{{ 7*7 }}" in pencil.handed[0][0]
