"""Booking a place, giving it back, and who learns what."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.bookings.enums import BookingOutcome, BookingStatus
from engage.bookings.errors import (
    AddressInvalidError,
    BookingCancelledError,
    BookingNotFoundError,
    DoorsClosedError,
    TooLateToCancelError,
)
from engage.bookings.models import Booking
from engage.bookings.queries import JOIN, MANAGE, get_booking_by_token, join_token, manage_token, turnout
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place, cancel_booking, note_joined
from engage.calendars.models import CalendarInvite
from engage.events.errors import BookingClosedError, EventFullError, EventNotFoundError, EventOverError
from engage.events.models import Event
from engage.flows.cancelling import cancel_event
from engage.flows.invariants import INVARIANTS
from engage.kernel.models import Job
from engage.kernel.settings import Site
from engage.kernel.tokens import new_nonce
from engage.mail.models import Message
from tests.factories import make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


def book(event: Event | uuid.UUID, email: str, site: Site, at: datetime = NOW) -> BookingOutcome:
    event_id = event if isinstance(event, uuid.UUID) else event.id
    return book_place(event_id, PlaceRequest(name="Cleo", email=email, locale="en"), site=site, at=at)


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def kinds(session: Session) -> list[str]:
    return [kind.value for kind in session.scalars(select(Message.kind).order_by(Message.id))]


def violations() -> list[str]:
    return [line for invariant in INVARIANTS.values() for line in invariant()]


def test_book_place_writes_everything_in_one_transaction(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event()
        assert book(event, " Cleo@Example.ORG ", site) is BookingOutcome.PLACE

        booking = session.scalars(select(Booking)).one()
        session.refresh(event)
        assert (booking.email_normalised, booking.name, booking.status.value) == (
            "cleo@example.org",
            "Cleo",
            "confirmed",
        )
        assert event.seats_taken == 1
        assert [count(session, table) for table in (CalendarInvite, Message, Job)] == [1, 1, 1]
        assert violations() == []


def test_book_place_refuses_when_full_with_no_list_open_and_leaves_nothing(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event(capacity=1)
        event.waiting_list = False
        event_id = event.id
        book(event_id, "first@example.org", site)
    for email in ("second@example.org", "first@example.org"):  # known and unknown alike
        with pytest.raises(EventFullError), unit():
            book(event_id, email, site)

    with unit() as session:
        assert count(session, Booking) == 1
        assert kinds(session) == ["invitation"]
        assert violations() == []


def test_book_place_a_second_time_takes_no_place_and_sends_the_links(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event()
        outcomes = [book(event, "cleo@example.org", site) for _ in range(6)]

        session.refresh(event)
        assert outcomes == [BookingOutcome.PLACE] * 6
        assert (event.seats_taken, count(session, Booking)) == (1, 1)
        assert kinds(session) == ["invitation"] + ["already_booked"] * 3, "at most three a day"
        book(event, "cleo@example.org", site, at=NOW + timedelta(hours=25))
        assert len(kinds(session)) == 5


def test_book_place_refuses_what_is_not_open(unit: Unit, site: Site) -> None:
    with unit():
        draft = make_event(published=False)
        over = make_event(starts_at=NOW - timedelta(days=1))
        ends_now = make_event(starts_at=NOW - timedelta(hours=1))
        for event in (draft, over, ends_now):
            with pytest.raises(BookingClosedError):
                book(event, "cleo@example.org", site)
        book(ends_now, "cleo@example.org", site, at=NOW - timedelta(seconds=1))
        with pytest.raises(EventNotFoundError):
            book_place(
                uuid.uuid4(),
                PlaceRequest(name="Cleo", email="c@example.org", locale="en"),
                site=site,
                at=NOW,
            )


@pytest.mark.parametrize("email", ["", "cleo", "a@b@c.org", "cleo@example.org\r\nBcc: x@y.org", "=?utf-8?q?a?=@b.org"])
def test_book_place_refuses_what_is_no_address(unit: Unit, site: Site, email: str) -> None:
    with unit() as session:
        event = make_event()
        with pytest.raises(AddressInvalidError):
            book(event, email, site)
        assert count(session, Booking) == 0


def test_cancel_booking_frees_the_place_once(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event(capacity=2)
        booking = make_booking(event, site=site)
        book(event, "other@example.org", site)

        cancel_booking(booking.id, site=site, at=NOW)
        cancel_booking(booking.id, site=site, at=NOW + timedelta(minutes=1))

        session.refresh(event)
        assert event.seats_taken == 1
        assert (booking.status, booking.cancelled_at) == (BookingStatus.CANCELLED, NOW)
        assert kinds(session) == ["invitation", "invitation", "booking_cancelled"]
        assert violations() == []
        assert (turnout(event.id).confirmed, turnout(event.id).cancelled) == (1, 1)


def test_somebody_who_cancelled_can_book_again_under_a_new_uid(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event()
        cancel_booking(make_booking(event, site=site).id, site=site, at=NOW)
        make_booking(event, site=site)

        uids = session.scalars(select(CalendarInvite.uid)).all()
        assert len(set(uids)) == 2
        assert violations() == []


def test_cancel_booking_after_the_end_is_too_late(unit: Unit, site: Site) -> None:
    with unit():
        event = make_event()
        booking = make_booking(event, site=site)
        with pytest.raises(TooLateToCancelError):
            cancel_booking(booking.id, site=site, at=event.ends_at)


def test_cancelling_an_event_tells_each_person_once(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event()
        gone = make_booking(event, "gone@example.org", site=site)
        for email in ("a@example.org", "b@example.org"):
            make_booking(event, email, site=site)
        cancel_booking(gone.id, site=site, at=NOW)

        assert cancel_event(event.id, reason="Ill", site=site, at=NOW, actor=None) == 2
        assert cancel_event(event.id, reason="Ill", site=site, at=NOW, actor=None) == 0

        told = session.scalars(select(Message.to_addr).where(Message.kind == "event_cancelled")).all()
        session.refresh(event)
        assert sorted(told) == ["a@example.org", "b@example.org"]
        assert event.seats_taken == 0
        assert violations() == []
        with pytest.raises(BookingClosedError):
            book(event, "late@example.org", site)


def test_links_open_one_purpose_and_end_with_the_nonce(unit: Unit, site: Site) -> None:
    with unit():
        booking = make_booking(make_event(), site=site)
        manage, join = manage_token(booking, site), join_token(booking, site)

        assert get_booking_by_token(manage, purpose=MANAGE, site=site) is booking
        for token, purpose in ((manage, JOIN), (join, MANAGE), (manage[:-1] + "A", MANAGE), ("x", MANAGE)):
            with pytest.raises(BookingNotFoundError):
                get_booking_by_token(token, purpose=purpose, site=site)
        booking.nonce = new_nonce()
        with pytest.raises(BookingNotFoundError):
            get_booking_by_token(manage, purpose=MANAGE, site=site)


def test_note_joined_opens_fifteen_minutes_before_until_the_end(unit: Unit, site: Site) -> None:
    with unit():
        event = make_event()
        booking = make_booking(event, site=site)
        doors = event.starts_at - timedelta(minutes=15)

        with pytest.raises(DoorsClosedError):
            note_joined(booking.id, at=doors - timedelta(seconds=1))
        assert note_joined(booking.id, at=doors) == "https://meet.example.org/room"
        note_joined(booking.id, at=event.starts_at)
        assert booking.joined_at == doors, "the first time counts"
        with pytest.raises(EventOverError):
            note_joined(booking.id, at=event.ends_at)


def test_note_joined_needs_a_place(unit: Unit, site: Site) -> None:
    with unit():
        event = make_event()
        booking = make_booking(event, site=site)
        cancel_booking(booking.id, site=site, at=NOW)
        with pytest.raises(BookingCancelledError):
            note_joined(booking.id, at=event.starts_at)
