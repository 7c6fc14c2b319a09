"""The whole round of a calendar: booked by hand, invited by mail, declined there, and the place goes to who waits."""

import email.policy
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.bookings.models import Booking
from engage.mail.models import InboundMail, Message
from tests.conftest import SentMail
from tests.factories import make_event
from tests.flows.calendars import Desk, calendar_part
from tests.journeys.reader import Reader, link_in, words_of_mail
from tests.live_server import ROOT, live_site
from tests.mail.inbound.clients import CLIENTS, answer_to, exchange, google

Unit = Callable[[], AbstractContextManager[Session]]
Outbox = Callable[[], list[SentMail]]
Worker = Callable[..., int]
STARTS = datetime(2026, 9, 24, 11, 30, tzinfo=UTC)
BOOK = "/events/trains/book"


def last(outbox: Outbox, kind: str, to: str) -> EmailMessage:
    """Return the latest mail of a kind to somebody."""
    found = [each.mail for each in outbox() if (each.kind, each.to) == (kind, to)][-1]
    assert found is not None
    return found


@pytest.mark.parametrize("calendar", ["google", "exchange"])
def test_a_place_that_is_declined_in_a_calendar_goes_to_whoever_waits_and_back(
    app: Flask,
    unit: Unit,
    clock: time_machine.Traveller,
    worker: Worker,
    outbox: Outbox,
    calendar: str,
) -> None:
    with unit():
        make_event(slug="trains", title="Trains", starts_at=STARTS, capacity=1)
    cleo, dev = Reader(app.test_client()), Reader(app.test_client())
    cleo.send(BOOK, name="Cleo Bell", email="cleo@example.org")
    dev.send(BOOK, name="Dev Rao", email="dev@example.org")
    worker()
    invitation = last(outbox, "invitation", "cleo@example.org")

    # Cleo's calendar reads the very bytes that we sent, and declines what it found there.
    clock.shift(60)
    reply = answer_to(
        calendar_part(invitation.as_bytes()), partstat="DECLINED", comment="Ill, sorry", stamp=datetime.now(UTC)
    )
    piped = app.test_cli_runner().invoke(args=["inbound", "--to", reply.organizer], input=CLIENTS[calendar](reply))
    worker()

    assert piped.output.splitlines()[-1] == "reply: applied"
    assert "You declined in your calendar" in words_of_mail(last(outbox, "no_longer_booked", "cleo@example.org"))
    moved_up = last(outbox, "invitation", "dev@example.org")
    assert "A place came free, and it is yours." in words_of_mail(moved_up)
    own_page = link_in(last(outbox, "no_longer_booked", "cleo@example.org"), "/bookings/")
    assert "cancelled" in cleo.open(own_page).text

    # Dev declines as well; Cleo accepts after all, and has the place again under the same UID.
    clock.shift(60)
    again = answer_to(calendar_part(moved_up.as_bytes()), partstat="DECLINED", stamp=datetime.now(UTC))
    app.test_cli_runner().invoke(args=["inbound"], input=google(again))
    clock.shift(60)
    after_all = answer_to(calendar_part(invitation.as_bytes()), partstat="ACCEPTED", stamp=datetime.now(UTC))
    piped = app.test_cli_runner().invoke(args=["inbound"], input=exchange(after_all))
    worker()

    assert piped.output.splitlines()[-1] == "reply: booked again"
    back = last(outbox, "invitation", "cleo@example.org")
    now = answer_to(calendar_part(back.as_bytes()))
    assert (now.uid, now.sequence) == (reply.uid, 1)
    assert b"PARTSTAT=ACCEPTED" in calendar_part(back.as_bytes()).replace(b"\r\n ", b"")
    with unit() as session:
        states = session.execute(select(Booking.email_normalised, Booking.status).order_by(Booking.email_normalised))
        assert [(address, status.value) for address, status in states] == [
            ("cleo@example.org", "confirmed"),
            ("dev@example.org", "cancelled"),
        ]


def handed_over(raw: bytes, environment: dict[str, str]) -> bytes:
    """Hand a mail over as a mail server does: asked to, it brings the same bytes again. Returns what was said."""
    command = [sys.executable, "-m", "flask", "inbound", "--from", "cleo@example.org"]
    for _ in range(5):
        done = subprocess.run(command, cwd=ROOT, env=environment, input=raw, capture_output=True, check=False)
        if done.returncode == 0:
            return done.stdout.splitlines()[-1]
        assert done.returncode == os.EX_TEMPFAIL, done.stderr.decode()
    raise AssertionError(done.stderr.decode())


@pytest.mark.live
def test_two_processes_that_are_handed_the_same_mail_apply_it_once(app: Flask, unit: Unit, database_url: str) -> None:
    desk = Desk(app, unit, app.extensions["engage"].site())
    desk.open()
    desk.book()
    raw = google(desk.says(partstat="DECLINED", stamp=datetime(2026, 8, 1, tzinfo=UTC)))
    with live_site(database_url, with_worker=False) as site, ThreadPoolExecutor(3) as hands:
        said = list(hands.map(lambda _: handed_over(raw, site.environment), range(3)))

    assert said == [b"reply: applied"] * 3
    with unit() as session:
        assert session.scalar(select(func.count(InboundMail.id))) == 1
        goodbyes = select(func.count(Message.id)).where(Message.kind == "no_longer_booked")
        assert session.scalar(goodbyes) == 1


def test_our_own_mails_are_no_answers_to_themselves(app: Flask, unit: Unit, worker: Worker, outbox: Outbox) -> None:
    """An invitation that comes back (a rule that forwards, a list) changes nothing and brings no mail about."""
    desk = Desk(app, unit, app.extensions["engage"].site())
    desk.open()
    desk.book()
    worker()
    mail = outbox()[0].mail
    assert mail is not None
    before = desk.state()

    assert desk.arrives(mail.as_bytes(policy=email.policy.SMTP)) == "noted"

    assert desk.state() == before
    assert BytesParser().parsebytes(mail.as_bytes())["Auto-Submitted"] == "auto-generated"
