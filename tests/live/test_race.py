"""Many people, few places, one moment: real server processes, real connections, both databases (R1, R2, R38)."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count as numbers
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from engage.bookings.models import Booking
from engage.bookings.queries import manage_token
from engage.events.models import Event
from engage.flows.cancelling import cancel_event
from engage.flows.invariants import INVARIANTS
from engage.kernel import clock
from tests.databases import TestDatabase
from tests.live.conftest import Running, make_live_event
from tests.live.crowd import Visitor, addresses, all_at_once, rush
from tests.live.tally import Tally, count, messages_by_address, whole
from tests.live.unguarded import unguarded_database
from tests.live_server import live_site

pytestmark = pytest.mark.live

PEOPLE, PLACES = 60, 20


def _event(running: Running, capacity: int) -> tuple[UUID, str]:
    with running.unit():
        event = make_live_event(capacity=capacity)
        return event.id, event.slug


def _tally(running: Running, event_id: UUID) -> Tally:
    with running.unit() as session:
        return count(session, event_id)


def test_a_rush_fills_every_place_and_not_one_more(running: Running) -> None:
    event_id, slug = _event(running, PLACES)

    answers = rush(running.site.port, slug, addresses(PEOPLE))

    assert Counter(answer.status for answer in answers) == {303: PLACES, 409: PEOPLE - PLACES}, running.site.logs()
    assert _tally(running, event_id) == whole(PLACES)
    with running.unit() as session:
        assert set(messages_by_address(session, event_id, "invitation").values()) == {1}


def test_one_address_that_books_ten_times_at_once_holds_one_place(running: Running) -> None:
    event_id, slug = _event(running, PLACES)

    answers = rush(running.site.port, slug, ["cleo@example.net"] * 10)

    assert Counter(answer.status for answer in answers) == {303: 10}, running.site.logs()
    assert len({answer.location for answer in answers}) == 1, "a stranger could tell who was booked already"
    assert _tally(running, event_id) == whole(1)


def test_one_form_sent_ten_times_at_once_is_one_booking(running: Running) -> None:
    event_id, slug = _event(running, PLACES)
    cleo = Visitor(running.site.port, "cleo@example.net")
    form = cleo.open_form(slug)

    answers = all_at_once([lambda: cleo.book(slug, form)] * 10)

    assert Counter(answer.status for answer in answers) == {303: 10}, running.site.logs()
    assert len({answer.location for answer in answers}) == 1
    assert _tally(running, event_id) == whole(1)
    with running.unit() as session:
        assert messages_by_address(session, event_id, "already_booked") == {}


def test_whoever_booked_while_the_event_was_cancelled_is_told_once(running: Running) -> None:
    event_id, slug = _event(running, 1000)
    enough_booked = threading.Event()
    next_number = numbers()
    acknowledged: list[str] = []

    def keep_booking() -> int:
        """Book for one person after another until that is refused; returns the refusal."""
        while True:
            guest = Visitor(running.site.port, f"guest{next(next_number)}@example.net")
            answer = guest.book(slug, guest.open_form(slug))
            if answer.status != 303:
                return answer.status
            acknowledged.append(guest.email)
            if len(acknowledged) >= 12:
                enough_booked.set()

    with ThreadPoolExecutor(8) as people:
        refusals = [people.submit(keep_booking) for _ in range(8)]
        assert enough_booked.wait(15)
        with running.unit():
            cancel_event(event_id, reason="The speaker is ill.", site=running.facts, at=clock.now(), actor=None)
        # 409 for a form that was open already; 422 for one that was opened afterwards and is no form any more
        assert {refusal.result() for refusal in refusals} <= {409, 422}, running.site.logs()

    with running.unit() as session:
        told = messages_by_address(session, event_id, "event_cancelled")
        statuses = session.scalars(select(Booking.status).where(Booking.event_id == event_id))
        assert told == dict.fromkeys(acknowledged, 1)
        assert Counter(map(str, statuses)) == {"cancelled": len(acknowledged)}
        assert session.scalar(select(Event.seats_taken).where(Event.id == event_id)) == 0


def test_the_same_rush_oversells_where_the_guard_is_missing(live_database: TestDatabase, tmp_path: Path) -> None:
    """The control: this crowd finds the fault in code that looks first and writes after."""
    with unguarded_database(live_database, tmp_path, capacity=PLACES) as unguarded:
        with live_site(unguarded.url, with_worker=False, application="tests.live.naive_app:app") as site:
            answers = rush(site.port, unguarded.slug, addresses(PEOPLE))
        engine = create_engine(unguarded.url)
        with Session(engine) as session:
            tally = count(session, unguarded.event_id)
        engine.dispose()

    acknowledged = Counter(answer.status for answer in answers)[303]
    assert acknowledged > PLACES, "the crowd was too slow to find anything"
    assert (tally.confirmed, tally.seats_taken) == (acknowledged, acknowledged)


def test_a_rush_with_cancellations_leaves_every_place_taken_and_the_line_in_order(running: Running) -> None:
    """40 people for 10 places; some give theirs back while others still come. Nobody is lost, nobody overtaken."""
    with running.unit():
        event = make_live_event(capacity=10, waiting_list=True)
        event_id, slug = event.id, event.slug
    first = rush(running.site.port, slug, addresses(10))
    assert Counter(answer.location.rpartition("=")[2] for answer in first) == {"place": 10}, running.site.logs()
    with running.unit() as session:
        early = session.scalars(select(Booking).where(Booking.event_id == event_id).limit(6)).all()
        facts = replace(running.facts, link_secrets=(running.site.environment["LINK_SECRETS"],))
        links = [manage_token(booking, facts) for booking in early]

    def come(number: int) -> int:
        guest = Visitor(running.site.port, f"late{number}@example.net")
        return guest.book(slug, guest.open_form(slug)).status

    def give_back(token: str) -> int:
        return _press(Visitor(running.site.port, "early@example.net"), f"/bookings/{token}/cancel")

    acts = [lambda number=number: come(number) for number in range(30)]
    acts[5:5] = [lambda token=token: give_back(token) for token in links]
    assert Counter(all_at_once(acts)) == {303: 36}, running.site.logs()

    with running.unit() as session:
        bookings = session.scalars(select(Booking).where(Booking.event_id == event_id)).all()
        assert Counter(booking.status.value for booking in bookings) == {"confirmed": 10, "waiting": 24, "cancelled": 6}
        assert session.scalar(select(Event.seats_taken).where(Event.id == event_id)) == 10
        line = [booking.waiting_since for booking in bookings if booking.waiting_since is not None]
        assert len(set(line)) == len(line), "no two stand at one place in the line"
        assert [line for invariant in INVARIANTS.values() for line in invariant()] == []


def _press(visitor: Visitor, path: str) -> int:
    """Open a page with one button and press it; a 503 is waited for. Returns the status."""
    fields = visitor.ask("GET", path).hidden
    for _ in range(20):
        status = visitor.ask("POST", path, fields).status
        if status != 503:
            break
        time.sleep(0.3)
    return status
