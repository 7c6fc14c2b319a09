"""What people need to take part: kept with their booking, changed, and gone in every way it must go (P16, R20)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.access_needs import DELETE_NEEDS, answer_need, change_access_needs, delete_due_needs, tick_kept
from engage.bookings.changes import erase_booking, hand_over
from engage.bookings.enums import BookingStatus, CancelledBy
from engage.bookings.errors import (
    AccessNeedNotFoundError,
    AccessNeedsTooLongError,
    BookingCancelledError,
    KeptTooEarlyError,
    OverError,
    PromiseMissingError,
    PromiseTooLongError,
    StaleAccessNeedError,
)
from engage.bookings.models import AccessNeed, Booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.bookings.waiting import close_list, expire_offer, leave_list
from engage.events.enums import AccessKind
from engage.events.models import Event
from engage.flows.cancelling import cancel_event
from engage.flows.invariants import INVARIANTS
from engage.flows.rescheduling import change_event
from engage.kernel.db import db
from engage.kernel.models import Job, JobState
from engage.kernel.settings import Site
from tests.factories import details_of, make_event, make_person

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
WORDS = "A palantypist.\nAnd breaks."
KEPT = timedelta(days=14)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


def book(event: Event, name: str, site: Site, *, needs: str | None = WORDS, at: datetime = NOW) -> Booking:
    request = PlaceRequest(name=name, email=f"{name}@example.org", locale="en", access_needs=needs)
    book_place(event.id, request, site=site, at=at)
    live = Booking.status.in_((BookingStatus.CONFIRMED, BookingStatus.WAITING, BookingStatus.OFFERED))
    return db.session.scalars(select(Booking).where(Booking.email_normalised == request.email, live)).one()


def needs(session: Session) -> list[tuple[str, datetime]]:
    """Return what is kept, as the database has it."""
    return [tuple(row) for row in session.execute(select(AccessNeed.body, AccessNeed.delete_at))]


def need_of(session: Session, booking: Booking) -> AccessNeed:
    return session.scalars(
        select(AccessNeed).where(AccessNeed.booking_id == booking.id), execution_options={"populate_existing": True}
    ).one()


def acts(session: Session) -> list[str]:
    entries = session.scalars(select(AuditEntry).where(AuditEntry.act.contains("access-need")))
    return [entry.act for entry in sorted(entries, key=lambda entry: (entry.at, entry.act))]


def violations() -> list[str]:
    return [line for invariant in INVARIANTS.values() for line in invariant()]


@pytest.mark.parametrize("capacity", [2, 1], ids=["a place", "waiting"])
def test_needs_are_kept_with_the_booking_until_two_weeks_after_the_event(unit: Unit, site: Site, capacity: int) -> None:
    with unit() as session:
        event = make_event(capacity=capacity)
        book(event, "ana", site, needs=None)
        cleo = book(event, "cleo", site)

        assert cleo.status is (BookingStatus.CONFIRMED if capacity == 2 else BookingStatus.WAITING)
        assert needs(session) == [(WORDS, event.ends_at + KEPT)]
        assert violations() == []


def test_needs_that_say_nothing_are_none_and_too_many_words_are_refused_by_number(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event()
        book(event, "ana", site, needs=" \n ")
        assert needs(session) == []
        with pytest.raises(AccessNeedsTooLongError, match="1000 characters"):
            book(event, "ben", site, needs="x" * 1001)


def test_a_known_address_changes_nothing_of_what_somebody_needs(unit: Unit, site: Site) -> None:
    """Rule 16: whoever knows an address could write over the words of another."""
    with unit() as session:
        event = make_event()
        book(event, "cleo", site)
        book(event, "cleo", site, needs="Nothing at all.")

        assert [words for words, _ in needs(session)] == [WORDS]


def test_needs_change_and_a_kept_tick_goes_with_the_words_it_was_about(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event()
        lee = make_person("lee@example.org", "access_lead").id
        cleo = book(event, "cleo", site)
        answer_need(cleo.id, promised="Palantypist booked.", kinds=[AccessKind.CAPTIONS], version=1, at=NOW, actor=lee)
        tick_kept(cleo.id, kept=True, version=2, at=event.starts_at, actor=lee)
        mine = need_of(session, cleo)
        assert (mine.kept_at, mine.kept_by, mine.kinds, mine.changed_at) == (event.starts_at, lee, ["captions"], None)

        change_access_needs(cleo.id, "BSL.", site=site, at=NOW)
        mine = need_of(session, cleo)
        assert (mine.body, mine.kept_at, mine.kept_by, mine.changed_at) == ("BSL.", None, None, NOW)
        assert mine.promised == "Palantypist booked."
        change_access_needs(cleo.id, "BSL.", site=site, at=NOW + timedelta(hours=1))
        assert need_of(session, cleo).version == mine.version

        change_access_needs(cleo.id, "", site=site, at=NOW)
        change_access_needs(cleo.id, "", site=site, at=NOW)
        assert needs(session) == []
        assert sorted(acts(session)) == [
            "access_lead:access-need:answer",
            "access_lead:access-need:keep",
            "attendee:access-need:change",
            "attendee:access-need:remove",
        ]
        assert violations() == []


def test_the_audit_holds_none_of_the_words(unit: Unit, site: Site) -> None:
    with unit() as session:
        cleo = book(make_event(), "cleo", site)
        change_access_needs(cleo.id, "BSL.", site=site, at=NOW)
        answer_need(cleo.id, promised="Ilan interprets.", kinds=[AccessKind.BSL], version=2, at=NOW, actor=None)

        entries = session.scalars(select(AuditEntry).where(AuditEntry.object == f"booking:{cleo.id}")).all()
        assert [(entry.before, entry.after) for entry in entries] == [(None, None)] * 3


def test_a_promise_made_over_words_that_changed_meanwhile_is_refused(unit: Unit, site: Site) -> None:
    """R11."""
    with unit() as session:
        event = make_event()
        cleo = book(event, "cleo", site)
        change_access_needs(cleo.id, "BSL.", site=site, at=NOW)
        with pytest.raises(StaleAccessNeedError):
            answer_need(cleo.id, promised="Yes.", kinds=[], version=1, at=NOW, actor=None)
        answer_need(cleo.id, promised="Yes.", kinds=[], version=2, at=NOW, actor=None)
        with pytest.raises(StaleAccessNeedError):
            tick_kept(cleo.id, kept=True, version=2, at=event.starts_at, actor=None)
        assert need_of(session, cleo).kept_at is None


def test_a_promise_is_ticked_as_kept_once_it_is_made_and_the_event_has_begun(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event()
        cleo = book(event, "cleo", site)
        with pytest.raises(PromiseMissingError):
            tick_kept(cleo.id, kept=True, version=1, at=event.ends_at, actor=None)
        with pytest.raises(PromiseTooLongError):
            answer_need(cleo.id, promised="x" * 1001, kinds=[], version=1, at=NOW, actor=None)
        answer_need(cleo.id, promised="Yes.", kinds=[], version=1, at=NOW, actor=None)
        with pytest.raises(KeptTooEarlyError):
            tick_kept(cleo.id, kept=True, version=2, at=event.starts_at - timedelta(seconds=1), actor=None)
        tick_kept(cleo.id, kept=True, version=2, at=event.ends_at, actor=None)
        tick_kept(cleo.id, kept=False, version=3, at=event.ends_at, actor=None)
        assert need_of(session, cleo).kept_at is None

        tick_kept(cleo.id, kept=True, version=4, at=event.ends_at, actor=None)
        answer_need(cleo.id, promised="Another promise.", kinds=[], version=5, at=event.ends_at, actor=None)
        assert need_of(session, cleo).kept_at is None
        with pytest.raises(AccessNeedNotFoundError):
            tick_kept(event.id, kept=True, version=1, at=NOW, actor=None)


def test_nothing_new_is_asked_for_once_the_event_is_over_and_what_was_can_be_taken_back(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event()
        ana, cleo = book(event, "ana", site, needs=None), book(event, "cleo", site)
        for booking in (ana, cleo):
            with pytest.raises(OverError):
                change_access_needs(booking.id, "BSL.", site=site, at=event.ends_at)
        change_access_needs(cleo.id, None, site=site, at=event.ends_at)
        assert needs(session) == []
        cancel_booking(ana.id, site=site, at=NOW)
        with pytest.raises(BookingCancelledError):
            change_access_needs(ana.id, "BSL.", site=site, at=NOW)


def _cancelled(booking: Booking, event: Event, site: Site) -> None:
    cancel_booking(booking.id, site=site, at=NOW)


def _handed_over(booking: Booking, event: Event, site: Site) -> None:
    """It is about a person, so the next one does not get it."""
    hand_over(booking.id, name="Dan", email="dan@example.org", site=site, at=NOW)


def _event_cancelled(booking: Booking, event: Event, site: Site) -> None:
    cancel_event(event.id, reason="Rain.", site=site, at=NOW, actor=None)


def _erased(booking: Booking, event: Event, site: Site) -> None:
    erase_booking(booking.id, at=event.ends_at)


@pytest.mark.parametrize("end", [_cancelled, _handed_over, _event_cancelled, _erased])
def test_needs_go_with_the_booking(unit: Unit, site: Site, end: Callable[[Booking, Event, Site], None]) -> None:
    with unit() as session:
        event = make_event()
        cleo = book(event, "cleo", site)
        end(cleo, event, site)

        assert needs(session) == []
        assert violations() == []


def _left(booking: Booking, event: Event, site: Site) -> None:
    leave_list(booking.id, site=site, at=NOW)


def _closed(booking: Booking, event: Event, site: Site) -> None:
    close_list(event.id, site=site, at=event.ends_at)


@pytest.mark.parametrize("end", [_left, _closed, _event_cancelled])
def test_needs_go_with_a_wait_for_a_place(unit: Unit, site: Site, end: Callable[[Booking, Event, Site], None]) -> None:
    with unit() as session:
        event = make_event(capacity=1)
        book(event, "ana", site, needs=None)
        cleo = book(event, "cleo", site)
        end(cleo, event, site)

        assert needs(session) == []
        assert violations() == []


def test_needs_go_with_an_offer_that_runs_out(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event(capacity=1, starts_at=NOW + timedelta(hours=10))
        ana, cleo = book(event, "ana", site, needs=None), book(event, "cleo", site)
        cancel_booking(ana.id, site=site, at=NOW)
        assert [words for words, _ in needs(session)] == [WORDS]
        assert cleo.offer_expires_at is not None
        expire_offer(cleo.id, site=site, at=cleo.offer_expires_at)

        assert needs(session) == []


def test_the_worker_deletes_needs_at_their_time_and_says_how_many(
    unit: Unit, site: Site, worker: Callable[..., int], clock: time_machine.Traveller
) -> None:
    """R20: a second worker, or the same once more, finds nothing left to do."""
    with unit() as session:
        event = make_event()
        for name in ("ana", "ben"):
            book(event, name, site)
        event_id, due = event.id, event.ends_at + KEPT
    for moment, left in ((due - timedelta(minutes=5), 2), (due, 0), (due + timedelta(days=1), 0)):
        clock.move_to(moment)
        worker()
        with unit() as session:
            assert len(needs(session)) == left
            assert violations() == []
    with unit() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.act == "system:access-need:delete"))
        assert (entry.object, entry.after) == (f"event:{event_id}", {"needs": 2})


@pytest.mark.parametrize("days", [20, -3], ids=["later", "sooner"])
def test_the_time_of_deletion_follows_the_event(
    unit: Unit, site: Site, worker: Callable[..., int], clock: time_machine.Traveller, days: int
) -> None:
    with unit() as session:
        event = make_event()
        book(event, "cleo", site)
        old = event.ends_at + KEPT
        details = details_of(event, starts_at=event.starts_at + timedelta(days=days))
        change_event(event.id, details, version=event.version, site=site, at=NOW, actor=None)
        new = old + timedelta(days=days)
        assert needs(session) == [(WORDS, new)]
    for moment in sorted((old, new)):
        clock.move_to(moment)
        worker()
        with unit() as session:
            assert len(needs(session)) == (1 if moment < new else 0)
            assert violations() == []


def test_the_daily_tidying_deletes_what_its_own_job_did_not(unit: Unit, site: Site, worker: Callable[..., int]) -> None:
    with unit() as session:
        event = make_event()
        book(event, "cleo", site)
        due = event.ends_at + KEPT
        session.execute(update(Job).where(Job.name == DELETE_NEEDS).values(state=JobState.DEAD))
    worker(due + timedelta(days=1))
    with unit() as session:
        assert needs(session) == []


def test_the_check_finds_needs_that_should_be_gone(unit: Unit, site: Site, clock: time_machine.Traveller) -> None:
    with unit() as session:
        event = make_event()
        booking = book(event, "cleo", site)
        booking_id, end = booking.id, event.ends_at
        assert violations() == []
        booking.status, booking.cancelled_by = BookingStatus.CANCELLED, CancelledBy.ATTENDEE
        session.flush()
        assert f"booking {booking_id}: has ended, and what its people need is still there" in violations()
        booking.status, booking.cancelled_by = BookingStatus.CONFIRMED, None
    clock.move_to(end + KEPT + timedelta(minutes=59))
    with unit():
        assert violations() == []
    clock.move_to(end + KEPT + timedelta(minutes=61))
    with unit():
        assert violations() == [f"booking {booking_id}: what its people needed has outlived its time"]
        assert delete_due_needs(at=end + KEPT) == 1
        assert violations() == []
