"""Places kept for groups: taken from free ones, booked by a link, given to whoever waits when their time comes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.enums import BookingOutcome
from engage.bookings.groups import change_group, release_due_group, release_group
from engage.bookings.models import Booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.events.details import EventDetails
from engage.events.errors import (
    CapacityBelowKeptError,
    EventFullError,
    GroupBelowTakenError,
    GroupNameTakenError,
    GroupNotFoundError,
    GroupReleasedError,
    NotEnoughFreeError,
    ReleaseTimeError,
    StaleEventError,
)
from engage.events.models import Event, PlaceGroup
from engage.events.queries import find_group_by_token, get_group_by_token, group_token
from engage.events.services import add_group, renew_group_link
from engage.flows.cancelling import cancel_event
from engage.flows.invariants import INVARIANTS
from engage.flows.rescheduling import change_event
from engage.jobs import Runner
from engage.kernel.models import Job, JobState
from engage.kernel.settings import Site
from engage.kernel.when import WallTime
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
START = datetime(2026, 11, 5, 12, 30, tzinfo=UTC)
RELEASE = WallTime(date(2026, 10, 25), time(9))  # the day the clocks go back
RELEASE_AT = datetime(2026, 10, 25, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def stopped(clock: time_machine.Traveller) -> None:
    """Stop the clock."""


@pytest.fixture
def site(app: Flask) -> Site:
    """Give the site of the app under test."""
    found: Site = app.extensions["engage"].site()
    return found


@pytest.fixture
def event_id(unit: Unit) -> UUID:
    """Give a webinar with ten places."""
    with unit():
        return make_event(slug="lunch", starts_at=START, capacity=10).id


@pytest.fixture(autouse=True)
def sound(app: Flask, event_id: UUID) -> object:
    """Hold every invariant against what a test leaves (I1, I4, I5, I8)."""
    yield
    with app.app_context():
        assert [line for check in INVARIANTS.values() for line in check()] == []


def keep(unit: Unit, event_id: UUID, places: int = 4, *, name: str = "Volunteers") -> UUID:
    """Keep places for a group."""
    with unit():
        return add_group(event_id, name=name, places=places, release=RELEASE, at=AT, actor=None).id


def book(
    unit: Unit, site: Site, event_id: UUID, who: str, *, group: UUID | None = None, at: datetime = AT, places: int = 1
) -> BookingOutcome:
    """Book as somebody, by a group's link or without."""
    wanted = PlaceRequest(who, f"{who}@example.org", "en", group_id=group, places=places)
    with unit():
        return book_place(event_id, wanted, site=site, at=at)


def counts(unit: Unit, event_id: UUID) -> tuple[int, int]:
    """Return how many places are taken, and how many are kept."""
    with unit() as session:
        event = session.get_one(Event, event_id)
        return event.seats_taken, event.places_kept


def status_of(unit: Unit, who: str) -> str:
    """Return where somebody's booking stands."""
    with unit() as session:
        found = session.scalars(select(Booking).where(Booking.email_normalised == f"{who}@example.org")).one()
        return found.status.value


def test_kept_places_are_not_free_for_others(unit: Unit, site: Site, event_id: UUID) -> None:
    """R1: ten places, four kept: six for everybody, then the list."""
    group = keep(unit, event_id)
    outcomes = [book(unit, site, event_id, f"p{n}") for n in range(7)]

    assert outcomes == [BookingOutcome.PLACE] * 6 + [BookingOutcome.WAITING]
    assert book(unit, site, event_id, "v", group=group) is BookingOutcome.PLACE
    assert counts(unit, event_id) == (7, 3)


def test_a_group_that_is_used_up_books_like_everybody_else(unit: Unit, site: Site, event_id: UUID) -> None:
    """Its fifth booking takes a free place."""
    group = keep(unit, event_id)
    for n in range(5):
        assert book(unit, site, event_id, f"v{n}", group=group) is BookingOutcome.PLACE

    assert counts(unit, event_id) == (5, 0)
    with unit() as session:
        assert session.get_one(PlaceGroup, group).taken == 4


def test_a_place_given_back_stays_the_groups_while_it_keeps_places(unit: Unit, site: Site, event_id: UUID) -> None:
    """Nobody on the list gets it before the release."""
    group = keep(unit, event_id, 10)
    book(unit, site, event_id, "v", group=group)
    assert book(unit, site, event_id, "w") is BookingOutcome.WAITING
    with unit() as session:
        mine = session.scalars(select(Booking.id).where(Booking.group_id == group)).one()
    with unit():
        cancel_booking(mine, site=site, at=AT)

    assert (counts(unit, event_id), status_of(unit, "w")) == ((0, 10), "waiting")


