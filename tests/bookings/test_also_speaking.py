"""Whoever speaks and books as well has the event in their calendar once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.enums import BookingStatus
from engage.bookings.models import Booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.events.enums import AppearanceStatus
from engage.events.models import Event
from engage.flows.invariants import INVARIANTS
from engage.flows.line_up import take_out
from engage.flows.rescheduling import change_event
from engage.flows.speaking import answer_to_speak
from engage.kernel.settings import Site
from tests.conftest import SentMail
from tests.factories import details_of, make_booking, make_event, make_speaker

Unit = Callable[[], AbstractContextManager[Session]]
Worker = Callable[..., int]
Outbox = Callable[[], list[SentMail]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
BEN = "ben@example.org"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


@pytest.fixture
def ben(unit: Unit) -> tuple[UUID, UUID]:
    """Return an event of next week with one place, and the appearance of Ben, who speaks there."""
    with unit():
        event = make_event(slug="rivers", capacity=1)
        return event.id, make_speaker(event, email=BEN).id


def carried(mail: EmailMessage | None) -> str:
    """Return METHOD and SEQUENCE of a mail's calendar part, "" without one."""
    assert mail is not None
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            calendar = Calendar.from_ical(part.get_payload(decode=True))
            return f"{calendar['METHOD']} {int(calendar.walk('VEVENT')[0]['SEQUENCE'])}"
    return ""


def mails(worker: Worker, outbox: Outbox) -> list[tuple[str, str]]:
    """Send what waits, and return the kinds of Ben's mails with what each carries."""
    worker(LATER)
    return [(each.kind, carried(each.mail)) for each in outbox() if each.to == BEN]


def broken(unit: Unit) -> list[str]:
    with unit():
        return [problem for check in INVARIANTS.values() for problem in check()]


def book(unit: Unit, event_id: UUID, site: Site) -> UUID:
    with unit() as session:
        return make_booking(session.get_one(Event, event_id), BEN, site=site).id


def test_the_booking_of_a_speaker_brings_no_second_entry_until_they_speak_no_more(
    unit: Unit, ben: tuple[UUID, UUID], site: Site, worker: Worker, outbox: Outbox
) -> None:
    event_id, appearance_id = ben
    book(unit, event_id, site)
    assert mails(worker, outbox) == [("speaker_invited", "REQUEST 0"), ("invitation", "")]
    text = outbox()[-1].mail
    assert text is not None
    assert "this mail brings no second entry" in text.get_body(("plain",)).get_content().replace("\r\n", " ")
    with unit() as session:
        event = session.get_one(Event, event_id)
        moved = details_of(event, starts_at=event.starts_at + timedelta(days=1))
        change_event(event_id, moved, version=event.version, site=site, at=LATER, actor=None)
    assert mails(worker, outbox)[2:] == [("moved", "REQUEST 1")]
    assert broken(unit) == []
    with unit():
        take_out(event_id, appearance_id, site=site, at=LATER, actor=None)
    assert mails(worker, outbox)[3:] == [("speaker_removed", "CANCEL 2"), ("invitation", "REQUEST 1")]
    assert broken(unit) == []
    with unit() as session:
        event = session.get_one(Event, event_id)
        moved = details_of(event, starts_at=event.starts_at + timedelta(days=1))
        change_event(event_id, moved, version=event.version, site=site, at=LATER, actor=None)
    assert mails(worker, outbox)[5:] == [("moved", "REQUEST 2")]


def test_a_speaker_gives_their_place_back_by_a_plain_mail(
    unit: Unit, ben: tuple[UUID, UUID], site: Site, worker: Worker, outbox: Outbox
) -> None:
    event_id, appearance_id = ben
    booking_id = book(unit, event_id, site)
    with unit():
        cancel_booking(booking_id, site=site, at=LATER)
    assert mails(worker, outbox)[1:] == [("invitation", ""), ("booking_cancelled", "")]
    with unit():
        take_out(event_id, appearance_id, site=site, at=LATER, actor=None)
    assert mails(worker, outbox)[3:] == [("speaker_removed", "CANCEL 1")]
    assert broken(unit) == []


def test_a_speaker_who_moves_up_from_the_waiting_list_gets_no_second_entry(
    unit: Unit, ben: tuple[UUID, UUID], site: Site, worker: Worker, outbox: Outbox
) -> None:
    event_id, _ = ben
    with unit() as session:
        cleo = make_booking(session.get_one(Event, event_id), site=site).id
    with unit():
        book_place(event_id, PlaceRequest(name="Ben", email=BEN, locale="en"), site=site, at=LATER)
    with unit():
        cancel_booking(cleo, site=site, at=LATER)
    assert mails(worker, outbox)[1:] == [("waiting", ""), ("invitation", "")]
    with unit() as session:
        booking = session.scalars(select(Booking).where(Booking.email_normalised == BEN)).one()
        assert booking.status is BookingStatus.CONFIRMED
    assert broken(unit) == []


def test_whoever_declined_to_speak_and_books_gets_an_entry_of_their_own(
    unit: Unit, ben: tuple[UUID, UUID], site: Site, worker: Worker, outbox: Outbox
) -> None:
    event_id, appearance_id = ben
    with unit():
        answer_to_speak(appearance_id, AppearanceStatus.DECLINED, message="", site=site, at=LATER, by="page")
    book(unit, event_id, site)
    assert mails(worker, outbox)[1:] == [("invitation", "REQUEST 0")]
    assert broken(unit) == []
