"""The life of an invitation, as it arrives: booked, moved, renamed, given back, booked again, cancelled."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engage import jobs
from engage.bookings.services import cancel_booking
from engage.events.details import EventDetails
from engage.events.enums import AppearanceRole
from engage.events.models import Event
from engage.events.services import add_speaker
from engage.flows.cancelling import cancel_event
from engage.flows.invariants import INVARIANTS
from engage.flows.rescheduling import change_event
from engage.kernel.models import Job, WorkerHeartbeat
from engage.kernel.settings import Site
from engage.mail.models import Message
from engage.mail.transport import PermanentMailError, TemporaryMailError
from tests.conftest import SentMail
from tests.factories import make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
Outbox = Callable[[], list[SentMail]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


@dataclass
class Server:
    """A mail server that answers as told."""

    faults: list[Exception] = field(default_factory=list)
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)

    def send(self, envelope_from: str, recipient: str, data: bytes) -> None:
        self.taken.append((envelope_from, recipient, data))
        if self.faults:
            raise self.faults.pop(0)

    def abort(self) -> None:
        """Nothing waits."""


def change(event: Event, site: Site, *, at: datetime, **changes: Any) -> None:
    given: dict[str, Any] = {
        "title": event.title,
        "summary": event.summary,
        "description": event.description,
        "day": date(2026, 9, 8),
        "start": time(10, 0),
        "end": time(11, 0),
        "timezone": "Europe/London",
        "capacity": event.capacity,
        "join_url": event.join_url,
    }
    details = EventDetails(**{**given, **changes})
    change_event(event.id, details, version=event.version, site=site, at=at, actor=None)


def entry(mail: EmailMessage | None) -> Any:
    """Return the VEVENT of a mail's calendar part, with the METHOD of its calendar and MIME part."""
    assert mail is not None
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    assert str(calendar["METHOD"]) == part.get_param("method")
    event = calendar.walk("VEVENT")[0]
    event.method = str(calendar["METHOD"])
    return event


def line(sent: SentMail) -> tuple[str, str, int, str]:
    """Return what matters of a mail with a calendar part: kind, METHOD, SEQUENCE, STATUS."""
    event = entry(sent.mail)
    return sent.kind, event.method, int(event["SEQUENCE"]), str(event["STATUS"])


def test_one_uid_lives_with_a_rising_sequence_and_a_new_booking_has_a_new_one(
    unit: Unit, site: Site, worker: Callable[..., int], outbox: Outbox
) -> None:
    with unit():
        event = make_event()
        add_speaker(
            event.id,
            name="Ada Okafor",
            role_title="Analyst",
            organisation="Sample Ltd",
            role=AppearanceRole.SPEAKER,
            at=NOW,
            actor=None,
        )
        event_id, booking_id = event.id, make_booking(event, site=site).id
    worker()
    with unit() as session:
        change(session.get_one(Event, event_id), site, at=NOW + timedelta(minutes=1), start=time(9, 30))
    worker()
    with unit() as session:
        change(
            session.get_one(Event, event_id), site, at=NOW + timedelta(minutes=2), start=time(9, 30), title="Two views"
        )
    worker()
    with unit():
        cancel_booking(booking_id, site=site, at=NOW + timedelta(minutes=3))
    worker()
    with unit() as session:
        make_booking(session.get_one(Event, event_id), site=site)
    worker()
    with unit():
        cancel_event(event_id, reason="The speaker is ill.", site=site, at=NOW + timedelta(minutes=5), actor=None)
    worker(NOW + timedelta(minutes=5))

    mails = outbox()
    assert [line(each) for each in mails] == [
        ("invitation", "REQUEST", 0, "CONFIRMED"),
        ("moved", "REQUEST", 1, "CONFIRMED"),
        ("updated", "REQUEST", 2, "CONFIRMED"),
        ("booking_cancelled", "CANCEL", 3, "CANCELLED"),
        ("invitation", "REQUEST", 0, "CONFIRMED"),
        ("event_cancelled", "CANCEL", 1, "CANCELLED"),
    ]
    assert {each.state for each in mails} == {"sent"}
    uids = [str(entry(each.mail)["UID"]) for each in mails]
    assert len(set(uids[:4])) == 1
    assert len(set(uids[4:])) == 1
    assert uids[0] != uids[4]
    first = mails[0].mail
    assert first is not None
    assert first["In-Reply-To"] is None
    assert [each.mail["In-Reply-To"] for each in mails[1:4] if each.mail] == [first["Message-ID"]] * 3
    attendees = [entry(each.mail)["ATTENDEE"] for each in mails]
    assert {str(each) for each in attendees} == {"mailto:cleo@example.org"}, "exactly one, and no list"
    moved = mails[1].mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "10am to 11am" in moved
    assert "9:30am to 11am" in moved
    assert "Ada Okafor, Sample Ltd" in moved
    assert "Two views" in mails[2].mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "The speaker is ill." in mails[5].mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    with unit():
        assert [line for invariant in INVARIANTS.values() for line in invariant()] == []