def test_more_places_than_are_free_are_not_kept_and_the_number_is_said(unit: Unit, site: Site, event_id: UUID) -> None:
    """Nothing is kept of it."""
    for n in range(7):
        book(unit, site, event_id, f"p{n}")

    with pytest.raises(NotEnoughFreeError, match="free at the moment: 3"):
        keep(unit, event_id, 4)
    assert counts(unit, event_id) == (7, 0)


def test_two_groups_of_one_event_have_two_names(unit: Unit, event_id: UUID) -> None:
    """So a form sent twice keeps places once (R8)."""
    keep(unit, event_id)

    with pytest.raises(GroupNameTakenError):
        keep(unit, event_id)
    assert counts(unit, event_id) == (0, 4)


@pytest.mark.parametrize(
    "release", [WallTime(date(2026, 9, 1), time(10)), WallTime(date(2026, 11, 5), time(12, 31))], ids=["now", "late"]
)
def test_places_are_released_between_now_and_the_start(unit: Unit, event_id: UUID, release: WallTime) -> None:
    """Neither in the past nor when it is too late for others."""
    with unit(), pytest.raises(ReleaseTimeError):
        add_group(event_id, name="Late", places=1, release=release, at=AT, actor=None)


def test_the_capacity_is_never_below_what_is_booked_and_kept(unit: Unit, site: Site, event_id: UUID) -> None:
    """R10, with both numbers."""
    keep(unit, event_id)
    book(unit, site, event_id, "p")
    with unit() as session:
        event = session.get_one(Event, event_id)
        with pytest.raises(CapacityBelowKeptError, match="1 places are booked and 4 are kept"):
            change_event(event_id, details(event, capacity=4), version=event.version, site=site, at=AT, actor=None)


def details(event: Event, **changed: object) -> EventDetails:
    """Return what the organiser's form holds of an event, with changes."""
    as_is = EventDetails(
        title=event.title,
        summary=event.summary,
        description=event.description,
        day=START.date(),
        start=START.time(),
        end=(START + timedelta(hours=1)).time(),
        timezone=event.timezone,
        capacity=event.capacity,
        join_url=event.join_url,
    )
    return replace(as_is, **changed)  # type: ignore[arg-type]


def test_a_release_gives_what_is_left_to_whoever_waits_in_the_same_transaction(
    unit: Unit, site: Site, event_id: UUID
) -> None:
    """R9: in order; the reason is noted with each promotion."""
    group = keep(unit, event_id, 10)
    book(unit, site, event_id, "v", group=group)
    for n in range(3):
        assert book(unit, site, event_id, f"w{n}") is BookingOutcome.WAITING

    with unit():
        assert release_group(group, event_id=event_id, site=site, at=AT, actor=None) == 9

    assert (counts(unit, event_id), status_of(unit, "w2")) == ((4, 0), "confirmed")
    with unit() as session:
        promoted = session.scalars(select(AuditEntry.after).where(AuditEntry.act == "system:booking:promote")).all()
    assert [entry["because"] for entry in promoted if entry] == ["places of a group released"] * 3
    with unit():
        assert release_group(group, event_id=event_id, site=site, at=AT, actor=None) == 0


def test_fewer_places_for_a_group_go_to_whoever_waits(unit: Unit, site: Site, event_id: UUID) -> None:
    """Never fewer than it has booked; more only while more are free."""
    group = keep(unit, event_id, 10)
    book(unit, site, event_id, "v", group=group, places=2)
    book(unit, site, event_id, "w")

    def change(places: int, version: int = 0) -> int:
        with unit() as session:
            seen = version or session.get_one(Event, event_id).version
            return change_group(
                group,
                event_id=event_id,
                name="Volunteers",
                places=places,
                release=RELEASE,
                version=seen,
                site=site,
                at=AT,
                actor=None,
            )

    with pytest.raises(GroupBelowTakenError, match="already: 2"):
        change(1)
    with pytest.raises(StaleEventError):
        change(5, version=1)
    assert change(5) == 5
    assert (counts(unit, event_id), status_of(unit, "w")) == ((3, 3), "confirmed")
    with pytest.raises(NotEnoughFreeError, match="at the moment: 4"):
        change(10)
    with unit():
        release_group(group, event_id=event_id, site=site, at=AT, actor=None)
    with pytest.raises(GroupReleasedError):
        change(5)


def test_the_worker_releases_at_the_wall_time_that_was_meant(
    unit: Unit, site: Site, event_id: UUID, worker: Callable[..., int]
) -> None:
    """R19, R20: nine o'clock after the clocks went back, not a second before, and once."""
    keep(unit, event_id, 10)
    book(unit, site, event_id, "w")

    worker(RELEASE_AT - timedelta(seconds=1))
    assert counts(unit, event_id) == (0, 10)
    worker(RELEASE_AT)
    assert (counts(unit, event_id), status_of(unit, "w")) == ((1, 0), "confirmed")
    worker(RELEASE_AT - timedelta(days=1))  # the clock goes back
    worker(RELEASE_AT + timedelta(days=1))
    assert counts(unit, event_id) == (1, 0)


