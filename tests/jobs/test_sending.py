"""Mails that a worker must not send, and mails that nobody would send any more (R13, R17)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from engage import jobs
from engage.kernel.jobs import ClaimedJob, defer
from engage.kernel.models import Job, JobState
from engage.kernel.settings import Site
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.enums import MessageState
from engage.mail.faults import forget_fault, note_permanent
from engage.mail.models import Message
from engage.mail.services import SEND
from engage.mail.transport import ServerAwayError
from tests.factories import make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


@dataclass
class Sink:
    """A mail server that takes everything, when it is there; `taken` are the tries."""

    taken: list[str] = field(default_factory=list)
    away: bool = False

    def send(self, _envelope_from: str, recipient: str, _data: bytes) -> None:
        self.taken.append(recipient)
        if self.away:
            raise ServerAwayError("no connection")

    def abort(self) -> None:
        """Nothing waits."""


def state(unit: Unit) -> tuple[MessageState, str | None]:
    with unit() as session:
        message = session.scalars(select(Message)).one()
        return message.state, message.last_error


@pytest.fixture
def queued(unit: Unit, clock: object) -> None:
    with unit():
        make_booking(make_event(), email="cleo@example.org")


@pytest.mark.usefixtures("queued")
def test_nothing_is_sent_to_an_address_that_bounced(unit: Unit, app: Flask, site: Site) -> None:
    sink = Sink()
    with unit():
        note_permanent("cleo@example.org", "550 nobody", NOW)
    with app.app_context():
        jobs.run_due_jobs(site, at=NOW + MINUTE, transport=sink)

    assert sink.taken == []
    assert state(unit) == (MessageState.FAILED, "mail to this address bounced before")
    with unit() as session:
        assert forget_fault("cleo@example.org")
        make_booking(make_event(slug="another"), email="cleo@example.org")
        session.flush()
    with app.app_context():
        jobs.run_due_jobs(site, at=NOW + MINUTE, transport=sink)
    assert sink.taken == ["cleo@example.org"]


@pytest.mark.usefixtures("queued")
@pytest.mark.parametrize("lost", ["gone", "done"])
def test_a_mail_without_a_job_is_found_after_an_hour_and_sent_once(
    unit: Unit, app: Flask, site: Site, lost: str
) -> None:
    """R17."""
    sink = Sink()
    with unit() as session:
        if lost == "gone":
            session.execute(delete(Job).where(Job.name == SEND))
        else:
            session.execute(update(Job).where(Job.name == SEND).values(state=JobState.DONE))
    with app.app_context():
        jobs.run_due_jobs(site, at=NOW + HOUR / 2, transport=sink)
        assert sink.taken == []
        jobs.run_due_jobs(site, at=NOW + HOUR + MINUTE, transport=sink)
        jobs.run_due_jobs(site, at=NOW + 3 * HOUR, transport=sink)

    assert sink.taken == ["cleo@example.org"]
    assert state(unit) == (MessageState.SENT, None)


@pytest.mark.usefixtures("queued")
def test_a_mail_whose_job_was_given_up_has_failed_with_its_reason(unit: Unit, app: Flask, site: Site) -> None:
    """R13: it ends sent or failed."""
    sink = Sink()
    with unit() as session:
        dead = update(Job).where(Job.name == SEND).values(state=JobState.DEAD, last_error="LookupError: no handler")
        session.execute(dead)
    with app.app_context():
        jobs.run_due_jobs(site, at=NOW + 2 * HOUR, transport=sink)

    assert sink.taken == []
    assert state(unit) == (MessageState.FAILED, "LookupError: no handler")


def test_while_the_mail_server_is_away_one_mail_tries_for_all(
    unit: Unit, app: Flask, site: Site, clock: object
) -> None:
    """R12, R15: the others cost nothing and wait for nothing of their own."""
    people = [f"cleo{number}@example.org" for number in range(5)]
    with unit():
        event = make_event()
        for address in people:
            make_booking(event, email=address)
    sink = Sink(away=True)
    runner = jobs.Runner(site, transport=sink)
    with app.app_context():
        runner.run_due(at=NOW + MINUTE)
        runner.run_due(at=NOW + 2 * MINUTE)
        assert len(sink.taken) == 1
        with unit() as session:
            assert sorted(session.scalars(select(Job.attempts).where(Job.name == SEND))) == [0, 0, 0, 0, 1]
        sink.away = False
        runner.hands.rest.end()  # what half a minute does
        runner.run_due(at=NOW + 3 * MINUTE)

    assert sorted(sink.taken[1:]) == people
    with unit() as session:
        assert set(session.scalars(select(Message.state))) == {MessageState.SENT}


def test_a_job_that_the_database_refuses_is_put_off_alone(
    unit: Unit, app: Flask, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R15: it is due before the mails of two people, and they have theirs all the same."""

    def refused(_hands: jobs.Hands, _job: ClaimedJob, _at: datetime) -> None:
        with unit_of_work() as session:
            session.execute(text("INSERT INTO person (id) VALUES (NULL)"))

    monkeypatch.setitem(jobs.HANDLERS, "refused", refused)
    with unit():
        defer("refused", at=NOW - HOUR)
        for number in range(2):
            make_booking(make_event(slug=f"event-{number}"), email="cleo@example.org")
    sink = Sink()
    with app.app_context():
        jobs.run_due_jobs(site, at=NOW + MINUTE, transport=sink)

    assert len(sink.taken) == 2
    with unit() as session:
        job = session.scalars(select(Job).where(Job.name == "refused")).one()
        assert (job.state, job.lease_until) == (JobState.DUE, None)
        assert "IntegrityError" in (job.last_error or "")
