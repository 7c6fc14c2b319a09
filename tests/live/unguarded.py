"""The tables of Engage without the CHECK that refuses to oversell, for the control of the race tests."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import CheckConstraint, MetaData, create_engine, insert, text
from sqlalchemy.engine import make_url

from engage.events.enums import EventStatus
from engage.kernel import clock
from engage.kernel.db import NAMING, Base
from tests.databases import TestDatabase

GUARD = "ck_event_never_oversold"


@dataclass(frozen=True)
class Unguarded:
    """A database whose event table takes any count, and the event in it."""

    url: str
    event_id: uuid.UUID
    slug: str


@contextmanager
def unguarded_database(beside: TestDatabase, folder: Path, *, capacity: int) -> Iterator[Unguarded]:
    """Make such a database of the same kind as another one, with one published event."""
    address = make_url(beside.url)
    if beside.is_sqlite:
        url = address.set(database=str(folder / "unguarded.db")).render_as_string()
    else:
        url = address.set(database="unguarded").render_as_string(hide_password=False)
        _on_server(beside.url, "CREATE DATABASE unguarded")
    try:
        yield _filled(url, capacity)
    finally:
        if not beside.is_sqlite:
            _on_server(beside.url, "DROP DATABASE unguarded WITH (FORCE)")


def _filled(url: str, capacity: int) -> Unguarded:
    schema = _schema()
    event_id, slug, now = uuid.uuid4(), "rivers", clock.now()
    starts_at = now + timedelta(days=30)
    engine = create_engine(url)
    schema.create_all(engine)
    with engine.begin() as connection:
        values = {
            "id": event_id,
            "slug": slug,
            **dict.fromkeys(("title", "summary", "description"), "Rivers for everyone"),
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=1),
            "timezone": "Europe/London",
            "local_start": starts_at.isoformat()[:16],
            "capacity": capacity,
            "join_url": "https://meet.example.org/rivers",
            "status": EventStatus.PUBLISHED,
            **dict.fromkeys(("published_at", "created_at", "updated_at"), now),
        }
        connection.execute(insert(schema.tables["event"]), values)
    engine.dispose()
    return Unguarded(url, event_id, slug)


def _schema() -> MetaData:
    copy = MetaData(naming_convention=NAMING)
    for table in Base.metadata.tables.values():
        table.to_metadata(copy)
    event = copy.tables["event"]
    guards = [each for each in event.constraints if isinstance(each, CheckConstraint) and each.name == GUARD]
    assert len(guards) == 1, "the guard has another name now"
    event.constraints.remove(guards[0])
    return copy


def _on_server(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
