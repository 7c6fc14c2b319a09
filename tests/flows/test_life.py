"""A whole life of invitations as it arrives by mail, for people and for calendars (calendar-mail 3.1, 8)."""

import email.policy
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage import jobs
from engage.bookings.by_organiser import remove_booking
from engage.bookings.changes import hand_over
from engage.bookings.guests import cannot_come
from engage.bookings.mail_steps import promise_steps
from engage.bookings.models import Booking, Guest
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.events.enums import AppearanceRole
from engage.events.models import Appearance, Event
from engage.events.queries import get_event
from engage.events.services import add_speaker
from engage.flows.cancelling import cancel_event
from engage.flows.invariants import INVARIANTS
from engage.flows.line_up import take_out
from engage.flows.rescheduling import change_event
from engage.kernel.settings import Site
from engage.mail.models import Message
from engage.speakers.models import Speaker
from tests.calendars.readers import check_readers
from tests.factories import details_of, make_event, make_speaker
from tests.flows.life import (
    ObedientCalendar,
    calendar_part,
    check_golden_mail,
    check_thread,
    only_event,
    repeated_randomness,
)

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
SLUG = "three-views"
MINUTE = timedelta(minutes=1)
ALIKE = {"invitation-dai", "invitation-eve", "updated-ana", "reminder-fay"}  # as others of their kind
pytestmark = pytest.mark.usefixtures("clock")


@dataclass
class Story:
    """Somebody's life with one event: acts at their moments, with the worker always at hand."""

    unit: Unit
    app: Flask
    site: Site
    at: datetime = NOW

    def later(self, wait: timedelta) -> None:
        """Let time pass; the worker does what is due."""
        self.at += wait
        with self.app.app_context():
            jobs.run_due_jobs(self.site, at=self.at)

    def book(self, name: str, *guests: str) -> None:
        with self.unit():
            brought = tuple(GuestRequest(guest, f"{guest.lower()}@example.org") for guest in guests)
            places = 1 + len(guests)
            request = PlaceRequest(
                name=name, email=f"{name.lower()}@example.org", locale="en", places=places, guests=brought
            )
            book_place(get_event(SLUG).id, request, site=self.site, at=self.at)
        self.later(MINUTE)

    def change(self, **changes: Any) -> None:
        with self.unit():
            event = get_event(SLUG)
            details = replace(details_of(event), **changes)
            change_event(event.id, details, version=event.version, site=self.site, at=self.at, actor=None)
        self.later(3 * MINUTE)

    def act(self, do: Callable[..., object], row: Any, name: str, /, **more: Any) -> None:
        """Do something to the newest booking, or guest, of a name."""
        self.later(MINUTE)
        with self.unit() as session:
            found = select(row.id).where(row.name == name)
            newest = found.order_by(Booking.created_at.desc()) if row is Booking else found
            do(session.scalars(newest.limit(1)).one(), site=self.site, at=self.at, **more)
        self.later(MINUTE)

    def mails(self) -> list[tuple[str, str, bytes, EmailMessage]]:
        """Return kind, name of whom it went to, bytes and the mail, in the order of queueing."""
        with self.unit() as session:
            found = session.scalars(select(Message).order_by(Message.id)).all()
            rows = [(each.kind.value, each.to_addr.partition("@")[0], each.bytes) for each in found]
        parser = BytesParser(policy=email.policy.default)
        return [(kind, to, data, parser.parsebytes(data)) for kind, to, data in rows if data is not None]  # type: ignore[misc]


