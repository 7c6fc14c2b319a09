"""Signing in and out. A session is a row; whoever deletes it ends it, whatever cookies were copied (S17)."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete

from engage.accounts.errors import PersonNotFoundError
from engage.accounts.models import Person, SessionRecord
from engage.accounts.passwords import verify_password
from engage.accounts.queries import find_person
from engage.audit import services as audit
from engage.kernel.db import db

LONGEST_SESSION = timedelta(days=7)


def check_password(email: str, password: str) -> Person | None:
    """Return the person whose address and password these are, or None.

    Takes the same time for an unknown address, a wrong password and a disabled person (S19). Call it outside
    `unit_of_work()`: what was read is let go before the slow part, so that no transaction waits for it.
    """
    person = find_person(email)
    stored = person.password_hash if person is not None else None
    allowed = person is not None and person.disabled_at is None
    db.session.rollback()
    right = verify_password(stored, password)
    return person if right and allowed else None


def start_session(person_id: uuid.UUID, *, at: datetime) -> SessionRecord:
    """Begin a sign-in with a new id; it ends by itself after seven days.

    Sessions of this person that are over are cleared away. Raises PersonNotFoundError if the person is gone
    or disabled.
    """
    person = db.session.get(Person, person_id)
    if person is None or person.disabled_at is not None:
        raise PersonNotFoundError
    _delete(SessionRecord.person_id == person_id, SessionRecord.ends_at <= at)
    record = SessionRecord(person_id=person_id, created_at=at, ends_at=at + LONGEST_SESSION)
    db.session.add(record)
    db.session.flush()
    audit.record("accounts:session:started", f"person:{person_id}", at=at, actor=person_id)
    return record


def note_failed_sign_in(email: str, *, at: datetime) -> None:
    """Note that somebody tried and failed. The address itself is not kept (P21)."""
    person = find_person(email)
    audit.record("accounts:session:refused", f"person:{person.id if person else 'unknown'}", at=at)


def end_session(session_id: uuid.UUID, *, at: datetime) -> None:
    """End one sign-in. A session that is over already stays over."""
    record = db.session.get(SessionRecord, session_id)
    if record is None:
        return
    person_id = record.person_id
    db.session.delete(record)
    db.session.flush()
    audit.record("accounts:session:ended", f"person:{person_id}", at=at, actor=person_id)


def end_sessions_of(person_id: uuid.UUID) -> int:
    """End every sign-in of a person; returns how many there were."""
    return _delete(SessionRecord.person_id == person_id)


def forget_old_sessions(*, at: datetime) -> int:
    """Clear away the sessions that ended by themselves; returns how many."""
    return _delete(SessionRecord.ends_at <= at)


def _delete(*conditions: object) -> int:
    statement = delete(SessionRecord).where(*conditions)  # type: ignore[arg-type]
    gone = db.session.execute(statement.execution_options(synchronize_session="fetch"))
    return int(getattr(gone, "rowcount", 0))
