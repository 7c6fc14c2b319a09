"""One change, one transaction."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from engage.kernel.db import db, is_forced_to_disk, wait_to_write_until
from engage.kernel.errors import UnavailableError
from engage.kernel.plain import IN_UNIT_OF_WORK, run_driver, together

# PostgreSQL: lock not available, deadlock, serialisation failure, query cancelled by a time-out
BUSY_STATES = {"55P03", "40P01", "40001", "57014"}
LONGEST_WAIT_S = 2.5
LET_THE_DISK_FOLLOW = "SET LOCAL synchronous_commit TO OFF"
_writing = threading.Lock()


def is_busy(error: DBAPIError) -> bool:
    """Tell whether a database error only means: not now, try again (R2)."""
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in BUSY_STATES or error.connection_invalidated
    reason = str(error.orig)
    return "locked" in reason or "busy" in reason or isinstance(error, OperationalError)


@contextmanager
def _turn(session: Session, until: float) -> Iterator[None]:
    """Let the threads of this process write to a file one after another, in the order in which they came."""
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    if not _writing.acquire(timeout=max(0.0, until - time.monotonic())):
        raise UnavailableError
    try:
        yield
    finally:
        _writing.release()


@contextmanager
def unit_of_work(*, durable: bool = True) -> Iterator[Session]:
    """Commit once if the block succeeds, roll back if it raises.

    What was read before is let go and read again inside, in a transaction that may write from its first
    statement (`BEGIN IMMEDIATE` on SQLite), so nothing is decided on stale rows. Yields the session. Raises
    `UnavailableError` when the database stays locked for about three seconds. Only web, api, cli and jobs
    may use it.

    Without `durable` nobody waits for the disk, nor on PostgreSQL for the answer to one statement before the next, so
    that only plain statements may stand in it: a killed process loses nothing, a power cut on the database's machine
    may lose the change, whole, unless a durable one came after it. For what may be done again (decision 0012).
    """
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("a change was begun outside unit_of_work()")
    session.rollback()
    until = time.monotonic() + LONGEST_WAIT_S
    with _turn(session, until):
        yield from _transaction(session, until, durable=durable)


def _transaction(session: Session, until: float, *, durable: bool) -> Iterator[Session]:
    waiting, forced = wait_to_write_until.set(until), is_forced_to_disk.set(durable)
    try:
        try:
            connection = session.connection()
        finally:
            wait_to_write_until.reset(waiting)
            is_forced_to_disk.reset(forced)
        session.info[IN_UNIT_OF_WORK] = True
        if durable or connection.dialect.name == "sqlite":
            yield session
        else:
            with together():
                run_driver(connection, LET_THE_DISK_FOLLOW)
                yield session
                run_driver(connection, "COMMIT")  # goes along with them; the session's own finds nothing left to do
        session.commit()
    except PoolTimeoutError as error:
        session.rollback()
        raise UnavailableError from error
    except DBAPIError as error:
        if error.connection_invalidated:
            session.invalidate()  # there is nobody left to tell
        else:
            session.rollback()
        if is_busy(error):
            raise UnavailableError from error
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(IN_UNIT_OF_WORK, None)