def test_a_release_that_was_put_off_happens_at_its_new_time_alone(
    unit: Unit, site: Site, event_id: UUID, worker: Callable[..., int]
) -> None:
    """R20: also when the old moment is chosen again after its own job was done."""
    group = keep(unit, event_id, 10)

    def put_off(release: WallTime) -> None:
        with unit() as session:
            change_group(
                group,
                event_id=event_id,
                name="Volunteers",
                places=10,
                release=release,
                version=session.get_one(Event, event_id).version,
                site=site,
                at=AT,
                actor=None,
            )

    put_off(WallTime(date(2026, 10, 30), time(9)))
    worker(RELEASE_AT)  # a clock that is ahead does the old promise: nothing
    assert counts(unit, event_id) == (0, 10)
    put_off(RELEASE)
    worker(RELEASE_AT)
    assert counts(unit, event_id) == (0, 0)


def test_two_workers_release_once(app: Flask, unit: Unit, site: Site, event_id: UUID) -> None:
    """R20: the one that comes second finds it done."""
    group = keep(unit, event_id, 10)
    book(unit, site, event_id, "w")
    for name in ("one", "two"):
        with app.app_context():
            Runner(site, name=name).run_due(at=RELEASE_AT)

    with unit():
        assert release_due_group(group, event_id=event_id, site=site, at=RELEASE_AT) == 0
    assert counts(unit, event_id) == (1, 0)
    with unit() as session:
        acts = session.scalars(select(AuditEntry.act).where(AuditEntry.act.endswith(":place_group:release"))).all()
        assert acts == ["system:place_group:release"]


def test_an_event_that_moves_forward_releases_at_its_start_at_the_latest(
    unit: Unit, site: Site, event_id: UUID, worker: Callable[..., int]
) -> None:
    """R20: places are not kept past the start; an event that moves back keeps the moment that was chosen."""
    group = keep(unit, event_id, 3)
    sooner, later = datetime(2026, 10, 1, 12, 30, tzinfo=UTC), datetime(2026, 12, 1, 12, 30, tzinfo=UTC)
    for start in (sooner, later):
        with unit() as session:
            event = session.get_one(Event, event_id)
            moved = details(event, day=start.date(), timezone="UTC")
            change_event(event_id, moved, version=event.version, site=site, at=AT, actor=None)

    with unit() as session:
        assert session.get_one(PlaceGroup, group).release_at == sooner
    worker(sooner)
    assert counts(unit, event_id) == (0, 0)


def test_a_cancelled_event_keeps_nothing_and_its_release_finds_nothing_to_do(
    unit: Unit, site: Site, event_id: UUID, worker: Callable[..., int]
) -> None:
    """The job is done without a fault."""
    keep(unit, event_id)
    with unit():
        cancel_event(event_id, reason="Ill.", site=site, at=AT, actor=None)

    worker(RELEASE_AT)

    assert counts(unit, event_id) == (0, 0)
    with unit() as session:
        undone = select(Job).where(Job.name == "events.release-group", Job.state != JobState.DONE)
        assert session.scalars(undone).all() == []


def test_a_full_event_without_a_list_still_takes_the_group(unit: Unit, site: Site, event_id: UUID) -> None:
    """And members first does not keep it out."""
    group = keep(unit, event_id, 10)
    with unit() as session:
        event = session.get_one(Event, event_id)
        event.waiting_list, event.members_only_until = False, START
    with unit() as session:
        session.get_one(Event, event_id).members_only_until = None
    with pytest.raises(EventFullError):
        book(unit, site, event_id, "p")
    with unit() as session:
        session.get_one(Event, event_id).members_only_until = START
    assert book(unit, site, event_id, "v", group=group) is BookingOutcome.PLACE


def test_a_groups_link_ends_when_it_is_replaced_and_opens_no_other_event(
    unit: Unit, site: Site, event_id: UUID
) -> None:
    """S12."""
    group_id = keep(unit, event_id)
    with unit() as session:
        group = session.get_one(PlaceGroup, group_id)
        token = group_token(group, site)
        assert get_group_by_token(token, event_id=event_id, site=site).id == group_id
        assert find_group_by_token(token, event_id=make_event(slug="other").id, site=site) is None
    with unit():
        renew_group_link(group_id, event_id=event_id, at=AT, actor=None)
    with unit() as session:
        assert find_group_by_token(token, event_id=event_id, site=site) is None
        assert find_group_by_token(
            group_token(session.get_one(PlaceGroup, group_id), site), event_id=event_id, site=site
        )
        with pytest.raises(GroupNotFoundError):
            get_group_by_token("forged", event_id=event_id, site=site)
