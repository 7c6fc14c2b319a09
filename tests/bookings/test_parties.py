"""Parties: guests have invitations of their own and hear of everything; a booking becomes smaller, never larger."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.by_organiser import remove_booking
from engage.bookings.changes import erase_booking, hand_over
from engage.bookings.enums import BookingStatus
from engage.bookings.errors import (
    BookingCancelledError,
    BookingNotFoundError,
    GuestIsHolderError,
    GuestTwiceError,
    OverError,
    PartyChangedError,
    TooLateToCancelError,
)
from engage.bookings.guest_queries import GUEST, get_guest_by_token, guest_token, guests_of
from engage.bookings.guests import GuestChange, cannot_come, change_party, stop_mails
from engage.bookings.models import Booking, Guest
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, cancel_booking, note_joined
from engage.calendars.models import CalendarInvite
from engage.events.models import Event
from engage.flows.cancelling import cancel_event
from engage.flows.invariants import INVARIANTS
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.mail.models import Message
from tests.conftest import SentMail
from tests.factories import make_event
from tests.journeys.reader import calendar_part, words_of_mail

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
CLEO, GWEN, HANA, DAN = "cleo@example.org", "gwen@example.org", "hana@example.org", "dan@example.org"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


def party(
    event_id: UUID, site: Site, *guests: GuestRequest, email: str = CLEO, places: int = 3, at: datetime = NOW
) -> UUID:
    """Book for a party; the first two guests are Gwen, who has an address, and Ida, who has none."""
    wanted = PlaceRequest(
        name="Cleo Hart",
        email=email,
        locale="en",
        places=places,
        guests=guests or (GuestRequest("Gwen", GWEN), GuestRequest("Ida"))[: places - 1],
    )
    book_place(event_id, wanted, site=site, at=at)
    return booking_of(event_id, email).id


def booking_of(event_id: UUID, email: str) -> Booking:
    here = (Booking.event_id == event_id, Booking.email_normalised == email)
    return db.session.scalars(select(Booking).where(*here)).one()


def mails(session: Session) -> list[tuple[str, str]]:
    return [(each.kind.value, each.to_addr) for each in session.scalars(select(Message).order_by(Message.id))]


def seats(session: Session) -> int:
    return session.scalars(select(Event.seats_taken)).one()


def violations() -> list[str]:
    return [line for invariant in INVARIANTS.values() for line in invariant()]


def keep(booking_id: UUID, **changes: GuestChange) -> list[GuestChange]:
    """Return what the page of a party sends when nothing is typed but `changes`, by "guest<position>"."""
    return [
        changes.get(f"guest{guest.position}", GuestChange(guest.position, guest.name, guest.email_normalised))
        for guest in guests_of(booking_id)
    ]


def test_each_guest_with_an_address_has_an_invitation_of_their_own(
    unit: Unit, site: Site, worker: Callable[..., int], outbox: Callable[[], list[SentMail]]
) -> None:
    with unit() as session:
        party(make_event().id, site)
        assert mails(session) == [("invitation", CLEO), ("invitation", GWEN)]
        assert len(set(session.scalars(select(CalendarInvite.uid)))) == 2
        assert violations() == []
    worker()
    to_cleo, to_gwen = (sent.mail for sent in outbox())

    words = words_of_mail(to_gwen)
    assert "Hello Gwen," in words
    assert "Cleo Hart has booked a place for you at this event." in words
    assert CLEO not in words
    assert "/guests/" in words
    assert "/bookings/" not in words, "a guest has no way into the holder's booking"
    assert "Your 3 places are booked." in words_of_mail(to_cleo)
    method, entry = calendar_part(to_gwen)
    assert (method, str(entry["ATTENDEE"])) == ("REQUEST", f"mailto:{GWEN}"), "nobody sees who else comes (P23)"


def test_guests_of_a_party_that_waits_are_invited_once_there_is_a_place(unit: Unit, site: Site) -> None:
    with unit() as session:
        event_id = make_event(capacity=3).id
        first = party(event_id, site, GuestRequest("Hana", HANA), email=DAN)
        party(event_id, site)
        assert ("waiting", CLEO) in mails(session)
        assert ("invitation", GWEN) not in mails(session)

        cancel_booking(first, site=site, at=NOW)

        assert mails(session)[-4:] == [
            ("booking_cancelled", DAN),
            ("booking_cancelled", HANA),
            ("invitation", CLEO),
            ("invitation", GWEN),
        ]
        assert violations() == []


def test_guests_hear_that_the_event_is_cancelled(unit: Unit, site: Site) -> None:
    """R38 for guests."""
    with unit() as session:
        event_id = make_event().id
        party(event_id, site)
        cancel_event(event_id, reason="The speaker is ill.", site=site, at=NOW, actor=None)

        assert mails(session)[2:] == [("event_cancelled", CLEO), ("event_cancelled", GWEN)]
        assert violations() == []


def test_a_guest_who_cannot_come_frees_one_place_for_whoever_waits(unit: Unit, site: Site) -> None:
    with unit() as session:
        event_id = make_event(capacity=3).id
        booking_id = party(event_id, site)
        party(event_id, site, email=DAN, places=1)
        gwen = guests_of(booking_id)[0]
        for _ in range(2):
            cannot_come(gwen.id, site=site, at=NOW)

        assert mails(session)[3:] == [("booking_cancelled", GWEN), ("guest_left", CLEO), ("invitation", DAN)]
        booking = session.get(Booking, booking_id)
        assert booking is not None
        assert (booking.places, booking.places_asked, seats(session)) == (2, 3, 3)
        assert booking_of(event_id, DAN).status is BookingStatus.CONFIRMED
        assert [guest.name for guest in guests_of(booking_id)] == ["Ida"]
        with pytest.raises(BookingCancelledError):
            note_joined(booking_id, guest_id=gwen.id, at=NOW + timedelta(days=7))
        assert violations() == []


def test_after_the_event_no_place_is_given_back(unit: Unit, site: Site) -> None:
    with unit():
        booking_id = party(make_event().id, site)
        with pytest.raises(TooLateToCancelError):
            cannot_come(guests_of(booking_id)[0].id, site=site, at=NOW + timedelta(days=8))


def test_a_guest_who_wants_no_mails_is_forgotten_and_the_place_stays(
    unit: Unit, site: Site, worker: Callable[..., int]
) -> None:
    """P13, P18 for guests."""
    with unit():
        booking_id = party(make_event().id, site)
    worker()
    with unit() as session:
        gwen = guests_of(booking_id)[0]
        token = guest_token(gwen, site)
        stop_mails(gwen.id, at=NOW)

        assert [(guest.name, guest.email_normalised) for guest in guests_of(booking_id)] == [
            ("Ida", None),
            (None, None),
        ]
        assert seats(session) == 3
        assert (gwen.name, gwen.email_normalised) == (None, None)
        rows = [*session.scalars(select(Message)), *session.scalars(select(CalendarInvite))]
        assert not any(GWEN in json.dumps(vars(row), default=str) for row in rows)
        with pytest.raises(BookingNotFoundError):
            get_guest_by_token(token, purpose=GUEST, site=site)
        cancel_booking(booking_id, site=site, at=NOW)
        assert mails(session)[2:] == [("booking_cancelled", CLEO)]
        assert violations() == []


def test_the_join_of_a_guest_is_noted_for_the_guest_alone(unit: Unit, site: Site) -> None:
    with unit() as session:
        booking_id = party(make_event().id, site)
        gwen = guests_of(booking_id)[0]
        note_joined(booking_id, guest_id=gwen.id, at=NOW + timedelta(days=7))
        booking = session.get(Booking, booking_id)
        assert booking is not None
        assert (gwen.joined_at, gwen.attendance.value, booking.joined_at) == (NOW + timedelta(days=7), "attended", None)


def test_a_guest_is_named_later_and_another_address_is_another_person(unit: Unit, site: Site) -> None:
    with unit() as session:
        booking_id = party(make_event().id, site)
        change_party(booking_id, keep(booking_id, guest2=GuestChange(2, "Ida", HANA)), site=site, at=NOW)
        assert mails(session)[2:] == [("invitation", HANA)]

        change_party(booking_id, keep(booking_id, guest1=GuestChange(1, "Gwendolyn", GWEN)), site=site, at=NOW)
        change_party(booking_id, keep(booking_id), site=site, at=NOW)
        assert len(mails(session)) == 3, "a name alone writes to nobody"

        change_party(booking_id, keep(booking_id, guest1=GuestChange(1, "Dan", DAN)), site=site, at=NOW)
        assert mails(session)[3:] == [("booking_cancelled", GWEN), ("invitation", DAN)]
        assert {guest.email_normalised for guest in guests_of(booking_id)} == {HANA, DAN}
        assert seats(session) == 3
        assert violations() == []


def test_addresses_of_two_guests_can_be_exchanged(unit: Unit, site: Site) -> None:
    with unit() as session:
        booking_id = party(make_event().id, site, GuestRequest("Gwen", GWEN), GuestRequest("Hana", HANA))
        swapped = [GuestChange(1, "Hana", HANA), GuestChange(2, "Gwen", GWEN)]
        change_party(booking_id, swapped, site=site, at=NOW)

        assert [guest.email_normalised for guest in guests_of(booking_id)] == [HANA, GWEN]
        assert violations() == []
        assert seats(session) == 3


@pytest.mark.parametrize(
    ("email", "refusal"), [(CLEO.upper(), GuestIsHolderError), ("Gwen@example.ORG", GuestTwiceError)]
)
def test_nobody_has_two_places_on_one_booking(
    unit: Unit, site: Site, email: str, refusal: type[GuestIsHolderError]
) -> None:
    with unit():
        booking_id = party(make_event().id, site)
        with pytest.raises(refusal) as refused:
            change_party(booking_id, keep(booking_id, guest2=GuestChange(2, "Ida", email)), site=site, at=NOW)
        assert refused.value.field == "guest-2-email"


def test_fewer_places_go_to_the_list_in_the_same_moment(unit: Unit, site: Site) -> None:
    """R9: a booking that becomes smaller promotes whoever waits; which places go is the holder's choice."""
    with unit() as session:
        event_id = make_event(capacity=3).id
        booking_id = party(event_id, site)
        party(event_id, site, email=DAN, places=2)
        change_party(booking_id, keep(booking_id, guest1=GuestChange(1, "Gwen", GWEN, is_gone=True)), site=site, at=NOW)
        assert booking_of(event_id, DAN).status is BookingStatus.WAITING, "one place is not enough for two"
        assert seats(session) == 2

        change_party(booking_id, [GuestChange(2, "Ida", None, is_gone=True)], site=site, at=NOW)

        assert mails(session)[3:] == [("booking_cancelled", GWEN), ("invitation", DAN), ("invitation", GWEN)]
        assert (booking_of(event_id, DAN).status, seats(session)) == (BookingStatus.CONFIRMED, 3)
        assert violations() == []


