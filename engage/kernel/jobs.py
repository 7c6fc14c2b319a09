"""Promised work: rows with leases, taken by any number of workers (R13, R15, R20)."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update

from engage.kernel.db import db, table_of
from engage.kernel.models import Job, JobState
from engage.kernel.plain import insert_unless_there, run_plain

_JOB = table_of(Job)
_FINISH = (
    update(_JOB).where(_JOB.c.id == bindparam("job")).values(state=JobState.DONE, lease_until=None, last_error=None)
)
LEASE = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=24)
LONGEST_WAIT_S = 3600


@dataclass(frozen=True)
class ClaimedJob:
    """A job that this worker holds until its lease ends."""

    id: int
    name: str
    arguments: dict[str, Any]
    attempts: int


def defer(
    name: str,
    *,
    at: datetime,
    run_at: datetime | None = None,
    dedupe_key: str | None = None,
    **arguments: Any,
) -> Job:
    """Promise work in the caller's transaction. A second promise under one `dedupe_key` breaks its UNIQUE."""
    job = Job(name=name, arguments=arguments, run_at=run_at or at, dedupe_key=dedupe_key, created_at=at)
    db.session.add(job)
    return job


def defer_once(name: str, *, at: datetime, run_at: datetime, dedupe_key: str, **arguments: Any) -> bool:
    """Promise work in the caller's transaction unless it is promised under that key; tell whether it is new."""
    values = {
        "name": name,
        "arguments": arguments,
        "run_at": run_at,
        "dedupe_key": dedupe_key,
        "state": JobState.DUE,
        "attempts": 0,
        "created_at": max(at, run_at),  # its day of trying, and of being kept, begins when it is due
    }
    return insert_unless_there(Job, values, unique=("dedupe_key",))


def hasten(dedupe_key: str, *, to: datetime) -> None:
    """Let a promised job that waits run at a moment, unless it runs before."""
    waits = (Job.dedupe_key == dedupe_key, Job.state == JobState.DUE, Job.run_at > to)
    statement = update(Job).where(*waits).values(run_at=to, created_at=to)
    db.session.execute(statement.execution_options(synchronize_session=False))


def is_due(at: datetime, *, without: Collection[str] = (), only: Collection[str] = ()) -> ColumnElement[bool]:
    """Return the condition that a job may be taken at a moment.

    Those with names in `without` may not, and no other than those in `only`, if there are any.
    """
    named = Job.name.in_(only) if only else Job.name.not_in(without)
    return and_(Job.state == JobState.DUE, Job.run_at <= at, is_free(at), named)


def claim_due(
    *, at: datetime, limit: int, without: Collection[str] = (), only: Collection[str] = ()
) -> list[ClaimedJob]:
    """Take up to `limit` jobs that are due and not held, those due first; each is held for five minutes.

    One guarded UPDATE decides, so two workers never hold the same one; on PostgreSQL the second does not wait for the
    first but takes what that leaves.
    """
    waits = is_due(at, without=without, only=only)
    first = select(Job.id).where(waits).order_by(Job.run_at, Job.id).limit(limit)
    due = first.with_for_update(skip_locked=True).cte("due")  # a subquery might be run more than once
    taken = db.session.execute(
        update(Job)
        .where(Job.id.in_(select(due.c.id)), waits)
        .values(lease_until=at + LEASE, attempts=Job.attempts + 1)
        .returning(Job.id, Job.name, Job.arguments, Job.attempts, Job.run_at)
        .execution_options(synchronize_session=False)
    ).all()
    return [ClaimedJob(*row[:4]) for row in sorted(taken, key=lambda row: (row.run_at, row.id))]


def is_free(at: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody holds a job at a moment."""
    return or_(Job.lease_until.is_(None), Job.lease_until < at)


def release(job_ids: Sequence[int]) -> None:
    """Give held jobs back untried."""
    statement = update(Job).where(Job.id.in_(job_ids)).values(lease_until=None, attempts=Job.attempts - 1)
    db.session.execute(statement.execution_options(synchronize_session=False))


def hold_on(job_id: int, *, at: datetime) -> None:
    """Hold a job that takes long for five minutes more."""
    _settle(job_id, lease_until=at + LEASE)


def try_again(job_id: int, moment: datetime) -> None:
    """Let a held job that failed run again at a moment; how often it was tried stays known."""
    _settle(job_id, run_at=moment, lease_until=None)


def finish(job_id: int) -> None:
    """Say that a job was done: one plain statement, since every mail asks for it."""
    run_plain(_FINISH, {"job": job_id})


def go_on(job_id: int, arguments: dict[str, Any]) -> None:
    """Say that a part of a held job was done; `arguments` are those of the next part, which is due at once."""
    _settle(job_id, arguments=arguments, lease_until=None, attempts=0)


def sleep_until(job_id: int, moment: datetime) -> None:
    """Let a held job wait until a moment, or until it is hastened; its day of trying begins then."""
    _settle(job_id, run_at=moment, created_at=moment, lease_until=None, attempts=0)


def bury(job_id: int, *, reason: str) -> None:
    """Say that a job can never be done."""
    _settle(job_id, state=JobState.DEAD, lease_until=None, last_error=reason[:1000])


def put_off(job: ClaimedJob, *, at: datetime, reason: str) -> bool:
    """Try again later: exponential backoff with jitter, for a day (R15). False when the day is over."""
    created_at = db.session.scalar(select(Job.created_at).where(Job.id == job.id))
    if created_at is None or at - created_at >= GIVE_UP_AFTER:
        bury(job.id, reason=reason)
        return False
    wait = min(LONGEST_WAIT_S, 2 ** min(job.attempts, 12)) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
    later = at + timedelta(seconds=wait)
    _settle(job.id, state=JobState.DUE, lease_until=None, run_at=later, last_error=reason[:1000])
    return True


def _settle(job_id: int, **values: Any) -> None:
    statement = update(Job).where(Job.id == job_id).values(**values)
    db.session.execute(statement.execution_options(synchronize_session=False))
