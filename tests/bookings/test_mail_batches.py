"""Many people, several workers, and workers that die: everybody is written to once (R13, R14, R20, I6)."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engage.bookings import mail_steps
from engage.bookings.mail_steps import SEND_STEP, Turn, send_step
from engage.bookings.models import Booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.edge import context
from engage.flows.invariants import INVARIANTS
from engage.flows.publishing import publish_event
from engage.jobs import HANDLERS, OutboxOnly, Runner
from engage.kernel import jobs
from engage.kernel.models import Job
from engage.kernel.settings import Site
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.models import Message
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
START = datetime(2026, 9, 15, 11, 0, tzinfo=UTC)
DUE = START - timedelta(days=1)
PEOPLE = 23
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


@pytest.fixture(autouse=True)
def crowd(unit: Unit, site: Site, clock: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 23 people book, and write to five in one transaction."""
    monkeypatch.setattr(mail_steps, "BATCH", 5)
    with unit():
        event = make_event(slug="lunch", starts_at=START, capacity=PEOPLE, published=False)
        publish_event(event.id, site=context.site(), at=NOW, actor=None)
        for number in range(PEOPLE):
            request = PlaceRequest(name=f"Guest {number}", email=f"g{number}@example.org", locale="en")
            book_place(event.id, request, site=site, at=NOW)


def promised(unit: Unit, step: str = "reminder-1d") -> dict[str, object]:
    with unit() as session:
        found = session.scalars(select(Job).where(Job.name == SEND_STEP).order_by(Job.run_at)).all()
        return next(job.arguments for job in found if job.arguments["step"] == step)


def written(unit: Unit) -> Counter[str]:
    with unit() as session:
        return Counter(session.scalars(select(Message.to_addr).where(Message.kind == "reminder")))


def violations(unit: Unit) -> list[str]:
    with unit():
        return [line for invariant in INVARIANTS.values() for line in invariant()]


def everybody_once() -> Counter[str]:
    return Counter({f"g{number}@example.org": 1 for number in range(PEOPLE)})


def runner(site: Site, name: str) -> Runner:
    return Runner(site, name=name, transport=OutboxOnly(), stopping=threading.Event())


def claim(unit: Unit, at: datetime) -> jobs.ClaimedJob:
    """Take the job of the step, as a worker does."""
    with unit():
        found = [job for job in jobs.claim_due(at=at, limit=500) if job.name == SEND_STEP]
    return found[-1]


def die_in_a_batch(app: Flask, job: jobs.ClaimedJob, site: Site) -> None:
    """Work on a job that is held, and stop before the commit."""
    with app.app_context(), unit_of_work():
        send_step(job.arguments, site=site, at=DUE)
        raise KeyboardInterrupt


def test_a_batch_is_bounded_and_says_where_the_next_begins(unit: Unit, site: Site) -> None:
    arguments, sizes = promised(unit), []
    while True:
        before = sum(written(unit).values())
        with unit():
            turn = send_step(arguments, site=site, at=DUE)
        sizes.append(sum(written(unit).values()) - before)
        if turn == Turn():
            break
        arguments = {**arguments, "after": str(turn.after)}

    assert sizes == [5, 5, 5, 5, 3]
    assert written(unit) == everybody_once()


def test_a_worker_that_dies_in_a_batch_or_between_two_leaves_the_rest_to_the_next(
    app: Flask, unit: Unit, site: Site, worker: Callable[..., int]
) -> None:
    """R13, R20: nothing is kept of the batch in which it died, and nothing of the others is written again."""
    job = claim(unit, DUE)
    with app.app_context():
        HANDLERS[SEND_STEP](runner(site, "first"), job, DUE)
    assert sum(written(unit).values()) == 5
    job = claim(unit, DUE)
    with pytest.raises(KeyboardInterrupt):
        die_in_a_batch(app, job, site)
    assert sum(written(unit).values()) == 5
    worker(DUE + timedelta(minutes=1))
    assert sum(written(unit).values()) == 5  # nobody else takes it before the lease has ended
    worker(DUE + timedelta(minutes=6))

    assert written(unit) == everybody_once()
    assert violations(unit) == []


def test_a_batch_that_is_done_twice_writes_nothing_twice(unit: Unit, site: Site) -> None:
    """R14: as by two workers, of which one was slow and lost its lease."""
    arguments = promised(unit)
    with unit():
        first = send_step(arguments, site=site, at=DUE)
    with unit():
        second = send_step(arguments, site=site, at=DUE)

    assert first == second
    assert set(written(unit).values()) == {1}
    assert sum(written(unit).values()) == 5


def test_several_workers_at_once_write_to_everybody_once(app: Flask, unit: Unit, site: Site) -> None:
    """R14, R20: with a clock that jumps back and forth between them, so that leases seem to have ended."""

    def work(number: int) -> None:
        with app.app_context():
            for minutes in (0, 30, 10, 50, 20):
                runner(site, f"worker {number}").run_due(at=DUE + timedelta(minutes=minutes))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    work(9)

    assert written(unit) == everybody_once()
    assert violations(unit) == []
    with unit() as session:
        states = Counter(session.scalars(select(Job.state).where(Job.name == SEND_STEP, Job.run_at <= DUE)))
    assert {state.value for state in states} == {"done"}


def test_whoever_cancels_while_the_batches_go_is_told_nothing_more(
    app: Flask, unit: Unit, site: Site, worker: Callable[..., int]
) -> None:
    job = claim(unit, DUE)
    with app.app_context():
        HANDLERS[SEND_STEP](runner(site, "first"), job, DUE)
    with unit() as session:
        told = select(Message.about_id).where(Message.kind == "reminder")
        left: uuid.UUID = session.scalars(select(Booking.id).where(Booking.id.not_in(told)).limit(1)).one()
        address = session.scalars(select(Booking.email_normalised).where(Booking.id == left)).one()
        cancel_booking(left, site=site, at=DUE + timedelta(minutes=1))
    worker(DUE + timedelta(minutes=6))

    assert written(unit) == everybody_once() - Counter({address: 1})
    assert violations(unit) == []


def test_the_check_finds_a_reminder_to_somebody_who_had_left_and_one_that_came_twice(
    unit: Unit, site: Site, worker: Callable[..., int]
) -> None:
    """I6: the invariants can fail."""
    worker(DUE)
    with unit() as session:
        one = session.scalars(select(Message).where(Message.kind == "reminder").order_by(Message.id).limit(1)).one()
        cancel_booking(one.about_id, site=site, at=DUE - timedelta(minutes=2))
        other = session.scalars(select(Message).where(Message.kind == "reminder").order_by(Message.id.desc())).first()
        assert other is not None
        another = session.scalars(
            select(Message).where(Message.kind == "reminder", Message.id.not_in([one.id, other.id])).limit(1)
        ).one()
        session.execute(update(Message).where(Message.id == other.id).values(about_id=another.about_id))
        left, twice = one.about_id, another.about_id
        message_id = one.id

    assert violations(unit) == [
        f"message {message_id}: written about booking {left} after that was cancelled",
        f"{twice}: 2 times the same reminder",
    ]


def test_nothing_is_left_to_write_once_everybody_was_written_to(unit: Unit, worker: Callable[..., int]) -> None:
    worker(DUE)
    worker(DUE)
    with unit() as session:
        count = session.scalar(select(func.count(Message.id)).where(Message.kind == "reminder"))

    assert count == PEOPLE