@pytest.fixture
def story(unit: Unit, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    with repeated_randomness(monkeypatch):
        site = replace(
            app.extensions["engage"].site(),
            base_url="https://events.example.org",
            organisation_name="Rivers, Lakes & Seas",
            mail_from="rivers@invites.example.org",
            mail_domain="invites.example.org",
            contact_email="help@example.org",
            reads_mail=True,
            calendar_collect_seconds=120,
        )
        with unit() as session:
            event = make_event(
                title="Three views, over lunch; with Jo’s map",
                slug=SLUG,
                starts_at=datetime(2026, 10, 8, 9, tzinfo=UTC),
            )
            add_speaker(
                event.id,
                name="Ada Okafor",
                role_title="Analyst",
                organisation="Sample Ltd",
                role=AppearanceRole.SPEAKER,
                at=NOW,
                actor=None,
            )
            promise_steps(session.get_one(Event, event.id), at=NOW)
        yield Story(unit, app, site)


def live_a_life(story: Story) -> None:
    """Book, move, retitle, move back, cancel, book again; the second booking gets the reminder and the end."""
    story.book("Cleo")
    story.change(start=time(9, 30), end=time(10, 30))
    story.change(title="Two views")
    story.change(start=time(10), end=time(11))
    story.act(cancel_booking, Booking, "Cleo")
    story.book("Cleo")
    story.later(datetime(2026, 10, 7, 9, 0, tzinfo=UTC) - story.at)
    with story.unit():
        cancel_event(get_event(SLUG).id, reason="The speaker is ill.", site=story.site, at=story.at, actor=None)
    story.later(MINUTE)


def test_a_life_is_one_thread_for_each_booking_and_every_reader_follows_it(story: Story) -> None:
    live_a_life(story)

    mails = story.mails()
    assert [kind for kind, *_ in mails] == [
        *("invitation", "moved", "updated", "moved", "booking_cancelled"),
        *("invitation", "reminder", "event_cancelled"),
    ]
    assert [str(mail["Subject"]).partition(":")[0] for *_, mail in mails] == [
        *("Invitation", "New time", "Updated", "New time", "Booking cancelled"),
        *("Invitation", "Reminder", "Cancelled"),
    ]
    check_thread([mail for *_, mail in mails[:5]])
    check_thread([mail for *_, mail in mails[5:]])
    parts = [part for *_, mail in mails if (part := calendar_part(mail)) is not None]
    uids = [str(only_event(part)["UID"]) for part in parts]
    assert uids == [uids[0]] * 5 + [uids[5]] * 2
    assert uids[0] != uids[5]
    for part in parts:
        check_readers(part)
    with story.unit():
        assert [line for invariant in INVARIANTS.values() for line in invariant()] == []


def test_whatever_order_the_mails_arrive_in_the_calendar_shows_the_truth(story: Story) -> None:
    live_a_life(story)
    parts = [part for *_, mail in story.mails() if (part := calendar_part(mail)) is not None]
    events = [only_event(part) for part in parts]

    shown = ObedientCalendar()
    states = []
    for event in events:
        shown.take(event)
        states.append([(title, start.time()) for title, start, _end in shown.shows()])
    first = "Three views, over lunch; with Jo’s map"
    assert states == [
        [(first, time(10))],
        [(first, time(9, 30))],
        [("Two views", time(9, 30))],
        [("Two views", time(10))],
        [],
        [("Two views", time(10))],
        [],
    ]
    for order in itertools.permutations(events[:6]):
        mixed_up = ObedientCalendar()
        for event in order:
            mixed_up.take(event)
        assert [title for title, *_ in mixed_up.shows()] == ["Two views"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_each_occasion_has_the_mail_that_was_read_by_eye(story: Story) -> None:
    story.book("Cleo", "Ana")
    story.change(title="Two views", summary="Two guests, an hour, your questions.")
    story.change(start=time(9, 30), end=time(10, 30), day=date(2026, 10, 9), title="Two views, one map")
    story.act(cannot_come, Guest, "Ana")
    story.book("Dai")
    story.act(remove_booking, Booking, "Dai", message="You asked us to.", actor=None)
    story.book("Eve")
    story.act(hand_over, Booking, "Eve", name="Fay", email="fay@example.org")
    story.later(datetime(2026, 10, 8, 8, 30, tzinfo=UTC) - story.at)
    story.act(cancel_booking, Booking, "Cleo")
    with story.unit():
        cancel_event(get_event(SLUG).id, reason="The speaker is ill.", site=story.site, at=story.at, actor=None)
    story.later(MINUTE)

    mails = story.mails()
    found: dict[str, list[str]] = defaultdict(list)
    for kind, to, data, mail in mails:
        found[kind] = sorted([*found[kind], to])
        if f"{kind}-{to}" not in ALIKE:
            check_golden_mail(f"{kind}-{to}", data, mail)
    assert found == {
        "invitation": ["ana", "cleo", "dai", "eve", "fay"],
        "updated": ["ana", "cleo"],
        "moved": ["ana", "cleo"],
        "booking_cancelled": ["ana", "cleo", "dai", "eve"],
        "guest_left": ["cleo"],
        "reminder": ["cleo", "fay"],
        "event_cancelled": ["fay"],
    }


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_each_occasion_of_a_speaker_has_the_mail_that_was_read_by_eye(story: Story) -> None:
    with story.unit():
        make_speaker(get_event(SLUG), site=story.site)
        make_speaker(get_event(SLUG), "Gil Reyes", "gil@example.org", site=story.site)
    story.later(MINUTE)
    story.change(title="Two views")
    story.change(start=time(9, 30), end=time(10, 30))
    story.later(MINUTE)
    with story.unit() as session:
        event = get_event(SLUG)
        out = session.scalars(select(Appearance.id).join(Speaker).where(Speaker.email == "ben@example.org")).one()
        take_out(event.id, out, site=story.site, at=story.at, actor=None)
    story.later(MINUTE)
    with story.unit():
        cancel_event(get_event(SLUG).id, reason="The hall is flooded.", site=story.site, at=story.at, actor=None)
    story.later(MINUTE)

    lives: dict[str, list[tuple[str, EmailMessage]]] = defaultdict(list)
    for kind, to, data, mail in story.mails():
        lives[to].append((kind, mail))
        if (kind, to) not in (("speaker_invited", "gil"), ("updated", "gil"), ("moved", "gil")):
            check_golden_mail(f"speaker-{kind}", data, mail)
        part = calendar_part(mail)
        assert part is not None
        check_readers(part)
    ben, gil = lives["ben"], lives["gil"]
    assert [kind for kind, _ in ben] == ["speaker_invited", "updated", "moved", "speaker_removed"]
    assert [kind for kind, _ in gil] == ["speaker_invited", "updated", "moved", "event_cancelled"]
    for life in lives.values():
        check_thread([mail for _, mail in life])


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_where_no_replies_are_read_the_invitation_says_so(story: Story) -> None:
    story.site = replace(story.site, reads_mail=False)
    story.book("Cleo")

    ((_kind, _to, data, mail),) = story.mails()
    check_golden_mail("invitation-no-replies", data, mail)
