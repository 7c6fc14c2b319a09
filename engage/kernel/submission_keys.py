"""One form, one record: a key used twice gives the first answer again (R6, R8)."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, update

from engage.kernel.db import db, table_of
from engage.kernel.models import SubmissionKey
from engage.kernel.plain import insert_unless_there, run_plain
from engage.kernel.tokens import sha256_hex

_KEY = table_of(SubmissionKey)
_SET_RESULT = update(_KEY).where(_KEY.c.hash == bindparam("key")).values(result=bindparam("said"))


def find_use(key: str) -> SubmissionKey | None:
    """Return the earlier use of a key, if there was one."""
    return db.session.get(SubmissionKey, sha256_hex(key))


def use_once(key: str, *, at: datetime, result: str | None = None) -> SubmissionKey | None:
    """Note that a key is used now, or return its earlier use. Two at one moment wait for each other.

    `result` is short and names nobody.
    """
    keep_until = (at + timedelta(days=1)).date()
    values = {"hash": sha256_hex(key), "result": result, "keep_until_on": keep_until}
    return None if insert_unless_there(SubmissionKey, values, unique=("hash",)) else find_use(key)


def set_result(key: str, result: str) -> None:
    """Say what came of a use that this transaction noted."""
    run_plain(_SET_RESULT, {"key": sha256_hex(key), "said": result})


def forget_old_keys(*, at: datetime) -> int:
    """Delete the keys of past days; returns how many."""
    gone = db.session.execute(delete(SubmissionKey).where(SubmissionKey.keep_until_on < at.date()))
    return int(getattr(gone, "rowcount", 0))
