"""What somebody does with a booking of their own: change it, hand it over, find it, have it erased."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.changes import change_details, erase_booking, hand_over, mail_links
from engage.bookings.enums import BookingStatus
from engage.bookings.errors import (
    AddressInvalidError,
    BookingCancelledError,
    BookingNotFoundError,
    NameMissingError,
    OverError,
    OwnAddressError,
    StillNeededError,
)
from engage.bookings.models import Booking
from engage.bookings.queries import JOIN, MANAGE, get_booking_by_token, join_token, manage_token
from engage.bookings.services import cancel_booking
from engage.calendars.models import CalendarInvite
from engage.events.models import Event
from engage.flows.cancelling import cancel_event
from engage.flows.invariants import INVARIANTS
from engage.kernel.db import Base
from engage.kernel.settings import Site
from engage.mail.models import Message
from tests.conftest import SentMail
from tests.factories import make_booking, make_event
from tests.journeys.reader import calendar_part, words_of_mail

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
CLEO, DAN = "cleo@example.org", "dan@example.org"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


def violations() -> list[str]:
    return [line for invariant in INVARIANTS.values() for line in invariant()]


def mails(session: Session) -> list[tuple[str, str]]:
    return [(each.kind.value, each.to_addr) for each in session.scalars(select(Message).order_by(Message.id))]


def entries(session: Session) -> set[str]:
    return set(session.scalars(select(AuditEntry.act)))


def tables_with(session: Session, *needles: str) -> set[str]:
    """Return the tables that hold one of some texts in any column."""
    found = set()
    for table in Base.metadata.sorted_tables:
        for row in session.execute(text(f"SELECT * FROM {table.name}")):
            if any(needle.encode() in _bytes(value) for value in row for needle in needles):
                found.add(table.name)
    return found


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def test_details_change_and_the_audit_knows_no_words(unit: Unit, site: Site) -> None:
    with unit() as session:
        booking = make_booking(make_event(), site=site)
        change_details(booking.id, name="Cleopatra", organisation="", at=NOW)
        change_details(booking.id, name="Cleopatra", organisation=None, at=NOW)

        assert (booking.name, booking.organisation) == ("Cleopatra", None)
        changes = session.scalars(select(AuditEntry).where(AuditEntry.act == "attendee:booking:change")).all()
        assert [entry.after for entry in changes] == [{"changed": ["name", "organisation"]}]
        assert mails(session) == [("invitation", CLEO)]
        assert violations() == []


def test_details_of_a_booking_that_ended_stay(unit: Unit, site: Site) -> None:
    with unit():
        event = make_event()
        booking = make_booking(event, site=site)
        with pytest.raises(NameMissingError):
            change_details(booking.id, name="  ", organisation=None, at=NOW)
        with pytest.raises(OverError):
            change_details(booking.id, name="C", organisation=None, at=event.ends_at)
        cancel_booking(booking.id, site=site, at=NOW)
        with pytest.raises(BookingCancelledError):
            change_details(booking.id, name="C", organisation=None, at=NOW)


def test_a_place_is_handed_over_and_is_never_free(
    unit: Unit, site: Site, worker: Callable[..., int], outbox: Callable[[], list[SentMail]]
) -> None:
    with unit() as session:
        event = make_event(capacity=1)
        booking = make_booking(event, site=site)
        old = {purpose: make(booking, site) for purpose, make in ((MANAGE, manage_token), (JOIN, join_token))}
        hand_over(booking.id, name="Dan", email=" Dan@Example.org", site=site, at=NOW)

        session.refresh(event)
        new = session.scalars(select(Booking).where(Booking.status == BookingStatus.CONFIRMED)).one()
        assert (event.seats_taken, new.email_normalised, new.name, new.organisation) == (1, DAN, "Dan", None)
        assert new.reference != booking.reference
        assert not booking.is_live()
        for purpose, token in old.items():
            with pytest.raises(BookingNotFoundError):
                get_booking_by_token(token, purpose=purpose, site=site)
        assert len(set(session.scalars(select(CalendarInvite.uid)))) == 2
        assert {"attendee:booking:hand-over", "attendee:booking:create"} <= entries(session)
        assert violations() == []
    worker()
    first, farewell, welcome = outbox()
    assert [(mail.kind, mail.to) for mail in (first, farewell, welcome)] == [
        ("invitation", CLEO),
        ("booking_cancelled", CLEO),
        ("invitation", DAN),
    ]
    (_, invited), (ended, gone), (asked, fresh) = (calendar_part(mail.mail) for mail in (first, farewell, welcome))
    assert (ended, asked) == ("CANCEL", "REQUEST")
    assert invited["UID"] == gone["UID"] != fresh["UID"]
    assert "handed their place over to you" in words_of_mail(welcome.mail)
    assert "Cleo" not in welcome.mail.as_string() if welcome.mail else False
    assert "You handed your place to somebody else" in words_of_mail(farewell.mail)
    assert "Dan" not in words_of_mail(farewell.mail)


def test_a_place_handed_to_somebody_who_has_one_is_free_and_they_get_their_links(unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event(capacity=2)
        make_booking(event, DAN, site=site)
        booking = make_booking(event, site=site)
        token = manage_token(booking, site)
        hand_over(booking.id, name="Dan", email=DAN, site=site, at=NOW)

        session.refresh(event)
        assert event.seats_taken == 1
        assert mails(session)[2:] == [("booking_cancelled", CLEO), ("already_booked", DAN)]
        with pytest.raises(BookingNotFoundError):
            get_booking_by_token(token, purpose=MANAGE, site=site)
        assert violations() == []


def test_a_place_that_cannot_be_handed_over_stays_as_it_is(unit: Unit, site: Site) -> None:
    with unit():
        event = make_event()
        booking = make_booking(event, site=site)
        event_id, booking_id, ends_at = event.id, booking.id, event.ends_at
    refused = [
        (OwnAddressError, "Dan", "CLEO@example.org", NOW),
        (AddressInvalidError, "Dan", "dan", NOW),
        (NameMissingError, " ", DAN, NOW),
        (OverError, "Dan", DAN, ends_at),
    ]
    for error, name, email, at in refused:
        with pytest.raises(error), unit():
            hand_over(booking_id, name=name, email=email, site=site, at=at)
    with unit() as session:
        assert mails(session) == [("invitation", CLEO)]
        assert violations() == []
        cancel_event(event_id, reason="Ill", site=site, at=NOW, actor=None)
    with pytest.raises(BookingCancelledError), unit():
        hand_over(booking_id, name="Dan", email=DAN, site=site, at=NOW)
    with unit():
        assert violations() == []


def test_links_of_live_bookings_of_coming_events_come_in_one_mail(
    unit: Unit, site: Site, worker: Callable[..., int], outbox: Callable[[], list[SentMail]]
) -> None:
    with unit() as session:
        events = [make_event(title=f"Event {n}", starts_at=NOW + timedelta(days=n)) for n in (3, 2)]
        tokens = [manage_token(make_booking(event, site=site), site) for event in events]
        given_back = make_booking(make_event(title="Given back"), site=site)
        cancel_booking(given_back.id, site=site, at=NOW)
        make_booking(make_event(title="Over", starts_at=NOW - timedelta(days=1)), site=site)
        make_booking(make_event(title="Of Dan"), DAN, site=site)
        before = len(mails(session))
        mail_links("Cleo@example.org", site=site, at=NOW)
        mail_links("stranger@example.org", site=site, at=NOW)
        assert mails(session)[before:] == [("already_booked", CLEO)]
        assert violations() == []
    worker()
    found = outbox()[-1].mail
    words = words_of_mail(found)
    assert found is not None
    assert found["Subject"] == "The links of your 2 bookings"
    assert words.index("Event 2") < words.index("Event 3")
    assert all(f"/bookings/{token}/" in words for token in tokens)
    assert not any(title in words for title in ("Given back", "Over", "Of Dan"))


def test_links_are_mailed_three_times_a_day_at_most(unit: Unit, site: Site) -> None:
    with unit() as session:
        make_booking(make_event(), site=site)
        for _ in range(5):
            mail_links(CLEO, site=site, at=NOW)
        assert mails(session)[1:] == [("already_booked", CLEO)] * 3
        mail_links(CLEO, site=site, at=NOW + timedelta(hours=25))
        assert len(mails(session)) == 5
        with pytest.raises(AddressInvalidError):
            mail_links("cleo", site=site, at=NOW)


@pytest.mark.parametrize("sent", [True, False], ids=["mails sent", "mails waiting"])
def test_erasing_leaves_no_word_of_somebody_and_every_count(
    unit: Unit, site: Site, worker: Callable[..., int], sent: bool
) -> None:
    with unit() as session:
        event = make_event(slug="lunch")
        booking = make_booking(event, site=site, name="Cleopatra", organisation="Nile Ltd")
        booking_id = booking.id
        make_booking(event, DAN, site=site)
        mail_links(CLEO, site=site, at=NOW)
        cancel_booking(booking_id, site=site, at=NOW)
    if sent:
        worker()
    with unit() as session:
        assert {"booking", "message"} <= tables_with(session, CLEO, "Cleopatra", "Nile Ltd")
        erase_booking(booking_id, at=NOW)
    worker()
    with unit() as session:
        assert tables_with(session, CLEO, "Cleopatra", "Nile Ltd") == set()
        assert "message" in tables_with(session, DAN), "others are as they were"
        bookings = session.scalars(select(Booking)).all()
        assert sorted(each.status.value for each in bookings) == ["cancelled", "confirmed"]
        own = session.scalars(select(Message).where(Message.about_id == booking_id)).all()
        assert [each.state.value for each in own] == (["sent"] if sent else ["dropped"]) * 3
        assert {each.bytes for each in own} == {None}
        assert "attendee:booking:erase" in entries(session)
        assert violations() == []


def test_a_mail_of_several_bookings_loses_only_what_names_the_erased_one(unit: Unit, site: Site) -> None:
    with unit() as session:
        first = make_booking(make_event(title="First", starts_at=NOW + timedelta(days=1)), site=site)
        second = make_booking(make_event(title="Second"), site=site)
        mail_links(CLEO, site=site, at=NOW)
        cancel_booking(second.id, site=site, at=NOW)
        erase_booking(second.id, at=NOW)
        left = session.scalars(select(Message).where(Message.to_addr == CLEO)).all()
        assert [(each.kind.value, each.about_id) for each in left] == [("invitation", first.id)]
        assert violations() == []


def test_a_booking_that_is_over_is_erased_and_stays_counted(unit: Unit, site: Site) -> None:
    with unit() as session:
        event: Event = make_event()
        booking = make_booking(event, site=site)
        other = make_booking(event, DAN, site=site)
        token = manage_token(booking, site)
        with pytest.raises(StillNeededError):
            erase_booking(booking.id, at=event.ends_at - timedelta(seconds=1))
        erase_booking(booking.id, at=event.ends_at)
        erase_booking(other.id, at=event.ends_at)

        session.refresh(event)
        assert event.seats_taken == 2
        assert booking.is_live()
        with pytest.raises(BookingNotFoundError):
            get_booking_by_token(token, purpose=MANAGE, site=site)
        assert violations() == []
