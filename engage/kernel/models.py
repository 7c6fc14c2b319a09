"""Rows that no feature owns."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import JSON_VALUE, Base, words


class JobState(StrEnum):
    """What became of a job."""

    DUE = "due"
    DONE = "done"
    DEAD = "dead"


class Job(Base):
    """Work promised by a transaction; a worker leases it, does it, and says so."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "state", "run_at"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    run_at: Mapped[datetime]
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[JobState] = mapped_column(words(JobState, "state"), default=JobState.DUE)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class SubmissionKey(Base):
    """A form's key that was used: its hash and what was answered, until the day is over.

    Rows of anonymous sittings hold the hash alone (P4); the table has no hidden row number on SQLite, so it
    does not even tell an order.
    """

    __tablename__ = "submission_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    result: Mapped[str | None] = mapped_column(String(40))
    keep_until_on: Mapped[date] = mapped_column(index=True)


class WorkerHeartbeat(Base):
    """When a worker last said that it is alive; `/readyz` reads it."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime]
