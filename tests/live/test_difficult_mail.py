"""Every mail arrives whatever the mail server does and however often the worker is killed (R13 to R16)."""

import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place
from engage.kernel import clock
from engage.kernel.models import Job, JobState
from engage.mail.enums import MessageState
from engage.mail.models import Message
from tests.live.conftest import Unit, make_live_event
from tests.live.difficult_office import MODES, DifficultOffice, difficult_office
from tests.live.post_office import post_office
from tests.live_server import LiveSite, live_site

pytestmark = pytest.mark.live

PEOPLE, KILLS, LONGEST_S = 200, 20, 300
ADDRESSES = [f"{MODES[number % len(MODES)]}-{number}@example.net" for number in range(PEOPLE)]


def test_two_hundred_mails_to_a_difficult_server_and_twenty_kills(database_url: str, app: Flask, unit: Unit) -> None:
    """R13, R14, R15: each is there at least once, copies are no more than faults, and a copy is the same mail."""
    with unit():
        event = make_live_event(capacity=PEOPLE)
        for address in ADDRESSES:
            request = PlaceRequest(name="Cleo Hart", email=address, locale="en")
            book_place(event.id, request, site=app.extensions["engage"].site(), at=clock.now())
    with (
        difficult_office() as office,
        live_site(database_url, with_worker=False, environment={"SMTP_URL": office.url}) as site,
    ):
        for kill in range(1, KILLS + 1):
            _kill_in_the_middle(site, office, unit, kill)
        site.start_worker()
        site.start_worker()
        _wait_until(lambda: _left(unit) == 0, lambda: _hasten(unit))
        assert site.flask("check").startswith("ok")

    delivered = Counter(mail.to for mail in office.deliveries)
    refused = {address for address in ADDRESSES if address.startswith("550-")}
    assert set(delivered) == set(ADDRESSES) - refused
    assert sum(delivered.values()) - len(delivered) <= office.faults.total() + KILLS
    assert len({(mail.to, mail.message_id) for mail in office.deliveries}) == len(delivered)
    assert len({mail.data for mail in office.deliveries}) == len(delivered), "a copy has the same bytes"
    with unit() as session:
        states = {
            (address, state, error)
            for address, state, error in session.execute(select(Message.to_addr, Message.state, Message.last_error))
        }
    assert {address for address, state, _ in states if state is MessageState.FAILED} == refused
    assert {state for address, state, _ in states if address not in refused} == {MessageState.SENT}
    assert {error for address, _, error in states if address in refused} == {"550 5.1.1 nobody lives here"}


def test_a_worker_stops_within_ten_seconds_though_the_mail_server_hangs(
    database_url: str, app: Flask, unit: Unit
) -> None:
    """R16: what it held is sent by the next one, once."""
    with unit():
        event = make_live_event(capacity=5)
        for number in range(3):
            request = PlaceRequest(name="Cleo Hart", email=f"cleo{number}@example.net", locale="en")
            book_place(event.id, request, site=app.extensions["engage"].site(), at=clock.now())
    with post_office() as office:
        office.hold_answer(after=1)
        with live_site(database_url, environment={"SMTP_URL": office.url}) as site:
            office.wait_until_holding()
            (worker,) = site.mail_workers
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(10) == 0
            with unit() as session:
                held = session.scalar(select(func.count(Job.id)).where(Job.lease_until.is_not(None)))
            office.let_go()
    assert held == 0, "the others may have at once what it did not do"


def _kill_in_the_middle(site: LiveSite, office: DifficultOffice, unit: Unit, kill: int) -> None:
    before = office.tries.total()
    site.start_worker()
    _wait_until(lambda: office.tries.total() > before + kill % 4 or _left(unit) == 0, lambda: _hasten(unit))
    worker = site.mail_workers.pop()
    worker.kill()
    worker.wait()
    with unit() as session:  # what five minutes do: a dead worker's jobs are free
        session.execute(update(Job).where(Job.state == JobState.DUE).values(lease_until=None))


def _hasten(unit: Unit) -> None:
    """Let nobody wait for another try."""
    with unit() as session:
        due = update(Job).where(Job.state == JobState.DUE, Job.name == "mail.send")
        now = clock.now()
        session.execute(due.where(Job.run_at > now).values(run_at=now))


def _left(unit: Unit) -> int:
    with unit() as session:
        return session.scalar(select(func.count(Message.id)).where(Message.state == MessageState.QUEUED)) or 0


def _wait_until(true: Callable[[], bool], meanwhile: Callable[[], None]) -> None:
    end = time.monotonic() + LONGEST_S
    while not true():
        assert time.monotonic() < end, "mail is left in the outbox"
        meanwhile()
        time.sleep(0.2)
