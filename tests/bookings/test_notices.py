"""Organisers are told what they chose: counts and links, once, and nobody's name (P24, R20)."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engage.accounts.models import Person, Role
from engage.audit.models import AuditEntry
from engage.bookings.models import Booking
from engage.bookings.notices import NoticeChoice, choose_notices, find_choice, promise_digest, send_digests
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.events.models import Event
from engage.kernel import clock as real_clock
from engage.kernel.models import Job
from engage.kernel.settings import Site
from tests.conftest import TEST_BEGINS, SentMail
from tests.factories import make_event, make_person
from tests.queries import statements_sent

Unit = Callable[[], AbstractContextManager[Session]]
Outbox = Callable[[], list[SentMail]]
DAY = timedelta(days=1)
NOTICES = {"booking_digest", "event_full", "first_waiting"}

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


@pytest.fixture
def asha(unit: Unit) -> uuid.UUID:
    with unit():
        return make_person("asha@example.org", "organiser", name="Asha").id


def lunch(unit: Unit, *chosen: uuid.UUID, capacity: int = 2, **choice: bool) -> uuid.UUID:
    with unit():
        event_id = make_event(slug="lunch", capacity=capacity).id
        for person_id in chosen:
            choose_notices(event_id, NoticeChoice(**choice), person_id=person_id, at=real_clock.now())
        return event_id


def book(unit: Unit, site: Site, event_id: uuid.UUID, *names: str) -> None:
    for name in names:
        with unit():
            book_place(event_id, PlaceRequest(name, f"{name}@example.org", "en"), site=site, at=real_clock.now())


def told(outbox: Outbox) -> list[tuple[str, str]]:
    return [(mail.kind, mail.to) for mail in outbox() if mail.kind in NOTICES]


def text_of(outbox: Outbox, kind: str) -> str:
    mail = next(mail for mail in outbox() if mail.kind == kind).mail
    assert mail is not None
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_last_place_is_told_once_to_whoever_chose_it(
    unit: Unit, site: Site, asha: uuid.UUID, outbox: Outbox, worker: Callable[..., int]
) -> None:
    with unit():
        make_person("other@example.org", "organiser")
    event_id = lunch(unit, asha, when_full=True)
    book(unit, site, event_id, "ana")
    worker()
    assert told(outbox) == []
    book(unit, site, event_id, "ben")
    worker()
    assert told(outbox) == [("event_full", "asha@example.org")]
    with unit() as session:
        booking = session.scalars(select(Booking).where(Booking.name == "ana")).one()
        cancel_booking(booking.id, site=site, at=real_clock.now())
    book(unit, site, event_id, "cat")
    worker()
    assert len(told(outbox)) == 1
    text = text_of(outbox, "event_full")
    assert "All 2 places of this event are taken." in text
    assert "http://localhost/organise/events/lunch/bookings" in text
    assert "http://localhost/organise/events/lunch/notices" in text
    assert not any(name in text for name in ("ana", "ben@", "cat@"))


def test_another_capacity_is_another_occasion(
    unit: Unit, site: Site, asha: uuid.UUID, outbox: Outbox, worker: Callable[..., int]
) -> None:
    event_id = lunch(unit, asha, capacity=1, when_full=True)
    book(unit, site, event_id, "ana")
    worker()
    with unit() as session:
        session.get_one(Event, event_id).capacity = 2
    book(unit, site, event_id, "ben")
    worker()
    assert told(outbox) == [("event_full", "asha@example.org")] * 2


def test_the_first_who_waits_is_told_and_the_second_is_not(
    unit: Unit, site: Site, asha: uuid.UUID, outbox: Outbox, worker: Callable[..., int]
) -> None:
    event_id = lunch(unit, asha, capacity=1, when_waiting=True)
    book(unit, site, event_id, "ana", "ben", "cat")
    worker()
    worker()
    assert told(outbox) == [("first_waiting", "asha@example.org")]


def test_an_ordinary_booking_sends_no_statement_more(unit: Unit, site: Site, asha: uuid.UUID) -> None:
    chosen = lunch(unit, asha, capacity=9, digest=True, when_full=True, when_waiting=True)
    with unit():
        other = make_event(slug="other", capacity=9).id
    counts = []
    for event_id in (other, chosen):
        with statements_sent() as sent:
            book(unit, site, event_id, "ana")
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_a_digest_tells_what_came_since_the_last_one(
    unit: Unit,
    site: Site,
    asha: uuid.UUID,
    outbox: Outbox,
    worker: Callable[..., int],
    clock: time_machine.Traveller,
) -> None:
    event_id = lunch(unit, asha, capacity=9, digest=True)
    worker()  # a worker that runs promises the next
    clock.shift(timedelta(hours=1))
    book(unit, site, event_id, "ana", "ben")
    clock.move_to(TEST_BEGINS.replace(hour=7) + DAY)  # 8am in London
    worker()
    worker()
    assert told(outbox) == [("booking_digest", "asha@example.org")]
    text = text_of(outbox, "booking_digest")
    assert "2 new bookings. 2 of 9 places are taken." in text
    assert "ana" not in text.replace("@", " ").split()
    clock.shift(DAY)
    worker()
    assert len(told(outbox)) == 1  # nothing came
    book(unit, site, event_id, "cat")
    clock.shift(DAY)
    worker()
    assert len(told(outbox)) == 2


def test_a_digest_holds_all_events_of_a_person_in_one_mail(
    unit: Unit, site: Site, asha: uuid.UUID, outbox: Outbox, clock: time_machine.Traveller, worker: Callable[..., int]
) -> None:
    first = lunch(unit, asha, capacity=9, digest=True)
    with unit():
        second = make_event(title="Supper", slug="supper").id
        choose_notices(second, NoticeChoice(digest=True), person_id=asha, at=real_clock.now())
    book(unit, site, first, "ana")
    book(unit, site, second, "ben")
    clock.shift(timedelta(minutes=2))
    with unit():
        assert send_digests(site=site, at=real_clock.now()) == 1
        assert send_digests(site=site, at=real_clock.now()) == 0
    worker()
    text = text_of(outbox, "booking_digest")
    assert "Three views over lunch" in text
    assert "Supper" in text


@pytest.mark.parametrize("ended", ["disabled", "no organiser any more"])
def test_whoever_may_not_see_the_bookings_any_more_is_told_nothing(
    unit: Unit, site: Site, asha: uuid.UUID, outbox: Outbox, worker: Callable[..., int], ended: str
) -> None:
    """S45."""
    event_id = lunch(unit, asha, capacity=1, when_full=True)
    with unit() as session:
        if ended == "disabled":
            session.get_one(Person, asha).disabled_at = real_clock.now()
        else:
            session.execute(delete(Role).where(Role.person_id == asha))
    book(unit, site, event_id, "ana")
    worker()
    assert told(outbox) == []


def test_a_choice_is_kept_changed_and_noted(unit: Unit, asha: uuid.UUID) -> None:
    event_id = lunch(unit, asha, digest=True)
    with unit():
        choose_notices(event_id, NoticeChoice(when_full=True), person_id=asha, at=real_clock.now())
        choose_notices(event_id, NoticeChoice(when_full=True), person_id=asha, at=real_clock.now())
    with unit() as session:
        assert find_choice(event_id, asha) == NoticeChoice(when_full=True)
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:notice:choose")).all()
        assert {entry.actor for entry in entries} == {asha}
        assert len(entries) == 2


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        (datetime(2026, 9, 1, 6, 59, 59, tzinfo=UTC), "Europe/London", datetime(2026, 9, 1, 7, tzinfo=UTC)),
        (datetime(2026, 9, 1, 7, 0, tzinfo=UTC), "Europe/London", datetime(2026, 9, 2, 7, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, 0, tzinfo=UTC), "Europe/London", datetime(2026, 10, 25, 8, tzinfo=UTC)),
        (datetime(2027, 3, 27, 12, 0, tzinfo=UTC), "Europe/London", datetime(2027, 3, 28, 7, tzinfo=UTC)),
        (datetime(2026, 9, 1, 23, 30, tzinfo=UTC), "Pacific/Auckland", datetime(2026, 9, 2, 20, tzinfo=UTC)),
    ],
)
def test_the_next_digest_is_at_eight_by_the_clock_on_the_wall(
    unit: Unit, site: Site, moment: datetime, zone: str, expected: datetime
) -> None:
    """R20: and it is promised once, whoever promises it, over changes of the clocks too."""
    place = Site(**{**{name: getattr(site, name) for name in vars(site)}, "default_timezone": zone})
    with unit() as session:
        assert [promise_digest(site=place, at=moment) for _ in range(2)] == [expected] * 2
        promised = select(func.count(Job.id)).where(Job.dedupe_key.startswith("bookings.digest"))
        assert session.scalar(promised) == 1