def test_moving_mails_everybody_who_holds_a_place_and_nobody_else(unit: Unit, site: Site, outbox: Outbox) -> None:
    with unit():
        event = make_event()
        for email in ("a@example.org", "b@example.org"):
            make_booking(event, email, site=site)
        cancel_booking(make_booking(event, "gone@example.org", site=site).id, site=site, at=NOW)
        change(event, site, at=NOW, start=time(9, 0))

    assert sorted(each.to for each in outbox() if each.kind == "moved") == ["a@example.org", "b@example.org"]


def test_what_nobody_sees_in_a_calendar_sends_nothing(unit: Unit, site: Site, outbox: Outbox) -> None:
    with unit():
        event = make_event()
        make_booking(event, site=site)
        change(event, site, at=NOW, capacity=50, join_url="https://meet.example.org/other", description="More.")

    assert [each.kind for each in outbox()] == ["invitation"]


def test_a_retry_sends_the_same_bytes(unit: Unit, app: Flask, site: Site) -> None:
    with unit():
        make_booking(make_event(), site=site)
    server = Server(faults=[TemporaryMailError("no connection")])

    with app.app_context():
        assert jobs.run_due_jobs(site, at=NOW, transport=server) == 3, (
            "the mail, the day's tidying and the hour's sweeping"
        )
        assert jobs.run_due_jobs(site, at=NOW + timedelta(seconds=1), transport=server) == 0, "it waits"
    with unit() as session:
        session.execute(update(Event).values(title="Renamed meanwhile"))
    with app.app_context():
        assert jobs.run_due_jobs(site, at=NOW + timedelta(minutes=2), transport=server) == 1

    first, second = server.taken
    assert first == second
    assert first[0].startswith("bounce-")
    with unit() as session:
        message = session.scalars(select(Message)).one()
        assert (message.state.value, message.sent_at) == ("sent", NOW + timedelta(minutes=2))


def test_a_mail_that_is_refused_for_good_fails_alone_and_keeps_no_links(
    unit: Unit, make_app: Callable[..., Flask], site: Site
) -> None:
    production = Site(**{**vars(site), "development": False})
    with unit() as session:
        event = make_event()
        make_booking(event, "refused@example.org", site=site)
        make_booking(event, "poisoned@example.org", site=site)
        make_booking(event, "good@example.org", site=site)
        poisoned = select(Message).where(Message.to_addr == "poisoned@example.org")
        session.scalars(poisoned).one().facts = {}
    server = Server(faults=[PermanentMailError("550 no such user")])

    app = make_app()
    with app.app_context():
        jobs.run_due_jobs(production, at=NOW, transport=server)

    with unit() as session:
        rows = session.execute(select(Message.to_addr, Message.state, Message.bytes).order_by(Message.id)).all()
        assert [(to, state.value, data) for to, state, data in rows] == [
            ("refused@example.org", "failed", None),
            ("poisoned@example.org", "failed", None),
            ("good@example.org", "sent", None),
        ]
        states = session.scalars(select(Job.state).where(Job.name == "mail.send").order_by(Job.id)).all()
        assert [state.value for state in states] == ["dead", "dead", "done"]


def test_a_mail_is_given_up_after_a_day(unit: Unit, app: Flask, site: Site) -> None:
    with unit():
        make_booking(make_event(), site=site)
    server = Server(faults=[TemporaryMailError("down")] * 2)

    with app.app_context():
        jobs.run_due_jobs(site, at=NOW, transport=server)
        jobs.run_due_jobs(site, at=NOW + timedelta(hours=25), transport=server)

    with unit() as session:
        assert session.scalars(select(Message)).one().state.value == "failed"


def test_a_worker_says_that_it_is_alive_and_tidies_once_a_day(unit: Unit, app: Flask, site: Site) -> None:
    with app.app_context():
        for hours in (0, 1, 24):
            jobs.run_due_jobs(site, at=NOW + timedelta(hours=hours))

    with unit() as session:
        tidied = session.scalars(select(Job.created_at).where(Job.name == "tidy", Job.state == "done")).all()
        assert sorted(tidied) == [NOW, NOW + timedelta(hours=24)]
        assert session.scalars(select(WorkerHeartbeat.at)).one() == NOW + timedelta(hours=24)


def test_an_unknown_job_waits_and_the_others_go_on(unit: Unit, app: Flask, site: Site) -> None:
    with unit() as session:
        session.add(Job(name="unheard.of", arguments={}, run_at=NOW - timedelta(hours=1), created_at=NOW))
        make_booking(make_event(), site=site)

    with app.app_context():
        jobs.run_due_jobs(site, at=NOW)

    with unit() as session:
        assert session.scalars(select(Message)).one().state.value == "sent"
        assert "unheard.of" in str(session.scalars(select(Job.last_error).where(Job.name == "unheard.of")).one())
