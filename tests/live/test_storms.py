"""Parties, people who change their minds, and organisers who change the capacity, all at one moment.

Real server processes and connections on both databases. Each shape has its control: the same crowd oversells an app
that looks first and writes after (R1, R2, R9, R10, I1, I4, I8).
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from engage.bookings.enums import BookingStatus
from engage.bookings.models import Booking
from engage.bookings.queries import manage_token
from engage.events.details import EventDetails
from engage.events.errors import CapacityBelowBookedError, StaleEventError
from engage.events.models import Event
from engage.events.queries import get_event_by_id
from engage.flows.invariants import INVARIANTS
from engage.flows.rescheduling import change_event
from engage.kernel import clock
from engage.kernel.errors import UnavailableError
from engage.kernel.when import local_time
from tests.databases import TestDatabase
from tests.live.conftest import Running, make_live_event
from tests.live.crowd import Visitor, addresses, all_at_once, rush
from tests.live.unguarded import Unguarded, unguarded_database
from tests.live_server import live_site

pytestmark = pytest.mark.live
SIZES = (1, 2, 3, 4, 5)
CAPACITY = 40
STORMS_OF_CONTROL = 5  # a busy machine may serve people one after another


@pytest.fixture
def naive(live_database: TestDatabase, tmp_path: Path) -> Iterator[tuple[Unguarded, int]]:
    """Give the control on this database, and the port that it is served on."""
    with (
        unguarded_database(live_database, tmp_path, capacity=CAPACITY) as unguarded,
        live_site(unguarded.url, with_worker=False, application="tests.live.naive_app:app") as site,
    ):
        yield unguarded, site.port


def test_three_hundred_people_for_a_hundred_places_get_exactly_these(running: Running) -> None:
    """R1, R2, I1."""
    event_id, slug = _event(running, 100)

    answers = rush(running.site.port, slug, addresses(300))

    assert Counter(answer.status for answer in answers) == {303: 300}, running.site.logs()
    assert Counter(answer.location.rpartition("=")[2] for answer in answers) == {"place": 100, "waiting": 200}
    assert _places(running, event_id) == (100, {"confirmed": 100, "waiting": 200})
    assert _violations(running) == []


def test_parties_never_oversell_and_leave_no_place_that_somebody_who_waits_could_have(running: Running) -> None:
    """R1, R2, R9, I1, I8: whoever waits asks for more places than are left."""
    event_id, slug = _event(running, CAPACITY)

    answers = rush(running.site.port, slug, addresses(60), parties=SIZES)

    assert Counter(answer.status for answer in answers) == {303: 60}, running.site.logs()
    with running.unit() as session:
        event = session.get(Event, event_id)
        assert event is not None
        waiting = select(func.min(Booking.places)).where(
            Booking.event_id == event_id, Booking.status == BookingStatus.WAITING
        )
        assert event.places_left() < session.scalars(waiting).one()
        assert event.seats_taken <= CAPACITY
    assert _violations(running) == []


def test_the_same_parties_oversell_where_the_guard_is_missing(naive: tuple[Unguarded, int]) -> None:
    unguarded, port = naive
    rush(port, unguarded.slug, addresses(60), parties=SIZES)

    assert _taken(unguarded) > CAPACITY, "the crowd was too slow to find anything"


def test_people_who_cancel_and_book_again_at_once_keep_places_and_order(running: Running) -> None:
    """R1, R9, I1, I4, I8: twenty people with all places storm in and out, twice, while twenty others come."""
    event_id, slug = _event(running, 20)
    rush(running.site.port, slug, addresses(20))

    def come(number: int) -> None:
        guest = Visitor(running.site.port, f"late{number}@example.net")
        assert guest.book(slug, guest.open_form(slug)).status == 303

    def change_mind(email: str) -> None:
        guest = Visitor(running.site.port, email)
        for _ in range(2):
            _press(guest, _ending(running, event_id, email))
            assert guest.book(slug, guest.open_form(slug)).status == 303

    acts: list[Callable[[], None]] = [lambda email=email: change_mind(email) for email in addresses(20)]
    all_at_once(acts + [lambda number=number: come(number) for number in range(20)])

    taken, by_status = _places(running, event_id)
    assert taken == 20
    assert by_status["confirmed"] == 20
    assert by_status["confirmed"] + by_status["waiting"] == 40, "each of the forty has one live booking"
    assert _violations(running) == []


def test_the_same_storm_oversells_where_the_guard_is_missing(naive: tuple[Unguarded, int]) -> None:
    unguarded, port = naive
    rush(port, unguarded.slug, addresses(CAPACITY))

    def change_mind(email: str) -> None:
        guest = Visitor(port, email)
        guest.ask("POST", f"/events/{unguarded.slug}/cancel", {"email": email})
        guest.book(unguarded.slug, {})

    def come(number: int) -> None:
        Visitor(port, f"late{number}@example.net").book(unguarded.slug, {})

    acts: list[Callable[[], None]] = [lambda email=email: change_mind(email) for email in addresses(CAPACITY)]
    for _ in range(STORMS_OF_CONTROL):
        all_at_once(acts + [lambda number=number: come(number) for number in range(20)])
        if _taken(unguarded) > CAPACITY:
            break

    assert _taken(unguarded) > CAPACITY, "the crowd was too slow to find anything"


def test_two_organisers_change_the_capacity_while_people_book(running: Running) -> None:
    """R1, R9, R10, R11: each change is whole or refused, and never below what is booked."""
    event_id, slug = _event(running, 10)
    done = threading.Event()

    def organise(sizes: tuple[int, ...]) -> None:
        while not done.is_set():
            for size in sizes:
                try:
                    with running.unit():
                        _set_capacity(running, event_id, size)
                except (CapacityBelowBookedError, StaleEventError, UnavailableError):
                    continue  # refused by name, or somebody else was quicker

    with ThreadPoolExecutor(2) as organisers:
        both = [organisers.submit(organise, sizes) for sizes in ((5, 30, 12), (25, 8, 18))]
        answers = rush(running.site.port, slug, addresses(60))
        done.set()
        for each in both:
            each.result()

    assert set(Counter(answer.status for answer in answers)) <= {303, 409}, running.site.logs()
    with running.unit() as session:
        taken = session.scalars(select(Event.seats_taken).where(Event.id == event_id)).one()
        with pytest.raises(CapacityBelowBookedError):
            _set_capacity(running, event_id, taken - 1)
    assert _violations(running) == []


def test_capacity_goes_below_what_is_booked_where_the_guard_is_missing(naive: tuple[Unguarded, int]) -> None:
    unguarded, port = naive
    lower = Visitor(port, "asha@example.net")
    path = f"/events/{unguarded.slug}/capacity"
    taken = capacity = 0
    for storm in range(STORMS_OF_CONTROL):
        lower.ask("POST", path, {"capacity": str(taken + CAPACITY)})
        acts: list[Callable[[], object]] = [
            lambda size=taken + more: lower.ask("POST", path, {"capacity": str(size)}) for more in (20, 25, 30, 35)
        ]
        people = [Visitor(port, f"storm{storm}-{email}") for email in addresses(60)]
        all_at_once(acts + [lambda guest=guest: guest.book(unguarded.slug, {}) for guest in people])
        taken, capacity = _seats_and_capacity(unguarded)
        if taken > capacity:
            break

    assert taken > capacity, "the organisers were too slow to find anything"


def _seats_and_capacity(unguarded: Unguarded) -> tuple[int, int]:
    engine = create_engine(unguarded.url)
    with Session(engine) as session:
        event = session.get(Event, unguarded.event_id)
        assert event is not None
        found = event.seats_taken, event.capacity
    engine.dispose()
    return found


def _event(running: Running, capacity: int) -> tuple[UUID, str]:
    with running.unit():
        event = make_live_event(capacity=capacity, waiting_list=True)
        return event.id, event.slug


def _places(running: Running, event_id: UUID) -> tuple[int, Counter[str]]:
    with running.unit() as session:
        statuses = session.scalars(select(Booking.status).where(Booking.event_id == event_id)).all()
        return session.scalars(select(Event.seats_taken).where(Event.id == event_id)).one(), Counter(statuses)


def _violations(running: Running) -> list[str]:
    with running.unit():
        return [line for each in INVARIANTS.values() for line in each()]


def _taken(unguarded: Unguarded) -> int:
    engine = create_engine(unguarded.url)
    with Session(engine) as session:
        confirmed = (Booking.event_id == unguarded.event_id, Booking.status == BookingStatus.CONFIRMED)
        taken = session.scalars(select(func.sum(Booking.places)).where(*confirmed)).one()
    engine.dispose()
    return int(taken)


def _ending(running: Running, event_id: UUID, email: str) -> str:
    """Return the page on which somebody ends what they have: a place, or a wait for one."""
    facts = replace(running.facts, link_secrets=(running.site.environment["LINK_SECRETS"],))
    live = (BookingStatus.CONFIRMED, BookingStatus.WAITING, BookingStatus.OFFERED)
    with running.unit() as session:
        mine = (Booking.event_id == event_id, Booking.email_normalised == email, Booking.status.in_(live))
        booking = session.scalars(select(Booking).where(*mine)).one()
        token = manage_token(booking, facts)
        return f"/bookings/{token}/cancel" if booking.is_live() else f"/waiting/{token}/leave"


def _press(visitor: Visitor, path: str) -> None:
    """Open a page with one button and press it until it was not too busy.

    Whoever moved up, or whose turn ended, in between gets a page that says so (409, or the page itself).
    """
    fields = visitor.ask("GET", path).hidden
    for _ in range(30):
        if visitor.ask("POST", path, fields).status != 503:
            return
        time.sleep(0.3)


def _set_capacity(running: Running, event_id: UUID, size: int) -> None:
    event = get_event_by_id(event_id)
    start, end = (local_time(moment, event.timezone) for moment in (event.starts_at, event.ends_at))
    details = EventDetails(
        title=event.title,
        summary=event.summary,
        description=event.description,
        day=start.date(),
        start=start.time().replace(tzinfo=None),
        end=end.time().replace(tzinfo=None),
        timezone=event.timezone,
        capacity=size,
        join_url=event.join_url,
    )
    change_event(event_id, details, version=event.version, site=running.facts, at=clock.now(), actor=None)