def test_a_party_that_waits_and_becomes_smaller_may_fit_at_once(unit: Unit, site: Site) -> None:
    with unit() as session:
        event_id = make_event(capacity=4).id
        party(event_id, site, GuestRequest("Hana"), email=DAN)
        booking_id = party(event_id, site)
        assert booking_of(event_id, CLEO).status is BookingStatus.WAITING

        gone = [GuestChange(1, "Gwen", GWEN, is_gone=True), GuestChange(2, "Ida", None, is_gone=True)]
        change_party(booking_id, gone, site=site, at=NOW)

        assert (booking_of(event_id, CLEO).status, seats(session)) == (BookingStatus.CONFIRMED, 4)
        assert mails(session)[-1] == ("invitation", CLEO)
        assert violations() == []


def test_a_page_that_is_out_of_date_changes_nothing(unit: Unit, site: Site) -> None:
    with unit() as session:
        booking_id = party(make_event().id, site)
        seen = keep(booking_id, guest2=GuestChange(2, "Ida", None, is_gone=True))
        cannot_come(guests_of(booking_id)[0].id, site=site, at=NOW)
        with pytest.raises(PartyChangedError):
            change_party(booking_id, seen, site=site, at=NOW)
        assert seats(session) == 2


def test_a_booking_that_ended_or_is_over_keeps_its_guests(unit: Unit, site: Site) -> None:
    with unit():
        booking_id = party(make_event().id, site)
        seen = keep(booking_id, guest1=GuestChange(1, "G", None))
        with pytest.raises(OverError):
            change_party(booking_id, seen, site=site, at=NOW + timedelta(days=8))
        cancel_booking(booking_id, site=site, at=NOW)
        with pytest.raises(BookingCancelledError):
            change_party(booking_id, seen, site=site, at=NOW)


