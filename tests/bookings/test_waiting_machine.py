"""The waiting list under any mixture of acts: order kept, nobody lost, places add up, nobody told twice."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.changes import hand_over
from engage.bookings.enums import BookingStatus
from engage.bookings.errors import HasPlaceError, OfferOverError
from engage.bookings.groups import release_group
from engage.bookings.guest_queries import guests_of
from engage.bookings.guests import GuestChange, cannot_come, change_party
from engage.bookings.models import Booking
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.bookings.waiting import accept_offer, expire_offer, leave_list
from engage.events.details import EventDetails
from engage.events.errors import CapacityBelowBookedError, CapacityBelowKeptError
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.events.services import add_group
from engage.flows.invariants import INVARIANTS
from engage.flows.rescheduling import change_event
from engage.kernel.settings import Site
from engage.kernel.when import WallTime, local_time
from engage.mail.models import Message
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
START = NOW + timedelta(hours=40)
PEOPLE = st.sampled_from([f"p{number}@example.org" for number in range(7)])
PARTY = st.sampled_from([1, 1, 1, 2, 2, 3])
CAPACITY, KEPT = 6, 2
LIVE = {BookingStatus.CONFIRMED, BookingStatus.WAITING, BookingStatus.OFFERED}
pytestmark = pytest.mark.usefixtures("clock")


@dataclass
class Party:
    """What the model knows of one booking: its size, whether it has an offer, and whose places it holds."""

    who: str
    places: int
    offered: bool = False
    of_group: bool = False


class Line(RuleBasedStateMachine):
    """An event of six places, two kept for a group. The model knows who holds places and who waits, in order."""

    unit: ClassVar[Unit]
    site: ClassVar[Site]

    def __init__(self) -> None:
        """Make the event and the group."""
        super().__init__()
        self.at, self.capacity, self.kept, self.released = NOW, CAPACITY, KEPT, False
        self.holders: dict[str, Party] = {}
        self.waiting: list[Party] = []
        with self.unit():
            event = make_event(capacity=CAPACITY, starts_at=START)
            day_before = local_time(START - timedelta(days=1), event.timezone)
            release = WallTime(day_before.date(), day_before.time().replace(tzinfo=None))
            group = add_group(event.id, name="Members", places=KEPT, release=release, at=NOW, actor=None)
            self.event_id, self.group_id = event.id, group.id

    @property
    def free(self) -> int:
        """Return how many places anybody may take."""
        return self.capacity - self.kept - sum(party.places for party in self.holders.values())

    @rule(who=PEOPLE, places=PARTY, by_group=st.sampled_from([False, False, True]))
    def book(self, who: str, places: int, by_group: bool) -> None:
        """Come by the form, alone or with guests, by the group's link or without; the answer tells no known address."""
        kept = by_group and places <= self.kept
        with self.unit():
            wanted = PlaceRequest(
                name="P",
                email=who,
                locale="en",
                places=places,
                guests=(GuestRequest("G", f"g-{who}"),)[: places - 1],
                group_id=self.group_id if by_group else None,
            )
            outcome = book_place(self.event_id, wanted, site=self.site, at=self.at)
        assert outcome == ("place" if kept or places <= self.free else "waiting")
        if self.find(who) is not None:
            return
        if kept:
            self.kept -= places
            self.holders[who] = Party(who, places, of_group=True)
        elif places <= self.free:
            self.holders[who] = Party(who, places)
        else:
            self.waiting.append(Party(who, places))

    @rule(who=PEOPLE)
    def give_back(self, who: str) -> None:
        """Cancel a confirmed booking; for others nothing changes."""
        party = self.find(who)
        if party is None:
            return
        booking_id = self.booking_id(who)
        with self.unit():
            cancel_booking(booking_id, site=self.site, at=self.at)
        if who in self.holders and not party.offered:
            self.let_go(self.holders.pop(who))

    @rule(who=PEOPLE)
    def leave(self, who: str) -> None:
        """Leave the line or decline an offer."""
        party = self.find(who)
        if party is None:
            return
        booking_id = self.booking_id(who)
        try:
            with self.unit():
                leave_list(booking_id, site=self.site, at=self.at)
        except HasPlaceError:
            assert who in self.holders
            assert not party.offered
            return
        if party in self.waiting:
            self.waiting.remove(party)
        else:
            self.let_go(self.holders.pop(who))

    @rule(who=PEOPLE)
    def accept(self, who: str) -> None:
        """Take an offer."""
        party = self.find(who)
        if party is None:
            return
        booking_id = self.booking_id(who)
        try:
            with self.unit():
                accept_offer(booking_id, site=self.site, at=self.at)
        except OfferOverError:
            assert party in self.waiting
            return
        party.offered = False

    @rule(who=PEOPLE, fewer=st.integers(1, 2), by_guest=st.booleans())
    def become_smaller(self, who: str, fewer: int, by_guest: bool) -> None:
        """Give places back and keep the rest: by the holder for any booking, by a guest for one that has places."""
        party = self.find(who)
        if party is None or party.places <= fewer:
            return
        booking_id = self.booking_id(who)
        alone = by_guest and who in self.holders and not party.offered
        with self.unit():
            guests = guests_of(booking_id)
            if alone:
                fewer = 1
                cannot_come(guests[0].id, site=self.site, at=self.at)
            else:
                changes = [
                    GuestChange(guest.position, guest.name, guest.email_normalised, is_gone=number < fewer)
                    for number, guest in enumerate(guests)
                ]
                change_party(booking_id, changes, site=self.site, at=self.at)
        party.places -= fewer
        if who in self.holders:
            self.let_go(Party(who, fewer, of_group=party.of_group))
        self.fill()

    @rule(who=PEOPLE, other=PEOPLE)
    def give_to_somebody(self, who: str, other: str) -> None:
        """Hand all places over; whoever waits for no more than fit beside the named guests gets them all."""
        party = self.holders.get(who)
        if party is None or party.offered or who == other:
            return
        booking_id = self.booking_id(who)
        with self.unit():
            named = sum(guest.name is not None for guest in guests_of(booking_id))
            hand_over(booking_id, name="O", email=other, site=self.site, at=self.at)
        del self.holders[who]
        receiver = self.find(other)
        if receiver is None:
            self.holders[other] = Party(other, party.places, of_group=party.of_group)
            return
        in_line = receiver in self.waiting or receiver.offered
        if not in_line or receiver.places + named > party.places:
            self.let_go(party)
            return
        if receiver in self.waiting:
            self.waiting.remove(receiver)
        self.holders[other] = Party(other, party.places, of_group=party.of_group)  # an offer of theirs is free again
        self.fill()

    @precondition(lambda self: self.at < START - timedelta(hours=4))
    @rule(hours=st.integers(1, 20))
    def time_passes(self, hours: int) -> None:
        """Let hours go by, three hours of the event left at least; the worker ends every offer that ran out."""
        self.at = min(self.at + timedelta(hours=hours), START - timedelta(hours=3))
        with self.unit() as session:
            due = session.scalars(
                select(Booking)
                .where(
                    Booking.event_id == self.event_id,  # the events of earlier examples are there as well
                    Booking.status == BookingStatus.OFFERED,
                    Booking.offer_expires_at <= self.at,
                )
                .order_by(Booking.waiting_since)
            ).all()
            for booking in due:
                party = self.holders.pop(booking.email_normalised)
                assert expire_offer(booking.id, site=self.site, at=self.at)
                self.let_go(party)

    @rule(to=st.integers(2, 9))
    def change_capacity(self, to: int) -> None:
        """Raise or lower the capacity, never below what is booked or kept (R10); new places go to the line."""
        taken = self.capacity - self.free
        try:
            with self.unit():
                self.set_capacity(to)
        except (CapacityBelowBookedError, CapacityBelowKeptError):
            assert to < taken
            return
        assert to >= taken
        self.capacity = to
        self.fill()

    @precondition(lambda self: not self.released)
    @rule()
    def release(self) -> None:
        """Give the group's places to everybody."""
        with self.unit():
            release_group(self.group_id, event_id=self.event_id, site=self.site, at=self.at, actor=None)
        self.kept, self.released = 0, True
        self.fill()

    @invariant()
    def the_rows_say_what_the_model_knows(self) -> None:
        """Nobody is lost, the order is kept, places add up, and `flask check` finds nothing (I1, I4, I5, I7, I8)."""
        with self.unit() as session:
            rows = session.scalars(
                select(Booking).where(Booking.event_id == self.event_id).order_by(Booking.waiting_since, Booking.id)
            ).all()
            held = {row.email_normalised: row.places for row in rows if row.holds_places()}
            line = [(row.email_normalised, row.places) for row in rows if row.status is BookingStatus.WAITING]
            assert held == {who: party.places for who, party in self.holders.items()}
            assert line == [(party.who, party.places) for party in self.waiting]
            for row in rows:
                if row.holds_places():
                    self.holders[row.email_normalised].offered = row.status is BookingStatus.OFFERED
            event = lock_event(self.event_id)
            taken = sum(party.places for party in self.holders.values())
            assert (event.seats_taken, event.places_kept, event.capacity) == (taken, self.kept, self.capacity)
            keys = session.scalars(select(Message.logical_key)).all()
            assert len(keys) == len(set(keys))
            assert [fault for each in INVARIANTS.values() for fault in each()] == []

    def let_go(self, party: Party) -> None:
        """Give places back in the model: to the group while it keeps places, else to whoever waits."""
        if party.of_group and not self.released:
            self.kept += party.places
        self.fill()

    def fill(self) -> None:
        """Move up, in the model, whoever has waited longest of those whom the free places are enough for."""
        while (party := next((each for each in self.waiting if each.places <= self.free), None)) is not None:
            self.waiting.remove(party)
            self.holders[party.who] = party

    def find(self, who: str) -> Party | None:
        """Return what the model knows of somebody's live booking."""
        return self.holders.get(who) or next((party for party in self.waiting if party.who == who), None)

    def booking_id(self, who: str) -> UUID:
        """Return the id of somebody's live booking."""
        with self.unit() as session:
            mine = (Booking.event_id == self.event_id, Booking.email_normalised == who, Booking.status.in_(LIVE))
            return session.scalars(select(Booking.id).where(*mine)).one()

    def set_capacity(self, to: int) -> None:
        """Save the organiser's form with another capacity."""
        event: Event = lock_event(self.event_id)
        start, end = (local_time(moment, event.timezone) for moment in (event.starts_at, event.ends_at))
        details = EventDetails(
            title=event.title,
            summary=event.summary,
            description=event.description,
            day=start.date(),
            start=start.time().replace(tzinfo=None),
            end=end.time().replace(tzinfo=None),
            timezone=event.timezone,
            capacity=to,
            join_url=event.join_url,
        )
        change_event(event.id, details, version=event.version, site=self.site, at=self.at, actor=None)


@pytest.fixture
def line(app: Flask, unit: Unit) -> type[Line]:
    """Give the machine on this database."""
    return type("LineHere", (Line,), {"unit": staticmethod(unit), "site": app.extensions["engage"].site()})


def test_any_mixture_of_acts_keeps_the_order_and_the_places(line: type[Line]) -> None:
    """R1, R9, R10; I1, I4, I8."""
    run_state_machine_as_test(
        line,
        settings=settings(max_examples=30, stateful_step_count=20, suppress_health_check=list(HealthCheck)),
    )
