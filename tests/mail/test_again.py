"""A mail that failed is sent again: the same Message-ID, never twice, not when it would be wrong by now (R13, R14)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage import jobs
from engage.bookings.services import cancel_booking
from engage.edge import context
from engage.kernel.models import Job, JobState
from engage.kernel.settings import Site
from engage.mail.again import put_back, send_again
from engage.mail.enums import MessageState
from engage.mail.errors import AddressBadError, MailNotFailedError, MailNotFoundError, MailOutdatedError
from engage.mail.faults import note_permanent
from engage.mail.models import Message
from engage.mail.transport import PermanentMailError
from tests.factories import make_booking, make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=2)


class Server:
    """A mail server that refuses until it is told otherwise."""

    def __init__(self) -> None:
        self.refuses = True
        self.taken: list[bytes] = []

    def send(self, envelope_from: str, recipient: str, data: bytes) -> None:
        if self.refuses:
            raise PermanentMailError("550 5.1.1 no such box")
        self.taken.append(data)


@pytest.fixture
def site(app: Flask, clock: object) -> Site:
    with app.app_context():
        return context.site()


@pytest.fixture
def failed(app: Flask, unit: Unit, site: Site) -> Server:
    """Let an invitation be refused for good."""
    server = Server()
    with unit():
        make_booking(make_event(slug="lunch"), email="cleo@example.org")
    with app.app_context():
        jobs.run_due_jobs(site, at=NOW, transport=server)
    return server


def the_mail(session: Session) -> Message:
    return session.scalars(select(Message).order_by(Message.id)).first() or pytest.fail("no mail")


def test_a_mail_that_failed_goes_out_once_under_its_own_id(app: Flask, unit: Unit, site: Site, failed: Server) -> None:
    with unit() as session:
        message = the_mail(session)
        assert message.state is MessageState.FAILED
        number, name, kept = message.id, message.message_id, message.bytes
        send_again(number, at=LATER)
    failed.refuses = False
    with app.app_context():
        jobs.run_due_jobs(site, at=LATER, transport=failed)
        jobs.run_due_jobs(site, at=LATER + timedelta(days=1), transport=failed)
    assert len(failed.taken) == 1
    assert message_from_bytes(failed.taken[0])["Message-ID"] == name
    if kept is not None:
        assert failed.taken[0] == kept, "the bytes that were kept"
    with unit() as session:
        message = the_mail(session)
        assert (message.state, message.last_error) == (MessageState.SENT, None)


def test_it_has_a_day_of_trying_of_its_own(unit: Unit, failed: Server) -> None:
    with unit() as session:
        send_again(the_mail(session).id, at=LATER)
        job = session.scalars(select(Job).where(Job.name == "mail.send")).one()
        assert (job.state, job.created_at, job.attempts, job.run_at) == (JobState.DUE, LATER, 0, LATER)


def test_what_has_not_failed_is_not_sent_again(unit: Unit, failed: Server) -> None:
    with unit() as session:
        number = the_mail(session).id
        send_again(number, at=LATER)
        with pytest.raises(MailNotFailedError):
            send_again(number, at=LATER)
        assert put_back([number], at=LATER) == 0
        with pytest.raises(MailNotFoundError):
            send_again(number + 1000, at=LATER)


def test_an_invitation_that_a_cancellation_overtook_is_not_sent_again(unit: Unit, site: Site, failed: Server) -> None:
    with unit() as session:
        message = the_mail(session)
        cancel_booking(message.about_id, site=site, at=NOW)
        with pytest.raises(MailOutdatedError):
            send_again(message.id, at=LATER)


def test_nothing_goes_again_to_an_address_that_bounces(unit: Unit, failed: Server) -> None:
    with unit() as session:
        number = the_mail(session).id
        note_permanent("cleo@example.org", "550 5.1.1 no such box", NOW)
        with pytest.raises(AddressBadError):
            send_again(number, at=LATER)
        assert put_back([number], at=LATER) == 0
