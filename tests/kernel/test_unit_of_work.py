"""One change, one transaction."""

import sqlite3
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from engage.kernel import clock, jobs
from engage.kernel.db import db, table_of
from engage.kernel.errors import UnavailableError
from engage.kernel.models import Job, JobState
from engage.kernel.plain import run_plain
from engage.kernel.unit_of_work import unit_of_work

INSERT = insert(table_of(Job))


def count_jobs() -> int:
    return int(db.session.scalar(select(func.count()).select_from(Job)) or 0)


def insert_twice(values: dict[str, Any]) -> None:
    with unit_of_work(durable=False):
        run_plain(INSERT, values)
        run_plain(INSERT, values)


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


def test_only_what_may_be_done_again_does_not_wait_for_the_disk(app: Flask, database_url: str) -> None:
    """R4: what is acknowledged is on the disk; a change that need not last says so for itself alone."""
    is_sqlite = database_url.startswith("sqlite")
    asked = "PRAGMA synchronous" if is_sqlite else "SHOW synchronous_commit"
    waits, follows = (2, 1) if is_sqlite else ("on", "off")
    seen = []
    with app.app_context():
        for durable in (True, False, True):
            with unit_of_work(durable=durable) as session:
                driver: Any = session.connection().connection.dbapi_connection
                seen.append(driver.execute(asked).fetchone()[0])

    assert seen == [waits, follows, waits]


def test_what_fails_in_a_change_that_need_not_last_is_told_all_the_same(app: Flask) -> None:
    values = {
        "name": "a",
        "arguments": {},
        "run_at": clock.now(),
        "dedupe_key": "once",
        "state": JobState.DUE,
        "attempts": 0,
        "created_at": clock.now(),
    }
    with app.app_context():
        with pytest.raises(IntegrityError):
            insert_twice(values)
        assert count_jobs() == 0
        with unit_of_work(durable=False):
            run_plain(INSERT, values)
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


def test_a_connection_that_broke_while_it_rested_is_replaced(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """R22: nobody notices that the database was started again in between."""
    monkeypatch.setattr("engage.kernel.db.RESTED_S", 0.0)
    with app.app_context():
        _lose_connection()
        with unit_of_work():
            jobs.defer("a", at=clock.now())

        assert count_jobs() == 1


def test_a_connection_that_breaks_in_use_is_an_answer_for_now(app: Flask) -> None:
    """R22: whoever comes in the gap hears that we are busy; the next finds another connection."""
    with app.app_context():
        if _lose_connection():
            with pytest.raises(UnavailableError):
                insert_plainly()
        insert_plainly()

        assert count_jobs() == 1


def insert_plainly() -> None:
    with unit_of_work(durable=False):
        run_plain(INSERT, {"name": "a", "arguments": {}, "run_at": clock.now(), "created_at": clock.now()})


def _lose_connection() -> bool:
    """Let the server close the connection that the next unit of work gets; tell whether there is a server."""
    if db.engine.dialect.name == "sqlite":
        return False
    with db.engine.connect() as connection:
        process = connection.scalar(text("SELECT pg_backend_pid()"))
    other = create_engine(db.engine.url, poolclass=NullPool)
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
    other.dispose()
    return True
