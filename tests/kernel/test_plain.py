"""Statements by the driver mean what they mean through the session."""

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.audit.services import record
from engage.kernel.db import db, table_of
from engage.kernel.errors import UnavailableError
from engage.kernel.models import Job, JobState
from engage.kernel.plain import run_plain
from engage.kernel.unit_of_work import unit_of_work

Unit = Callable[[], AbstractContextManager[Session]]
AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
_AUDIT, _JOB = table_of(AuditEntry), table_of(Job)
_INSERT = insert(_AUDIT)
_READ = select(_AUDIT.c.id, _AUDIT.c.actor, _AUDIT.c.act, _AUDIT.c.at, _AUDIT.c.after).where(
    _AUDIT.c.act == bindparam("wanted")
)
_INSERT_JOB = insert(_JOB).returning(_JOB.c.id, _JOB.c.state, _JOB.c.run_at)
_BURY = update(_JOB).where(_JOB.c.name == bindparam("wanted"), _JOB.c.state == JobState.DUE).values(state=JobState.DEAD)


def test_every_kind_of_value_comes_back_as_it_was_sent(unit: Unit) -> None:
    actor, entry = uuid.uuid4(), uuid.uuid4()
    values = {"id": entry, "actor": actor, "act": "x", "object": "y", "at": AT, "after": {"a": ["ö", None]}}

    with unit() as session:
        run_plain(_INSERT, values)
        found = run_plain(_READ, {"wanted": "x"})
        through_the_session = session.get(AuditEntry, entry)

        assert [tuple(row) for row in found] == [(entry, actor, "x", AT, {"a": ["ö", None]})]
        assert found[0].after == {"a": ["ö", None]}
        assert through_the_session is not None
        assert (through_the_session.actor, through_the_session.at) == (actor, AT)


def test_columns_that_are_not_given_get_their_defaults_each_time_anew(unit: Unit) -> None:
    with unit():
        for _ in range(2):
            record("twice", "object", at=AT)
        rows = run_plain(_READ, {"wanted": "twice"})

    assert len({row.id for row in rows}) == 2


def test_what_is_returned_has_its_types_and_constants_are_sent(unit: Unit) -> None:
    job = {"name": "n", "arguments": {}, "run_at": AT, "created_at": AT, "attempts": 0}
    with unit() as session:
        made = run_plain(_INSERT_JOB, {**job, "state": JobState.DUE})
        run_plain(_BURY, {"wanted": "n"})
        state = session.scalars(select(Job.state).where(Job.id == made[0].id)).one()

    assert (made[0].state, made[0].run_at, state) == (JobState.DUE, AT, JobState.DEAD)


def test_a_change_outside_a_unit_of_work_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(RuntimeError, match="outside unit_of_work"):
        record("lost", "object", at=AT)


def test_a_broken_rule_is_the_error_that_the_session_would_raise(app: Flask) -> None:
    entry = {"id": uuid.uuid4(), "act": "x", "object": "y", "at": AT}

    def twice() -> None:
        with app.app_context(), unit_of_work():
            run_plain(_INSERT, entry)
            run_plain(_INSERT, entry)

    with pytest.raises(IntegrityError):
        twice()
    with app.app_context():
        assert db.session.scalar(select(AuditEntry.id)) is None


def test_threads_write_one_after_another_and_nobody_waits_much_longer_than_the_others(app: Flask) -> None:
    waited: list[float] = []

    def write() -> None:
        began = time.monotonic()
        with app.app_context(), unit_of_work():
            record("crowd", "object", at=AT)
            time.sleep(0.01)
        waited.append(time.monotonic() - began)

    threads = [threading.Thread(target=write) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(waited) == 12
    with app.app_context():
        assert len(db.session.scalars(select(AuditEntry.id).where(AuditEntry.act == "crowd")).all()) == 12


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_who_gets_no_turn_in_time_is_told_so(app: Flask) -> None:
    told: list[type[Exception]] = []
    holds, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with app.app_context(), unit_of_work():
            holds.set()
            may_end.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    holds.wait(5)
    began = time.monotonic()
    try:
        with app.app_context(), unit_of_work():
            pass
    except UnavailableError as error:
        told.append(type(error))
    took = time.monotonic() - began
    may_end.set()
    holder.join()

    assert told == [UnavailableError]
    assert 2 < took < 4
