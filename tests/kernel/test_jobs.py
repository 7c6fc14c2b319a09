"""Promised work is held by one worker at a time, tried again for a day, and then given up (R13, R15)."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from engage.kernel import jobs
from engage.kernel.db import db
from engage.kernel.models import Job, JobState
from engage.kernel.unit_of_work import unit_of_work

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def promise(app: Flask, **options: object) -> None:
    with app.app_context(), unit_of_work():
        jobs.defer("greet", at=NOON, **options)  # type: ignore[arg-type]


def claim(app: Flask, at: datetime) -> list[jobs.ClaimedJob]:
    with app.app_context(), unit_of_work():
        return jobs.claim_due(at=at, limit=10)


def test_a_job_is_held_until_its_lease_ends(app: Flask) -> None:
    promise(app, whom="Cleo")

    first, second = claim(app, NOON), claim(app, NOON + timedelta(minutes=4))
    third = claim(app, NOON + timedelta(minutes=6))

    assert [(job.name, job.arguments, job.attempts) for job in first] == [("greet", {"whom": "Cleo"}, 1)]
    assert second == []
    assert [job.attempts for job in third] == [2]


def test_a_job_waits_for_its_time(app: Flask) -> None:
    promise(app, run_at=NOON + timedelta(hours=1))

    assert claim(app, NOON) == []
    assert len(claim(app, NOON + timedelta(hours=1))) == 1


def test_one_key_promises_once(app: Flask) -> None:
    promise(app, dedupe_key="reminder:1")

    with pytest.raises(IntegrityError):
        promise(app, dedupe_key="reminder:1")


def test_a_failed_job_is_tried_later_and_buried_after_a_day(app: Flask) -> None:
    promise(app)
    (held,) = claim(app, NOON)

    with app.app_context(), unit_of_work():
        assert jobs.put_off(held, at=NOON, reason="451 later")
    assert claim(app, NOON) == []
    (held,) = claim(app, NOON + timedelta(hours=2))

    with app.app_context(), unit_of_work():
        assert not jobs.put_off(held, at=NOON + timedelta(hours=25), reason="451 later")
    with app.app_context():
        job = db.session.get(Job, held.id)
        assert job is not None
        assert (job.state, job.last_error) == (JobState.DEAD, "451 later")


def state_of(app: Flask) -> tuple[str, dict[str, object], datetime, int]:
    with app.app_context():
        job = db.session.query(Job).one()
        return job.state.value, job.arguments, job.run_at, job.attempts


def test_a_job_that_did_a_part_is_due_at_once_for_the_next(app: Flask) -> None:
    promise(app, page=1)
    (job,) = claim(app, NOON)
    with app.app_context(), unit_of_work():
        jobs.go_on(job.id, {"page": 2})

    assert state_of(app) == ("due", {"page": 2}, NOON, 0)
    assert [again.arguments for again in claim(app, NOON)] == [{"page": 2}]


def test_a_job_that_sleeps_is_woken_earlier_and_never_later(app: Flask) -> None:
    promise(app, dedupe_key="greet:1")
    (job,) = claim(app, NOON)
    with app.app_context(), unit_of_work():
        jobs.sleep_until(job.id, NOON + timedelta(days=7))
    assert claim(app, NOON + timedelta(days=6)) == []
    for moment in (NOON + timedelta(days=2), NOON + timedelta(days=3)):
        with app.app_context(), unit_of_work():
            jobs.hasten("greet:1", to=moment)

    assert state_of(app)[2] == NOON + timedelta(days=2)
    assert len(claim(app, NOON + timedelta(days=2))) == 1


def test_a_job_that_was_promised_long_ago_is_tried_for_a_day_from_when_it_is_due(app: Flask) -> None:
    """R15: a fault in the first minute of a reminder that was promised weeks ago does not bury it."""
    due = NOON + timedelta(days=30)
    with app.app_context(), unit_of_work():
        assert jobs.defer_once("greet", at=NOON, run_at=due, dedupe_key="greet:1")
        assert not jobs.defer_once("greet", at=NOON, run_at=due, dedupe_key="greet:1")
    (job,) = claim(app, due)
    with app.app_context(), unit_of_work():
        assert jobs.put_off(job, at=due + timedelta(hours=23), reason="no luck")
    with app.app_context(), unit_of_work():
        assert not jobs.put_off(job, at=due + timedelta(hours=24), reason="no luck")