def test_guests_hear_that_the_organiser_removed_the_booking(unit: Unit, site: Site) -> None:
    with unit() as session:
        booking_id = party(make_event().id, site)
        remove_booking(booking_id, message="", site=site, at=NOW, actor=None)

        assert [to for _, to in mails(session)[2:]] == [CLEO, GWEN]
        assert violations() == []


def test_a_party_is_handed_over_whole_and_its_guests_hear_nothing(
    unit: Unit, site: Site, worker: Callable[..., int], outbox: Callable[[], list[SentMail]]
) -> None:
    with unit() as session:
        event_id = make_event().id
        booking_id = party(event_id, site)
        hand_over(booking_id, name="Dan", email=DAN, site=site, at=NOW)

        assert mails(session)[2:] == [("booking_cancelled", CLEO), ("invitation", DAN)]
        new = booking_of(event_id, DAN)
        assert (new.places, [guest.name for guest in guests_of(new.id)], seats(session)) == (3, ["Gwen", "Ida"], 3)
        assert violations() == []
    worker()
    (welcome,) = (words_of_mail(sent.mail) for sent in outbox() if sent.to == DAN)
    assert "Your 3 places are booked." in welcome
    assert "On your own page you can say who comes with you, or give places back." in welcome
    assert "somebody gave us this address to hand their place over to" in welcome
    assert "was used to book a place" not in welcome
    with unit() as session:
        new = booking_of(event_id, DAN)
        cancel_booking(new.id, site=site, at=NOW)
        assert mails(session)[4:] == [("booking_cancelled", DAN), ("booking_cancelled", GWEN)]
        assert violations() == []


