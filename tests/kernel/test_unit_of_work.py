"""One change, one transaction."""

import sqlite3
import time

import pytest
from flask import Flask
from sqlalchemy import func, select

from engage.kernel import clock, jobs
from engage.kernel.db import db
from engage.kernel.errors import UnavailableError
from engage.kernel.models import Job
from engage.kernel.unit_of_work import unit_of_work


def count_jobs() -> int:
    return int(db.session.scalar(select(func.count()).select_from(Job)) or 0)


def promise_and_fail() -> None:
    with unit_of_work():
        jobs.defer("a", at=clock.now())
        db.session.flush()
        raise LookupError


def test_what_raises_leaves_nothing_behind(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(LookupError):
            promise_and_fail()

        assert count_jobs() == 0


def test_what_succeeds_is_there_for_others(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        jobs.defer("a", at=clock.now())

    with app.app_context():
        assert count_jobs() == 1


def test_a_change_begun_outside_is_refused(app: Flask) -> None:
    with app.app_context():
        jobs.defer("a", at=clock.now())
        with pytest.raises(RuntimeError, match="outside"), unit_of_work():
            pass
        db.session.rollback()


def test_a_database_that_stays_locked_is_said_to_be_busy(app: Flask, database_url: str) -> None:
    """R2: contention waits about three seconds, then it is a busy page and never a fault."""
    if not database_url.startswith("sqlite"):
        return  # PostgreSQL locks rows, not files: the race tests cover it
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        began = time.monotonic()
        with app.app_context(), pytest.raises(UnavailableError), unit_of_work():
            pass
        assert 1 < time.monotonic() - began < 6
    finally:
        other.execute("ROLLBACK")
        other.close()
