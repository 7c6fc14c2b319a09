"""Reads about people and their sessions."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from engage.accounts.errors import PersonNotFoundError
from engage.accounts.models import Person, SessionRecord
from engage.kernel.db import db
from engage.kernel.text import normalise_email


def find_person(email: str) -> Person | None:
    """Return the person with an address, written in any way, or None."""
    try:
        plain = normalise_email(email)
    except ValueError:
        return None
    return db.session.scalar(select(Person).where(Person.email == plain))


def get_person(email: str) -> Person:
    """Return the person with an address. Raises PersonNotFoundError."""
    person = find_person(email)
    if person is None:
        raise PersonNotFoundError
    return person


def names_of(person_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names of people by their ids."""
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    return {row.id: row.name for row in rows}


def find_session(session_id: uuid.UUID, *, at: datetime) -> SessionRecord | None:
    """Return a sign-in with its person and roles, or None if it ended or the person is disabled (S17)."""
    record = db.session.get(SessionRecord, session_id)
    if record is None or record.ends_at <= at or record.person.disabled_at is not None:
        return None
    return record
