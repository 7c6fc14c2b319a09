"""What people are told of a changed event: collected, compared with what they knew, once (calendar-mail 3.1)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.guests import cannot_come
from engage.bookings.mail_steps import promise_steps
from engage.bookings.models import Booking, Guest
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.calendars.enums import PartStat
from engage.calendars.models import CalendarInvite
from engage.events.models import Event
from engage.events.services.life import IN_CALENDARS
from engage.flows import telling
from engage.flows.cancelling import cancel_event
from engage.flows.invariants import INVARIANTS
from engage.flows.rescheduling import change_event
from engage.kernel.models import Job
from engage.kernel.settings import Site
from tests.conftest import SentMail
from tests.factories import details_of, make_booking, make_event
from tests.flows.test_invitations import entry

Unit = Callable[[], AbstractContextManager[Session]]
Outbox = Callable[[], list[SentMail]]
Worker = Callable[..., int]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    """Collect changes for two minutes, as is usual."""
    return replace(app.extensions["engage"].site(), calendar_collect_seconds=120)


@pytest.fixture
def event_id(unit: Unit) -> Any:
    with unit():
        return make_event(title="Three views", starts_at=datetime(2026, 9, 8, 9, tzinfo=UTC)).id


def change(unit: Unit, event_id: Any, site: Site, *, at: datetime, **changes: Any) -> None:
    with unit() as session:
        event = session.get_one(Event, event_id)
        details = replace(details_of(event), **changes)
        change_event(event_id, details, version=event.version, site=site, at=at, actor=None)


def book(unit: Unit, event_id: Any, site: Site, *names: str) -> None:
    for name in names:
        with unit() as session:
            make_booking(session.get_one(Event, event_id), f"{name}@example.org", site=site, name=name.title())


def told(outbox: Outbox, *kinds: str) -> list[tuple[str, str]]:
    """Return which mails of some kinds (those of changes, unless given) went to whom."""
    return sorted((each.kind, each.to) for each in outbox() if each.kind in (kinds or ("moved", "updated")))


def text_of(sent: SentMail) -> str:
    assert sent.mail is not None
    return str(sent.mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_edits_in_quick_succession_make_one_mail_two_minutes_after_the_first(
    unit: Unit, site: Site, event_id: Any, worker: Worker, outbox: Outbox
) -> None:
    book(unit, event_id, site, "cleo")
    change(unit, event_id, site, at=NOW, start=time(9, 30))
    change(unit, event_id, site, at=NOW + MINUTE, title="Two views")
    change(unit, event_id, site, at=NOW + MINUTE, start=time(9, 45), title="Four views")
    worker(NOW + timedelta(seconds=119))
    assert told(outbox) == []

    worker(NOW + timedelta(seconds=120))
    worker(NOW + timedelta(hours=1))

    assert told(outbox) == [("moved", "cleo@example.org")]
    moved = outbox()[-1]
    assert moved.mail is not None
    assert moved.mail["Subject"] == "New time: Four views, Tue 8 Sept 09:45 (UK)"
    words = text_of(moved)
    assert "9:45am to 11am" in words
    assert "It was on Tuesday 8 September 2026, 10am to 11am" in words, "what they were told, not what stood between"
    assert "It is now called “Four views”." in words
    assert int(entry(moved.mail)["SEQUENCE"]) == 1


def test_what_was_moved_and_moved_back_is_told_to_nobody(
    unit: Unit, site: Site, event_id: Any, worker: Worker, outbox: Outbox
) -> None:
    book(unit, event_id, site, "cleo")
    change(unit, event_id, site, at=NOW, start=time(9, 30), title="Two views")
    change(unit, event_id, site, at=NOW + MINUTE, start=time(10), title="Three views")

    worker(NOW + timedelta(hours=1))

    assert told(outbox) == []
    with unit() as session:
        assert session.scalars(select(CalendarInvite.sequence)).all() == [0]


def test_each_is_told_by_what_they_knew(unit: Unit, site: Site, event_id: Any, worker: Worker, outbox: Outbox) -> None:
    book(unit, event_id, site, "early")
    change(unit, event_id, site, at=NOW, title="Two views")
    book(unit, event_id, site, "later")
    change(unit, event_id, site, at=NOW + MINUTE, start=time(9, 30))
    book(unit, event_id, site, "latest")

    worker(NOW + timedelta(minutes=3))

    assert told(outbox) == [("moved", "early@example.org"), ("moved", "later@example.org")]
    words = {each.to: text_of(each) for each in outbox() if each.kind == "moved"}
    assert "It is now called" in words["early@example.org"]
    assert "It is now called" not in words["later@example.org"]


def test_what_was_told_is_not_told_again_and_the_next_change_is(
    unit: Unit, site: Site, event_id: Any, worker: Worker, outbox: Outbox
) -> None:
    book(unit, event_id, site, "cleo")
    change(unit, event_id, site, at=NOW, title="Two views")
    worker(NOW + timedelta(minutes=2))
    change(unit, event_id, site, at=NOW + timedelta(minutes=3), summary="Shorter.")
    worker(NOW + timedelta(minutes=5))

    assert told(outbox) == [("updated", "cleo@example.org")] * 2
    first, second = (text_of(each) for each in outbox() if each.kind == "updated")
    assert "It is now called “Two views”." in first
    assert "What it is about: Shorter." in second
    assert "It is now called" not in second


@pytest.mark.parametrize("ended", ["booking", "event", "over"])
def test_what_ended_meanwhile_is_not_told_of_the_change(
    ended: str, unit: Unit, site: Site, event_id: Any, worker: Worker, outbox: Outbox
) -> None:
    book(unit, event_id, site, "cleo")
    change(unit, event_id, site, at=NOW, title="Two views")
    if ended == "booking":
        with unit() as session:
            cancel_booking(session.scalars(select(Booking.id)).one(), site=site, at=NOW + MINUTE)
    elif ended == "event":
        with unit():
            cancel_event(event_id, reason="Ill.", site=site, at=NOW + MINUTE, actor=None)

    worker(NOW + (timedelta(days=8) if ended == "over" else timedelta(minutes=2)))

    assert told(outbox) == []
    last = {"booking": ("booking_cancelled", 1), "event": ("event_cancelled", 1), "over": ("invitation", 0)}[ended]
    found = [(each.kind, int(entry(each.mail)["SEQUENCE"])) for each in outbox() if each.kind != "waited"]
    assert found[-1] == last or ended == "over"


def test_guests_with_an_address_are_told_and_whoever_left_is_not(
    unit: Unit, site: Site, event_id: Any, worker: Worker, outbox: Outbox
) -> None:
    guests = (GuestRequest("Ana", "ana@example.org"), GuestRequest("Ben", "ben@example.org"), GuestRequest("Cy"))
    with unit():
        request = PlaceRequest(name="Cleo", email="cleo@example.org", locale="en", places=4, guests=guests)
        book_place(event_id, request, site=site, at=NOW)
    change(unit, event_id, site, at=NOW, start=time(9, 30))
    with unit() as session:
        ben = session.scalars(select(Guest.id).where(Guest.name == "Ben")).one()
        cannot_come(ben, site=site, at=NOW + MINUTE)

    worker(NOW + timedelta(minutes=2))

    assert told(outbox) == [("moved", "ana@example.org"), ("moved", "cleo@example.org")]
    with unit():
        assert [line for invariant in INVARIANTS.values() for line in invariant()] == []


def test_many_are_told_in_batches_and_a_change_between_two_of_them_reaches_everybody_once(
    unit: Unit, site: Site, event_id: Any, worker: Worker, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "BATCH", 2)
    names = [f"p{number}" for number in range(5)]
    book(unit, event_id, site, *names)
    change(unit, event_id, site, at=NOW, start=time(9, 30))
    at = NOW + timedelta(minutes=2)
    with unit():
        reached = telling.tell_changes(event_id, after=None, site=site, at=at)
    assert reached is not None
    assert len(told(outbox)) == 2
    with unit() as session:  # as the job keeps it
        job = session.scalars(select(Job).where(Job.name == telling.TELL)).one()
        job.arguments = {**job.arguments, "after": str(reached)}

    change(unit, event_id, site, at=at, start=time(9, 15))
    worker(at + timedelta(seconds=1))
    assert len(told(outbox)) == 5, "the other three hear of both at once"
    worker(at + timedelta(minutes=2))

    assert len(told(outbox)) == 7, "and the first two of the second"
    latest = {each.to: entry(each.mail)["DTSTART"].dt.time() for each in outbox() if each.kind == "moved"}
    assert set(latest.values()) == {time(9, 15)}
    with unit() as session:
        assert session.scalars(select(Job.state).where(Job.name == telling.TELL)).all() == ["done", "done"]


def test_a_new_time_asks_again_and_other_news_keep_the_answer(
    unit: Unit, site: Site, event_id: Any, worker: Worker, outbox: Outbox
) -> None:
    book(unit, event_id, site, "cleo")
    with unit() as session:
        session.scalars(select(CalendarInvite)).one().partstat = PartStat.ACCEPTED
    change(unit, event_id, site, at=NOW, title="Two views")
    worker(NOW + timedelta(minutes=2))
    change(unit, event_id, site, at=NOW + timedelta(minutes=3), start=time(9, 30))
    worker(NOW + timedelta(minutes=5))

    updated, moved = (each for each in outbox() if each.kind in ("updated", "moved"))
    assert entry(updated.mail)["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert entry(moved.mail)["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    with unit() as session:
        invite = session.scalars(select(CalendarInvite)).one()
        assert (invite.sequence, invite.time_sequence, invite.partstat) == (2, 2, PartStat.NEEDS_ACTION)


def test_a_new_zone_is_a_new_time(unit: Unit, site: Site, event_id: Any, worker: Worker, outbox: Outbox) -> None:
    book(unit, event_id, site, "cleo")
    change(unit, event_id, site, at=NOW, timezone="Europe/Berlin", start=time(11), end=time(12))

    worker(NOW + timedelta(minutes=2))

    assert told(outbox) == [("moved", "cleo@example.org")]
    assert entry(outbox()[-1].mail)["DTSTART"].params["TZID"] == "Europe/Berlin"


def test_everything_that_calendars_show_is_compared() -> None:
    assert {"starts_at", "ends_at", "timezone", *telling.WORDS} == IN_CALENDARS


def test_a_draft_and_what_no_calendar_shows_promise_nothing(unit: Unit, site: Site, event_id: Any) -> None:
    with unit():
        draft = make_event(slug="draft", published=False).id
    book(unit, event_id, site, "cleo")
    change(unit, draft, site, at=NOW, title="Two views", day=date(2026, 9, 30))
    change(unit, event_id, site, at=NOW, description="More.", capacity=50, join_url="https://meet.example.org/other")

    with unit() as session:
        assert session.scalars(select(Job).where(Job.name == telling.TELL)).all() == []


def test_every_mail_of_an_invitation_answers_its_first(
    unit: Unit, site: Site, event_id: Any, worker: Worker, outbox: Outbox
) -> None:
    with unit() as session:
        promise_steps(session.get_one(Event, event_id), at=NOW)
    book(unit, event_id, site, "cleo")
    change(unit, event_id, site, at=NOW, title="Two views")
    worker(NOW + timedelta(minutes=2))
    worker(datetime(2026, 9, 7, 9, 1, tzinfo=UTC))
    with unit():
        cancel_event(event_id, reason="Ill.", site=site, at=datetime(2026, 9, 7, 10, tzinfo=UTC), actor=None)
    worker(datetime(2026, 9, 7, 10, tzinfo=UTC))

    first, *others = [each for each in outbox() if each.mail is not None]
    assert [each.kind for each in others] == ["updated", "reminder", "event_cancelled"]
    for each in others:
        assert each.mail is not None
        assert first.mail is not None
        assert each.mail["In-Reply-To"] == each.mail["References"] == first.mail["Message-ID"]
