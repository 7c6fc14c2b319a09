"""Mail about a booking that does not arrive: sent again under the same entry, or to a corrected address."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.errors import (
    AddressInvalidError,
    AddressStillBadError,
    AddressWorksError,
    BookingEndedError,
    KnownAddressError,
    MailWaitsError,
    OverError,
    SameAddressError,
)
from engage.bookings.inviting import correct_address, invite_again, may_correct_address
from engage.bookings.models import Booking, Guest
from engage.bookings.queries import manage_token
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.calendars.models import CalendarInvite
from engage.edge import context
from engage.flows.invariants import INVARIANTS
from engage.mail.enums import MessageState
from engage.mail.errors import AddressBadError
from engage.mail.faults import note_permanent
from engage.mail.models import Message
from tests.conftest import SentMail
from tests.factories import make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
Worker = Callable[..., int]
Outbox = Callable[[], list[SentMail]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
WRONG, RIGHT = "cleo@exmaple.org", "cleo@example.org"


@pytest.fixture
def booking_id(clock: object, unit: Unit) -> UUID:
    with unit():
        return make_booking(make_event(slug="lunch", capacity=3), email=WRONG, name="Cleo").id


def again(booking_id: UUID, **more: UUID) -> None:
    invite_again(booking_id, site=context.site(), at=NOW, actor=None, **more)


def correct(booking_id: UUID, email: str = RIGHT) -> None:
    correct_address(booking_id, email=email, site=context.site(), at=NOW, actor=None)


def entries(outbox: Outbox) -> list[tuple[str, str, int, str]]:
    """Return recipient, UID, SEQUENCE and METHOD of every calendar entry that was sent."""
    found = []
    for sent in outbox():
        part = sent.mail.get_body(("calendar",)) if sent.mail is not None and sent.state == "sent" else None
        if sent.mail is not None and part is None:
            part = next((each for each in sent.mail.walk() if each.get_content_type() == "text/calendar"), None)
        if part is not None and sent.state == "sent":
            calendar = Calendar.from_ical(part.get_content())
            event = calendar.walk("VEVENT")[0]
            found.append((sent.to, str(event["UID"]), int(event["SEQUENCE"]), str(calendar["METHOD"])))
    return found


def test_the_invitation_sent_again_is_the_same_entry(
    unit: Unit, worker: Worker, outbox: Outbox, booking_id: UUID
) -> None:
    worker(NOW)
    with unit():
        again(booking_id)
        assert [line for check in INVARIANTS.values() for line in check()] == []
    worker(NOW)
    first, second = entries(outbox)
    assert first == second
    assert len({str(sent.mail["Message-ID"]) for sent in outbox() if sent.mail is not None}) == 2


def test_one_that_waits_is_enough_and_an_ended_booking_gets_none(unit: Unit, worker: Worker, booking_id: UUID) -> None:
    with unit(), pytest.raises(MailWaitsError):
        again(booking_id)
    worker(NOW)
    with unit():
        again(booking_id)
        with pytest.raises(MailWaitsError):
            again(booking_id)
    with unit():
        note_permanent(WRONG, "550 no", NOW)
        with pytest.raises(AddressBadError):
            again(booking_id)
    with unit(), pytest.raises(OverError):
        invite_again(booking_id, site=context.site(), at=NOW + timedelta(days=30), actor=None)
    with unit():
        cancel_booking(booking_id, site=context.site(), at=NOW)
        with pytest.raises(BookingEndedError):
            again(booking_id)


def test_a_guest_gets_their_own_again_and_who_waits_hears_how_they_stand(
    unit: Unit, worker: Worker, outbox: Outbox, booking_id: UUID
) -> None:
    with unit() as session:
        event_id = session.get_one(Booking, booking_id).event_id
        guests = (GuestRequest("Gwen", "gwen@example.org"),)
        book_place(
            event_id,
            PlaceRequest("Petra", "petra@example.org", "en", places=2, guests=guests),
            site=context.site(),
            at=NOW,
        )
        book_place(event_id, PlaceRequest("Wim", "wim@example.org", "en"), site=context.site(), at=NOW)
    worker(NOW)
    with unit() as session:
        guest = session.scalars(select(Guest)).one()
        again(guest.booking_id, guest_id=guest.id)
        again(session.scalars(select(Booking.id).where(Booking.name == "Wim")).one())
    worker(NOW)
    assert [sent[0] for sent in entries(outbox)].count("gwen@example.org") == 2
    assert [sent.kind for sent in outbox() if sent.to == "wim@example.org"] == ["waiting", "waiting"]


def test_a_corrected_address_gets_an_invitation_of_its_own_and_old_links_end(
    unit: Unit, worker: Worker, outbox: Outbox, booking_id: UUID, client: FlaskClient
) -> None:
    worker(NOW)
    with unit() as session:
        old_link = manage_token(session.get_one(Booking, booking_id), context.site())
        note_permanent(WRONG, "550 5.1.1 no such box", NOW)
    with unit() as session:
        correct(booking_id)
        assert [line for check in INVARIANTS.values() for line in check()] == []
        invite = session.scalars(select(CalendarInvite)).one()
        assert (invite.attendee_addr, invite.sequence) == (RIGHT, 0)
        assert session.get_one(Booking, booking_id).email_normalised == RIGHT
    worker(NOW)
    first, second = entries(outbox)
    assert (first[0], second[0]) == (WRONG, RIGHT)
    assert first[1] != second[1], "another UID"
    assert client.get(f"/bookings/{old_link}/").status_code == 404


def test_what_waits_for_the_old_address_is_not_sent(
    unit: Unit, worker: Worker, outbox: Outbox, booking_id: UUID
) -> None:
    with unit():
        note_permanent(WRONG, "550", NOW)
        correct(booking_id)
    worker(NOW)
    assert [(sent.to, sent.state) for sent in outbox()] == [(WRONG, "dropped"), (RIGHT, "sent")]


def test_who_waits_is_told_at_the_corrected_address(
    unit: Unit, worker: Worker, outbox: Outbox, booking_id: UUID
) -> None:
    with unit() as session:
        event_id = session.get_one(Booking, booking_id).event_id
        book_place(event_id, PlaceRequest("Wim", "wim@exmaple.org", "en", places=3), site=context.site(), at=NOW)
        note_permanent("wim@exmaple.org", "550", NOW)
        correct(session.scalars(select(Booking.id).where(Booking.name == "Wim")).one(), "wim@example.org")
    worker(NOW)
    assert ("wim@example.org", "waiting", "sent") in [(sent.to, sent.kind, sent.state) for sent in outbox()]


def test_an_address_that_takes_mail_is_not_changed_by_the_desk(unit: Unit, worker: Worker, booking_id: UUID) -> None:
    worker(NOW)
    with unit(), pytest.raises(AddressWorksError):
        correct(booking_id)
    with unit() as session:
        assert not may_correct_address(session.get_one(Booking, booking_id))
        session.scalars(select(Message)).one().state = MessageState.FAILED
        session.flush()
        assert may_correct_address(session.get_one(Booking, booking_id)), (
            "a mail that failed may be the address's fault"
        )


@pytest.mark.parametrize(
    ("address", "error"),
    [
        (WRONG, SameAddressError),
        ("nonsense", AddressInvalidError),
        ("bad@example.org", AddressStillBadError),
        ("ben@example.org", KnownAddressError),
    ],
)
def test_not_every_address_will_do(unit: Unit, booking_id: UUID, address: str, error: type[Exception]) -> None:
    with unit() as session:
        note_permanent(WRONG, "550", NOW)
        note_permanent("bad@example.org", "550", NOW)
        event_id = session.get_one(Booking, booking_id).event_id
        book_place(event_id, PlaceRequest("Ben", "ben@example.org", "en"), site=context.site(), at=NOW)
    with unit(), pytest.raises(error):
        correct(booking_id, address)
