"""kill -9 of two workers while they write to hundreds of people: everybody is reminded, and nobody twice (R13, R20)."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from engage.bookings.mail_plan import MailPlan, Span, Unit, store_plan
from engage.bookings.mail_steps import SEND_STEP, promise_steps
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place
from engage.kernel import clock
from engage.kernel.models import Job, JobState
from engage.mail.enums import MessageKind
from engage.mail.models import Message
from engage.mail.services import SEND
from tests.factories import make_event
from tests.live.conftest import Unit as Transaction
from tests.live.crowd import addresses
from tests.live_server import live_site

pytestmark = pytest.mark.live

PEOPLE = 450  # three batches
KILLS = 2
SOON = timedelta(seconds=2)
LONGEST_S = 60


def test_everybody_is_reminded_once_though_both_workers_are_killed_in_between(
    database_url: str, app: Flask, unit: Transaction
) -> None:
    guests = addresses(PEOPLE)
    site = app.extensions["engage"].site()
    an_hour_ago = clock.now() - timedelta(hours=1)
    with unit() as session:
        span = Span(10, Unit.MINUTES)
        event = make_event(slug="soon", capacity=PEOPLE, starts_at=clock.now() + span.length() + SOON + SOON)
        event.starts_at = clock.now() + span.length() + SOON
        event.mail_plan = store_plan(MailPlan((span,), None, None, None))
        assert promise_steps(event, at=an_hour_ago) == 1
        for email in guests:
            request = PlaceRequest(name="Cleo Hart", email=email, locale="en")
            book_place(event.id, request, site=site, at=an_hour_ago)
        session.execute(update(Job).where(Job.name == SEND).values(state=JobState.DONE))  # the invitations went

    with live_site(database_url, with_worker=False) as running:
        for _ in range(KILLS):
            before = _reminded(unit).total()
            running.start_worker()
            running.start_worker()
            _wait_until(lambda before=before: _reminded(unit).total() > before)  # type: ignore[misc]
            running.kill()
            with unit() as session:  # what five minutes do: a dead worker's jobs are free again
                session.execute(update(Job).where(Job.state == JobState.DUE).values(lease_until=None))
        running.start_worker()
        running.start_worker()
        _wait_until(lambda: _is_done(unit))
        checked = running.flask("check")

    assert _reminded(unit) == dict.fromkeys(guests, 1)
    assert checked.splitlines()[-1].startswith("ok")


def _reminded(unit: Transaction) -> Counter[str]:
    with unit() as session:
        return Counter(session.scalars(select(Message.to_addr).where(Message.kind == MessageKind.REMINDER)))


def _is_done(unit: Transaction) -> bool:
    with unit() as session:
        left = select(func.count()).where(Job.name == SEND_STEP, Job.state == JobState.DUE)
        return session.scalar(left) == 0


def _wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST_S
    while not true():
        assert time.monotonic() < end, "not everybody is reminded"
        time.sleep(0.05)