def test_a_guest_to_whom_the_booking_is_handed_over_is_on_it_once(unit: Unit, site: Site) -> None:
    with unit() as session:
        event_id = make_event(capacity=3).id
        booking_id = party(event_id, site, GuestRequest("Gwen", GWEN))

        hand_over(booking_id, name="Gwen", email=GWEN, site=site, at=NOW)

        new = booking_of(event_id, GWEN)
        assert [guest.email_normalised for guest in guests_of(new.id)] == [None] * (new.places - 1)
        live = session.scalars(select(CalendarInvite.uid).where(CalendarInvite.state == "live")).all()
        assert len(live) == 1
        assert mails(session)[2:] == [
            ("booking_cancelled", CLEO),
            ("booking_cancelled", GWEN),
            ("invitation", GWEN),
        ]
        assert seats(session) == new.places
        assert violations() == []


def test_places_handed_to_somebody_who_waits_are_theirs_and_their_own_guests_come_too(unit: Unit, site: Site) -> None:
    """They were never free, so whoever waits longer is not overtaken (I8)."""
    with unit() as session:
        event_id = make_event(capacity=3).id
        booking_id = party(event_id, site, GuestRequest("Gwen", GWEN))
        party(event_id, site, email=HANA, places=1)
        party(event_id, site, GuestRequest("Kit"), email=DAN, places=2)

        hand_over(booking_id, name="Dan", email=DAN, site=site, at=NOW)

        dan = booking_of(event_id, DAN)
        assert (dan.status, dan.places) == (BookingStatus.CONFIRMED, 3)
        assert {guest.name for guest in guests_of(dan.id)} == {"Gwen", "Kit"}
        assert booking_of(event_id, HANA).status is BookingStatus.WAITING
        assert mails(session)[-2:] == [("booking_cancelled", CLEO), ("invitation", DAN)]
        assert violations() == []


def test_places_handed_to_a_party_that_finds_no_room_there_go_to_the_list_in_order(unit: Unit, site: Site) -> None:
    with unit() as session:
        event_id = make_event(capacity=3).id
        booking_id = party(event_id, site)
        party(event_id, site, email=HANA, places=1)
        party(event_id, site, GuestRequest("Kit"), GuestRequest("Lee"), email=DAN, places=3)

        hand_over(booking_id, name="Dan", email=DAN, site=site, at=NOW)

        assert mails(session)[-4:] == [
            ("booking_cancelled", CLEO),
            ("waiting", DAN),
            ("booking_cancelled", GWEN),
            ("invitation", HANA),
        ]
        assert (booking_of(event_id, DAN).status, seats(session)) == (BookingStatus.WAITING, 1)
        assert violations() == []


def test_erasing_a_booking_erases_its_guests(unit: Unit, site: Site, worker: Callable[..., int]) -> None:
    """P18."""
    with unit():
        booking_id = party(make_event().id, site)
    worker()
    with unit() as session:
        change_party(booking_id, keep(booking_id, guest1=GuestChange(1, "Hana", HANA)), site=site, at=NOW)
        cancel_booking(booking_id, site=site, at=NOW)
        erase_booking(booking_id, at=NOW)

        rows = [row for table in (Booking, Guest, Message, CalendarInvite) for row in session.scalars(select(table))]
        left = json.dumps([vars(row) for row in rows], default=str)
        assert not any(word in left for word in (CLEO, GWEN, HANA, "Cleo", "Gwen", "Hana", "Ida"))
        assert violations() == []
