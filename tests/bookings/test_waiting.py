"""The waiting list: joined, moved up, offered, declined, run out and closed; nobody is overtaken or lost (rule 12)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.enums import BookingOutcome, BookingStatus
from engage.bookings.errors import HasPlaceError, OfferOverError
from engage.bookings.models import Booking
from engage.bookings.queries import people_ahead, turnout
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.bookings.waiting import accept_offer, close_list, expire_offer, leave_list
from engage.events.details import EventDetails
from engage.events.errors import EventFullError
from engage.events.models import Event
from engage.flows.cancelling import cancel_event
from engage.flows.invariants import INVARIANTS
from engage.flows.rescheduling import change_event
from engage.kernel.models import Job
from engage.kernel.settings import Site
from engage.kernel.when import local_time
from engage.mail.models import Message
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(hours=10)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


def book(event: Event, name: str, site: Site, at: datetime = NOW) -> BookingOutcome:
    return book_place(event.id, PlaceRequest(name=name, email=f"{name}@example.org", locale="en"), site=site, at=at)


def booking_of(session: Session, name: str) -> Booking:
    """Return the latest booking of somebody."""
    mine = session.scalars(select(Booking).where(Booking.email_normalised == f"{name}@example.org")).all()
    return next((each for each in mine if each.status is not BookingStatus.CANCELLED), mine[-1])


def statuses(session: Session, *names: str) -> list[str]:
    return [booking_of(session, name).status.value for name in names]


def mail_to(session: Session, name: str) -> list[str]:
    rows = session.scalars(select(Message.kind).where(Message.to_addr == f"{name}@example.org").order_by(Message.id))
    return [kind.value for kind in rows]


def reasons(session: Session) -> list[tuple[str, str]]:
    entries = session.scalars(select(AuditEntry).where(AuditEntry.act.like("system:booking:%"))).all()
    return sorted((entry.act, entry.after["because"]) for entry in entries if entry.after)


def violations() -> list[str]:
    return [line for invariant in INVARIANTS.values() for line in invariant()]


def change(event: Event, site: Site, *, capacity: int, starts_at: datetime | None = None) -> None:
    start = local_time(starts_at or event.starts_at, event.timezone)
    change_event(
        event.id,
        EventDetails(
            title=event.title,
            summary=event.summary,
            description=event.description,
            day=start.date(),
            start=start.time().replace(tzinfo=None),
            end=(start + timedelta(hours=1)).time().replace(tzinfo=None),
            timezone=event.timezone,
            capacity=capacity,
            join_url=event.join_url,
        ),
        version=event.version,
        site=site,
        at=NOW,
        actor=None,
    )


def make_full_event(site: Site, *waiting: str, starts_at: datetime | None = None) -> Event:
    """Make an event whose one place Ana has, with people who wait in this order."""
    event = make_event(capacity=1, starts_at=starts_at)
    assert book(event, "ana", site) is BookingOutcome.PLACE
    for name in waiting:
        assert book(event, name, site) is BookingOutcome.WAITING
    return event


def test_whoever_comes_to_a_full_event_waits_without_an_invitation(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site, "ben", "cleo")

        assert statuses(session, "ana", "ben", "cleo") == ["confirmed", "waiting", "waiting"]
        assert [people_ahead(booking_of(session, name)) for name in ("ben", "cleo")] == [0, 1]
        assert mail_to(session, "ben") == ["waiting"]
        session.refresh(event)
        assert (event.seats_taken, turnout(event.id).waiting) == (1, 2)
        assert violations() == []


def test_a_known_address_gets_the_answer_of_a_new_one_and_a_mail_about_what_it_has(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site, "ben")
        assert book(event, "ana", site) is book(event, "ben", site) is BookingOutcome.WAITING
        assert mail_to(session, "ana") == ["invitation", "already_booked"]
        assert mail_to(session, "ben") == ["waiting", "waiting"]
        for _ in range(5):
            book(event, "ben", site)
        assert mail_to(session, "ben") == ["waiting"] * 3, "at most three a day"
        assert violations() == []


def test_a_closed_list_refuses(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site)
        event.waiting_list = False
        session.flush()
        for name in ("ana", "ben"):
            with pytest.raises(EventFullError):
                book(event, name, site)


def test_far_from_the_event_the_first_in_line_moves_up_at_once(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site, "ben", "cleo")
        cancel_booking(booking_of(session, "ana").id, site=site, at=NOW)

        assert statuses(session, "ana", "ben", "cleo") == ["cancelled", "confirmed", "waiting"]
        assert mail_to(session, "ben") == ["waiting", "invitation"]
        promoted = session.scalars(select(Message).where(Message.to_addr == "ben@example.org")).all()[-1]
        assert promoted.facts["promoted"] is True
        assert promoted.facts["calendar"]["method"] == "REQUEST"
        assert reasons(session) == [("system:booking:promote", "cancelled")]
        session.refresh(event)
        assert event.seats_taken == 1
        assert violations() == []


def test_whoever_cancelled_goes_to_the_end_and_nobody_new_overtakes(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site, "ben", "cleo")
        cancel_booking(booking_of(session, "ana").id, site=site, at=NOW)
        assert book(event, "ana", site) is book(event, "dan", site) is BookingOutcome.WAITING
        assert people_ahead(booking_of(session, "ana")) == 1

        for name in ("ben", "cleo"):
            cancel_booking(booking_of(session, name).id, site=site, at=NOW)
        assert statuses(session, "ben", "cleo", "ana", "dan") == ["cancelled", "cancelled", "confirmed", "waiting"]
        assert violations() == []


def test_raised_capacity_moves_as_many_up_as_fit(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site, "ben", "cleo", "dan")
        change(event, site, capacity=3)

        assert statuses(session, "ben", "cleo", "dan") == ["confirmed", "confirmed", "waiting"]
        assert reasons(session) == [("system:booking:promote", "capacity raised")] * 2
        session.refresh(event)
        assert (event.seats_taken, event.capacity) == (3, 3)
        assert violations() == []


def test_near_the_event_a_place_is_offered_and_held(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site, "ben", "cleo", starts_at=SOON)
        cancel_booking(booking_of(session, "ana").id, site=site, at=NOW)

        ben = booking_of(session, "ben")
        assert (ben.status, ben.offer_expires_at) == (BookingStatus.OFFERED, NOW + timedelta(hours=2))
        assert mail_to(session, "ben") == ["waiting", "offer"]
        session.refresh(event)
        assert event.seats_taken == 1, "the offered place is held"
        assert book(event, "dan", site) is BookingOutcome.WAITING
        assert violations() == []

        accept_offer(ben.id, site=site, at=NOW)
        accept_offer(ben.id, site=site, at=NOW)
        assert mail_to(session, "ben") == ["waiting", "offer", "invitation"]
        session.refresh(event)
        assert (statuses(session, "ben"), event.seats_taken) == (["confirmed"], 1)
        assert violations() == []


def test_no_offer_lasts_beyond_the_start(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site, "ben", starts_at=NOW + timedelta(hours=1))
        cancel_booking(booking_of(session, "ana").id, site=site, at=NOW)
        assert booking_of(session, "ben").offer_expires_at == event.starts_at


def test_once_the_doors_are_open_a_place_moves_up_without_asking(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site, "ben", starts_at=SOON)
        cancel_booking(booking_of(session, "ana").id, site=site, at=event.doors_open_at())
        assert statuses(session, "ben") == ["confirmed"]


def test_a_declined_offer_goes_to_the_next(unit: Unit, site: Site) -> None:
    with unit() as session:
        make_full_event(site, "ben", "cleo", starts_at=SOON)
        cancel_booking(booking_of(session, "ana").id, site=site, at=NOW)
        ben = booking_of(session, "ben")
        leave_list(ben.id, site=site, at=NOW)
        leave_list(ben.id, site=site, at=NOW)

        assert statuses(session, "ben", "cleo") == ["cancelled", "offered"]
        assert reasons(session) == [("system:booking:offer", "cancelled"), ("system:booking:offer", "declined")]
        with pytest.raises(OfferOverError):
            accept_offer(ben.id, site=site, at=NOW)
        assert violations() == []


def test_leaving_the_list_moves_the_others_forward(unit: Unit, site: Site) -> None:
    with unit() as session:
        make_full_event(site, "ben", "cleo")
        leave_list(booking_of(session, "ben").id, site=site, at=NOW)
        assert people_ahead(booking_of(session, "cleo")) == 0
        with pytest.raises(HasPlaceError):
            leave_list(booking_of(session, "ana").id, site=site, at=NOW)
        assert violations() == []


def test_an_offer_that_runs_out_is_ended_by_the_worker_and_passed_on(
    unit: Unit, site: Site, worker: Callable[..., int]
) -> None:
    with unit() as session:
        event = make_full_event(site, "ben", "cleo", starts_at=SOON)
        cancel_booking(booking_of(session, "ana").id, site=site, at=NOW)
        ben, event_id = booking_of(session, "ben").id, event.id
        assert not expire_offer(ben, site=site, at=NOW + timedelta(minutes=119))
    late = NOW + timedelta(hours=2)
    worker(late)
    worker(late)

    with unit() as session:
        assert statuses(session, "ben", "cleo") == ["expired", "offered"]
        assert mail_to(session, "ben") == ["waiting", "offer", "offer_expired"]
        expires_at = booking_of(session, "cleo").offer_expires_at
        assert expires_at is not None
        assert late <= expires_at - timedelta(hours=2) < late + timedelta(minutes=1)  # a worker's clock goes on
        assert turnout(event_id).offered == 1
        with pytest.raises(OfferOverError):
            accept_offer(ben, site=site, at=late)
        assert violations() == []


def test_an_offer_cannot_be_taken_late_even_if_the_worker_is_slow(unit: Unit, site: Site) -> None:
    with unit() as session:
        make_full_event(site, "ben", starts_at=SOON)
        cancel_booking(booking_of(session, "ana").id, site=site, at=NOW)
        with pytest.raises(OfferOverError):
            accept_offer(booking_of(session, "ben").id, site=site, at=NOW + timedelta(hours=2))


def test_whoever_still_waits_at_the_end_is_told_once(unit: Unit, site: Site, worker: Callable[..., int]) -> None:
    with unit() as session:
        event = make_full_event(site, "ben", "cleo")
        event_id, ends_at = event.id, event.ends_at
        assert close_list(event_id, site=site, at=ends_at - timedelta(seconds=1)) == 0
    worker(ends_at)
    worker(ends_at + timedelta(hours=1))

    with unit() as session:
        assert close_list(event_id, site=site, at=ends_at + timedelta(hours=2)) == 0
        assert statuses(session, "ana", "ben", "cleo") == ["confirmed", "expired", "expired"]
        assert mail_to(session, "ben") == ["waiting", "list_closed"]
        assert violations() == []


def test_cancelling_the_event_tells_whoever_waits_once(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site, "ben", "cleo", starts_at=SOON)
        cancel_booking(booking_of(session, "ana").id, site=site, at=NOW)
        assert cancel_event(event.id, reason="Ill", site=site, at=NOW, actor=None) == 2

        assert mail_to(session, "ben") == ["waiting", "offer", "list_closed"]
        assert mail_to(session, "cleo") == ["waiting", "list_closed"]
        session.refresh(event)
        assert event.seats_taken == 0
        assert violations() == []


def test_whoever_waits_hears_of_a_new_time_and_the_list_closes_at_the_new_end(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site, "ben")
        change(event, site, capacity=1, starts_at=event.starts_at + timedelta(days=1))

        assert mail_to(session, "ben") == ["waiting", "waiting"]
        ends = session.scalars(select(Job.run_at).where(Job.name == "bookings.close-list").order_by(Job.run_at)).all()
        assert ends == [event.ends_at - timedelta(days=1), event.ends_at]
        assert close_list(event.id, site=site, at=event.ends_at - timedelta(hours=2)) == 0


def test_an_event_that_moves_nearer_shortens_its_offers(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_full_event(site, "ben", starts_at=SOON)
        cancel_booking(booking_of(session, "ana").id, site=site, at=NOW)
        change(event, site, capacity=1, starts_at=NOW + timedelta(hours=1))
        assert booking_of(session, "ben").offer_expires_at == event.starts_at
        assert mail_to(session, "ben") == ["waiting", "offer", "offer"]


def test_the_last_place_that_goes_while_somebody_books_leads_to_the_list(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event(capacity=2)
        book(event, "ana", site)
        ben, cleo = (PlaceRequest(name, f"{name}@example.org", "en") for name in ("ben", "cleo"))
        assert book_place(event.id, ben, site=site, at=NOW, last_place_gone=True) is BookingOutcome.PLACE
        assert book_place(event.id, cleo, site=site, at=NOW, last_place_gone=True) is BookingOutcome.WAITING
        assert statuses(session, "ben", "cleo") == ["confirmed", "waiting"]
        assert violations() == []


def test_when_somebody_is_asked_and_for_how_long_are_settings(unit: Unit, site: Site) -> None:
    """R9: the deadline of an offer."""
    ours = replace(site, waiting_move_up_hours=3, waiting_offer_minutes=15)
    with unit() as session:
        event = make_full_event(ours, "ben", "cleo", starts_at=NOW + timedelta(hours=4))
        cancel_booking(booking_of(session, "ana").id, site=ours, at=NOW)
        assert booking_of(session, "ben").status is BookingStatus.CONFIRMED

        late = event.starts_at - timedelta(hours=2)
        cancel_booking(booking_of(session, "ben").id, site=ours, at=late)
        assert booking_of(session, "cleo").offer_expires_at == late + timedelta(minutes=15)
