"""The waiting list under any mixture of acts: order kept, nobody lost, places add up, nobody told twice."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.enums import BookingStatus, Freed
from engage.bookings.errors import HasPlaceError, OfferOverError
from engage.bookings.models import Booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.bookings.waiting import accept_offer, expire_offer, leave_list, promote
from engage.events.queries import lock_event
from engage.flows.invariants import INVARIANTS
from engage.kernel.settings import Site
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
START = NOW + timedelta(hours=40)
PEOPLE = st.sampled_from([f"p{number}@example.org" for number in range(7)])
LIVE = {BookingStatus.CONFIRMED, BookingStatus.WAITING, BookingStatus.OFFERED}
pytestmark = pytest.mark.usefixtures("clock")


class Line(RuleBasedStateMachine):
    """An event of two places to begin with. The model knows who holds a place and who waits, in order."""

    unit: ClassVar[Unit]
    site: ClassVar[Site]

    def __init__(self) -> None:
        """Make the event."""
        super().__init__()
        self.at, self.capacity = NOW, 2
        self.holders: set[str] = set()
        self.waiting: list[str] = []
        with self.unit():
            self.event_id = make_event(capacity=2, starts_at=START).id

    @rule(who=PEOPLE)
    def book(self, who: str) -> None:
        """Come by the form."""
        with self.unit():
            outcome = book_place(
                self.event_id,
                PlaceRequest(name="P", email=who, locale="en"),
                site=self.site,
                at=self.at,
            )
        assert outcome == ("place" if len(self.holders) < self.capacity else "waiting")
        if who not in self.holders and who not in self.waiting:
            self.waiting.append(who)
            self.fill()

    @rule(who=PEOPLE)
    def give_back(self, who: str) -> None:
        """Cancel a confirmed booking; for others nothing changes."""
        booking_id, status = self.find(who)
        if booking_id is None:
            return
        with self.unit():
            cancel_booking(booking_id, site=self.site, at=self.at)
        if status is BookingStatus.CONFIRMED:
            self.holders.remove(who)
            self.fill()

    @rule(who=PEOPLE)
    def leave(self, who: str) -> None:
        """Leave the line or decline an offer."""
        booking_id, status = self.find(who)
        if booking_id is None:
            return
        try:
            with self.unit():
                leave_list(booking_id, site=self.site, at=self.at)
        except HasPlaceError:
            assert status is BookingStatus.CONFIRMED
            return
        if who in self.waiting:
            self.waiting.remove(who)
        self.holders.discard(who)
        self.fill()

    @rule(who=PEOPLE)
    def accept(self, who: str) -> None:
        """Take an offer."""
        booking_id, status = self.find(who)
        if booking_id is None:
            return
        try:
            with self.unit():
                accept_offer(booking_id, site=self.site, at=self.at)
        except OfferOverError:
            assert status is BookingStatus.WAITING

    @precondition(lambda self: self.at < START - timedelta(hours=4))
    @rule(hours=st.integers(1, 20))
    def time_passes(self, hours: int) -> None:
        """Let hours go by, three hours of the event left at least; the worker ends every offer that ran out."""
        self.at = min(self.at + timedelta(hours=hours), START - timedelta(hours=3))
        with self.unit() as session:
            due = session.scalars(
                select(Booking)
                .where(Booking.status == BookingStatus.OFFERED, Booking.offer_expires_at <= self.at)
                .order_by(Booking.waiting_since)
            ).all()
            for booking in due:
                self.holders.remove(booking.email_normalised)
                assert expire_offer(booking.id, site=self.site, at=self.at)
                self.fill()

    @precondition(lambda self: self.capacity < 5)
    @rule(more=st.integers(1, 2))
    def raise_capacity(self, more: int) -> None:
        """Add places."""
        self.capacity += more
        with self.unit() as session:
            event = lock_event(self.event_id)
            event.capacity = self.capacity
            session.flush()
            promote(event, because=Freed.CAPACITY_RAISED, site=self.site, at=self.at)
        self.fill()

    @invariant()
    def the_rows_say_what_the_model_knows(self) -> None:
        """Nobody is lost, the order is kept, places add up."""
        with self.unit() as session:
            rows = session.scalars(
                select(Booking).where(Booking.event_id == self.event_id).order_by(Booking.waiting_since, Booking.id)
            ).all()
            held = {row.email_normalised for row in rows if row.status in LIVE - {BookingStatus.WAITING}}
            line = [row.email_normalised for row in rows if row.status is BookingStatus.WAITING]
            assert (held, line) == (self.holders, self.waiting)
            event = lock_event(self.event_id)
            assert (event.seats_taken, event.capacity) == (len(self.holders), self.capacity)
            assert [fault for each in INVARIANTS.values() for fault in each()] == []

    def fill(self) -> None:
        """Move the longest waiting up, in the model."""
        while self.waiting and len(self.holders) < self.capacity:
            self.holders.add(self.waiting.pop(0))

    def find(self, who: str) -> tuple[object, BookingStatus | None]:
        """Return somebody's live booking."""
        with self.unit() as session:
            mine = select(Booking).where(
                Booking.event_id == self.event_id, Booking.email_normalised == who, Booking.status.in_(LIVE)
            )
            booking = session.scalars(mine).one_or_none()
            return (None, None) if booking is None else (booking.id, booking.status)


@pytest.fixture
def line(app: Flask, unit: Unit) -> type[Line]:
    """Give the machine on this database."""
    return type("LineHere", (Line,), {"unit": staticmethod(unit), "site": app.extensions["engage"].site()})


def test_any_mixture_of_acts_keeps_the_order_and_the_places(line: type[Line]) -> None:
    run_state_machine_as_test(
        line,
        settings=settings(
            max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
