"""Organisers add and remove bookings of others: never more than there are places, and everybody concerned is told."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.by_organiser import add_booking, remove_booking
from engage.bookings.enums import BookingSource, BookingStatus, CancelledBy
from engage.bookings.errors import BookingEndedError, KnownAddressError, NotEnoughFreeError, OverError, WouldWaitError
from engage.bookings.models import Booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place
from engage.events.errors import BookingClosedError, EventFullError
from engage.events.models import Event
from engage.flows.invariants import INVARIANTS
from engage.kernel import clock
from engage.kernel.settings import Site
from tests.conftest import SentMail
from tests.factories import make_booking, make_event, make_person

Unit = Callable[[], AbstractContextManager[Session]]
Outbox = Callable[[], list[SentMail]]


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


def request_for(email: str, **more: object) -> PlaceRequest:
    return PlaceRequest("Nia Rees", email, "en", source=BookingSource.ORGANISER, **more)  # type: ignore[arg-type]


def event_with(unit: Unit, *holders: str, capacity: int, waiting_list: bool = True, **more: object) -> uuid.UUID:
    with unit():
        event = make_event(capacity=capacity, **more)  # type: ignore[arg-type]
        event.waiting_list = waiting_list
        for email in holders:
            make_booking(event, email)
        return event.id


def status_of(session: Session, email: str) -> BookingStatus:
    return session.scalars(select(Booking).where(Booking.email_normalised == email)).one().status


def violations() -> list[str]:
    return [line for check in INVARIANTS.values() for line in check()]


def test_somebody_who_is_added_has_a_place_an_invitation_and_says_who_added_them(
    unit: Unit, site: Site, outbox: Outbox
) -> None:
    event_id = event_with(unit, capacity=3)
    with unit():
        asha = make_person("asha@example.org", "organiser").id
        added = add_booking(
            event_id,
            request_for("Nia@Example.ORG", places=2, organisation="River Trust", actor=asha),
            or_wait=False,
            site=site,
            at=clock.now(),
        )
        booking_id = added.id
    with unit() as session:
        booking = session.get_one(Booking, booking_id)
        assert (booking.email_normalised, booking.organisation) == ("nia@example.org", "River Trust")
        assert (booking.source, booking.status, booking.places) == (
            BookingSource.ORGANISER,
            BookingStatus.CONFIRMED,
            2,
        )
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:booking:create")).one()
        assert (entry.actor, entry.object) == (asha, f"booking:{booking_id}")
        assert session.get_one(Event, event_id).seats_taken == 2
        assert violations() == []
    assert [(mail.kind, mail.to) for mail in outbox()] == [("invitation", "nia@example.org")]


def test_an_organiser_is_told_that_an_address_is_known_and_nobody_gets_a_mail(
    unit: Unit, site: Site, outbox: Outbox
) -> None:
    event_id = event_with(unit, "nia@example.org", capacity=3)
    with pytest.raises(KnownAddressError) as refusal, unit():
        add_booking(event_id, request_for("NIA@example.org"), or_wait=True, site=site, at=clock.now())
    with unit() as session:
        assert session.scalars(select(Booking)).one().reference in str(refusal.value)
    assert len(outbox()) == 1  # the invitation of then


def test_a_full_event_asks_before_anybody_waits(unit: Unit, site: Site, outbox: Outbox) -> None:
    event_id = event_with(unit, "ana@example.org", capacity=2)
    request = request_for("nia@example.org", places=2)
    with pytest.raises(WouldWaitError) as refusal, unit():
        add_booking(event_id, request, or_wait=False, site=site, at=clock.now())
    assert refusal.value.values == {"asked": 2, "free": 1}
    with unit():
        add_booking(event_id, request, or_wait=True, site=site, at=clock.now())
    with unit() as session:
        assert status_of(session, "nia@example.org") is BookingStatus.WAITING
        assert session.get_one(Event, event_id).seats_taken == 1
        assert violations() == []
    assert [mail.kind for mail in outbox()] == ["invitation", "waiting"]


def test_without_a_waiting_list_a_full_event_takes_nobody(unit: Unit, site: Site) -> None:
    """R1: adding by hand oversells no more than booking does."""
    event_id = event_with(unit, "ana@example.org", capacity=1, waiting_list=False)
    with pytest.raises(EventFullError), unit():
        add_booking(event_id, request_for("nia@example.org"), or_wait=True, site=site, at=clock.now())
    with pytest.raises(NotEnoughFreeError) as refusal, unit():
        add_booking(
            event_id, request_for("nia@example.org"), or_wait=True, site=site, at=clock.now(), last_place_gone=True
        )
    assert refusal.value.values == {"asked": 1, "free": 0}
    with unit() as session:
        assert len(session.scalars(select(Booking)).all()) == 1


def test_members_first_does_not_bind_an_organiser(unit: Unit, site: Site) -> None:
    event_id = event_with(unit, capacity=2)
    with unit() as session:
        session.get_one(Event, event_id).members_only_until = clock.now() + timedelta(days=1)
    with unit():
        booking = add_booking(event_id, request_for("nia@example.org"), or_wait=False, site=site, at=clock.now())
        assert booking.status is BookingStatus.CONFIRMED


def test_nobody_is_added_to_a_draft(unit: Unit, site: Site) -> None:
    event_id = event_with(unit, capacity=2, published=False)
    with pytest.raises(BookingClosedError), unit():
        add_booking(event_id, request_for("nia@example.org"), or_wait=False, site=site, at=clock.now())


def full_event(unit: Unit, site: Site, *, starts_at: datetime | None = None) -> dict[str, uuid.UUID]:
    """Make an event of one place: ana has it, ben and cat wait."""
    event_id = event_with(unit, "ana@example.org", capacity=1, starts_at=starts_at)
    for name in ("ben", "cat"):
        with unit():
            book_place(event_id, PlaceRequest(name, f"{name}@example.org", "en"), site=site, at=clock.now())
    with unit() as session:
        return {booking.email_normalised[:3]: booking.id for booking in session.scalars(select(Booking))}


def test_a_removed_booking_is_told_and_its_place_goes_to_who_waits(
    unit: Unit, site: Site, outbox: Outbox, worker: Callable[..., int]
) -> None:
    """R9: once, in order, with the reason kept."""
    bookings = full_event(unit, site)
    with unit():
        asha = make_person("asha@example.org", "organiser").id
        remove_booking(bookings["ana"], message="You asked us by telephone.", site=site, at=clock.now(), actor=asha)
    with unit() as session:
        ana = session.get_one(Booking, bookings["ana"])
        assert (ana.status, ana.cancelled_by) == (BookingStatus.CANCELLED, CancelledBy.ORGANISER)
        assert status_of(session, "ben@example.org") is BookingStatus.CONFIRMED
        assert status_of(session, "cat@example.org") is BookingStatus.WAITING
        removed = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:booking:remove")).one()
        assert (removed.actor, removed.object) == (asha, f"booking:{ana.id}")
        moved = session.scalars(select(AuditEntry).where(AuditEntry.act == "system:booking:promote")).one()
        assert (moved.object, moved.after) == (
            f"booking:{bookings['ben']}",
            {"because": "removed by the organiser", "places": 1},
        )
        assert violations() == []
    worker()
    farewell = next(mail for mail in outbox() if mail.kind == "booking_cancelled")
    assert farewell.to == "ana@example.org"
    assert farewell.mail is not None
    assert farewell.mail["Subject"].startswith("Booking cancelled by the organisers: ")
    text = farewell.mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "They write: You asked us by telephone." in text
    assert "Thank you for telling us" not in text
    assert "METHOD:CANCEL" in "".join(
        part.get_content() for part in farewell.mail.walk() if part.get_content_type() == "text/calendar"
    )


def test_somebody_who_waits_is_removed_and_told_without_a_calendar_part(
    unit: Unit, site: Site, outbox: Outbox, worker: Callable[..., int]
) -> None:
    bookings = full_event(unit, site)
    with unit():
        remove_booking(bookings["ben"], message="", site=site, at=clock.now(), actor=None)
    with unit() as session:
        assert status_of(session, "ben@example.org") is BookingStatus.CANCELLED
        assert status_of(session, "ana@example.org") is BookingStatus.CONFIRMED
        assert violations() == []
    worker()
    farewell = next(mail for mail in outbox() if mail.kind == "list_closed")
    assert farewell.mail is not None
    assert farewell.mail["Subject"].startswith("Off the waiting list: ")
    assert [part.get_content_type() for part in farewell.mail.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
    ]


@pytest.mark.usefixtures("clock")
def test_an_offer_that_is_removed_goes_to_the_next(unit: Unit, site: Site) -> None:
    bookings = full_event(unit, site, starts_at=clock.now() + timedelta(hours=10))
    with unit():
        remove_booking(bookings["ana"], message="", site=site, at=clock.now(), actor=None)
    with unit() as session:
        assert status_of(session, "ben@example.org") is BookingStatus.OFFERED
    with unit():
        remove_booking(bookings["ben"], message="", site=site, at=clock.now(), actor=None)
    with unit() as session:
        assert status_of(session, "cat@example.org") is BookingStatus.OFFERED
        assert violations() == []


def test_what_has_ended_cannot_be_removed_and_nobody_is_told_twice(unit: Unit, site: Site, outbox: Outbox) -> None:
    bookings = full_event(unit, site)
    with unit():
        remove_booking(bookings["ana"], message="", site=site, at=clock.now(), actor=None)
    before = len(outbox())
    with pytest.raises(BookingEndedError), unit():
        remove_booking(bookings["ana"], message="", site=site, at=clock.now(), actor=None)
    assert len(outbox()) == before


def test_after_the_event_a_booking_stays(unit: Unit, site: Site) -> None:
    bookings = full_event(unit, site)
    with pytest.raises(OverError), unit():
        remove_booking(bookings["ana"], message="", site=site, at=clock.now() + timedelta(days=30), actor=None)


def test_who_was_removed_can_book_again(unit: Unit, site: Site) -> None:
    event_id = event_with(unit, "ana@example.org", capacity=1)
    with unit() as session:
        ana = session.scalars(select(Booking)).one().id
        remove_booking(ana, message="", site=site, at=clock.now(), actor=None)
    with unit():
        book_place(event_id, PlaceRequest("Ana", "ana@example.org", "en"), site=site, at=clock.now())
        assert violations() == []
