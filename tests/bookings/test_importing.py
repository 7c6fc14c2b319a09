"""Many bookings from a table: what is said first is done, all of it or nothing, and once (S47)."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.by_organiser import remove_booking
from engage.bookings.enums import BookingSource
from engage.bookings.errors import ImportChangedError, NobodyToImportError
from engage.bookings.import_table import ImportRow, RowFault
from engage.bookings.importing import Fate, import_bookings, plan_import
from engage.bookings.models import Booking, Guest
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place
from engage.events.errors import BookingClosedError
from engage.events.models import Event
from engage.flows.invariants import INVARIANTS
from engage.kernel import clock
from engage.kernel.settings import Site
from tests.conftest import SentMail
from tests.factories import make_booking, make_event, make_person
from tests.queries import statements_sent

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


def person(number: int, *, places: int = 1, email: str = "", fault: RowFault | None = None) -> ImportRow:
    return ImportRow(number, f"P {number}", email or f"p{number}@example.org", "", places, fault)


def plan_of(session: Session, event_id: uuid.UUID, people: list[ImportRow]) -> list[Fate]:
    return [fate for _, fate in plan_import(session.get_one(Event, event_id), people, at=clock.now()).rows]


def do_import(
    unit: Unit, site: Site, event_id: uuid.UUID, people: list[ImportRow], *, actor: uuid.UUID | None = None
) -> int:
    with unit() as session:
        seen = plan_import(session.get_one(Event, event_id), people, at=clock.now()).digest
        return import_bookings(event_id, people, seen=seen, locale="en", site=site, at=clock.now(), actor=actor)


@pytest.fixture
def event_id(unit: Unit) -> uuid.UUID:
    with unit():
        event = make_event(capacity=10)
        make_booking(event, "known@example.org")
        return event.id


def test_each_row_has_its_fate_and_places_go_in_the_order_of_the_file(unit: Unit, event_id: uuid.UUID) -> None:
    people = [
        person(2, places=5),
        person(3, email="known@example.org"),
        person(4, email="p2@example.org"),
        person(5, places=5),
        person(6, places=3),
        person(7, fault=RowFault.BAD_ADDRESS),
        person(8),
        person(9),
    ]
    with unit() as session:
        fates = plan_of(session, event_id, people)
    booked, no_room = Fate.BOOKED, Fate.NO_ROOM
    assert fates == [booked, Fate.KNOWN, Fate.TWICE, no_room, booked, Fate.BAD_ADDRESS, booked, no_room]


def test_whoever_cancelled_or_was_removed_is_not_booked_back(unit: Unit, site: Site, event_id: uuid.UUID) -> None:
    with unit() as session:
        event = session.get_one(Event, event_id)
        for address in ("gone@example.org", "back@example.org"):
            booking = make_booking(event, address)
            remove_booking(booking.id, message="", site=site, at=clock.now(), actor=None)
        make_booking(event, "back@example.org")
    people = [person(2, email="gone@example.org"), person(3, email="back@example.org"), person(4, places=5)]
    with unit() as session:
        assert plan_of(session, event_id, people) == [Fate.GAVE_UP, Fate.KNOWN, Fate.BOOKED]


def test_looking_changes_nothing(unit: Unit, event_id: uuid.UUID) -> None:
    with unit() as session:
        plan_of(session, event_id, [person(2)])
    with unit() as session:
        assert session.scalar(select(func.count(Booking.id))) == 1


def test_everybody_gets_a_place_an_invitation_and_an_entry(
    unit: Unit, site: Site, event_id: uuid.UUID, outbox: Callable[[], list[SentMail]], worker: Callable[..., int]
) -> None:
    with unit():
        asha = make_person("asha@example.org", "organiser").id
    count = do_import(unit, site, event_id, [person(2, places=3), person(3)], actor=asha)
    assert count == 2
    with unit() as session:
        bookings = session.scalars(select(Booking).where(Booking.source == BookingSource.IMPORT)).all()
        assert {booking.email_normalised: booking.places for booking in bookings} == {
            "p2@example.org": 3,
            "p3@example.org": 1,
        }
        assert session.get_one(Event, event_id).seats_taken == 5
        assert session.scalar(select(func.count(Guest.id))) == 2
        made = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:booking:create")).all()
        assert [entry.actor for entry in made] == [asha, asha]
        whole = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:bookings:import")).one()
        assert whole.after is not None
        assert (whole.after["bookings"], whole.after["places"]) == (2, 4)
        assert "example.org" not in str(whole.after)
        assert [line for check in INVARIANTS.values() for line in check()] == []
    worker()
    mails = [mail for mail in outbox() if mail.to.startswith("p")]
    assert sorted((mail.kind, mail.to, mail.state) for mail in mails) == [
        ("invitation", "p2@example.org", "sent"),
        ("invitation", "p3@example.org", "sent"),
    ]


def test_imported_twice_it_adds_nobody(unit: Unit, site: Site, event_id: uuid.UUID) -> None:
    people = [person(2), person(3)]
    do_import(unit, site, event_id, people)
    with unit() as session:
        assert plan_of(session, event_id, people) == [Fate.KNOWN, Fate.KNOWN]
    with pytest.raises(NobodyToImportError):
        do_import(unit, site, event_id, people)


def test_what_is_not_as_it_was_seen_is_not_done_at_all(unit: Unit, site: Site, event_id: uuid.UUID) -> None:
    """R1: somebody books between the look and the button."""
    people = [person(number) for number in range(2, 11)]
    with unit() as session:
        seen = plan_import(session.get_one(Event, event_id), people, at=clock.now()).digest
    with unit():
        book_place(event_id, PlaceRequest("Quick", "quick@example.org", "en"), site=site, at=clock.now())
    with pytest.raises(ImportChangedError), unit():
        import_bookings(event_id, people, seen=seen, locale="en", site=site, at=clock.now(), actor=None)
    with unit() as session:
        assert session.scalar(select(func.count(Booking.id))) == 2
        assert session.get_one(Event, event_id).seats_taken == 2


def test_another_table_than_the_one_that_was_seen_is_not_imported(unit: Unit, site: Site, event_id: uuid.UUID) -> None:
    with unit() as session:
        seen = plan_import(session.get_one(Event, event_id), [person(2)], at=clock.now()).digest
    with pytest.raises(ImportChangedError), unit():
        import_bookings(event_id, [person(3)], seen=seen, locale="en", site=site, at=clock.now(), actor=None)


def test_nobody_is_imported_into_a_draft(unit: Unit) -> None:
    with unit():
        draft = make_event(slug="draft", published=False)
        with pytest.raises(BookingClosedError):
            plan_import(draft, [person(2)], at=clock.now())


def test_places_kept_for_a_group_are_not_taken(unit: Unit, event_id: uuid.UUID) -> None:
    with unit() as session:
        session.get_one(Event, event_id).places_kept = 8
        session.flush()
        assert plan_of(session, event_id, [person(2), person(3)]) == [Fate.BOOKED, Fate.NO_ROOM]
        session.rollback()


def test_hundreds_of_rows_take_as_many_statements_as_a_few(unit: Unit, site: Site) -> None:
    with unit():
        event_id = make_event(slug="large", capacity=1000).id
    with statements_sent() as few:
        do_import(unit, site, event_id, [person(number) for number in range(2, 7)])
    with statements_sent() as many:
        do_import(unit, site, event_id, [person(number) for number in range(100, 500)])
    assert len(many) <= len(few) + 5
