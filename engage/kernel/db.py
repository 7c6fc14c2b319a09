"""The database: one typed base, aware times, and how SQLite and PostgreSQL are opened."""

import math
import random
import sqlite3
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Enum, MetaData, Table, Uuid, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
JSON_VALUE = JSON().with_variant(JSONB(), "postgresql")

# Until when, by `time.monotonic`, a transaction that is begun may wait for its turn to write; None: it only reads.
wait_to_write_until: ContextVar[float | None] = ContextVar("wait_to_write_until", default=None)
# Whether what is written next is forced to disk before its commit is answered (`unit_of_work(durable=...)`).
is_forced_to_disk: ContextVar[bool] = ContextVar("is_forced_to_disk", default=True)
LONGEST_PAUSE_S = 0.002
BUSY_TIMEOUT_MS = 2500
RESTS_SINCE, RESTED_S = "engage-rests-since", 1.0


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values, since SQLite would drop the zone without a word."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Give UTC back. SQLite keeps a text, and a list of thousands has several in each row."""
        return _read_text if dialect.name == "sqlite" else _in_utc


def _read_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UTCDateTime(), uuid.UUID: Uuid()}


class UUIDKey:
    """A random identity: it may be seen outside and tells no order (P4)."""

    id: Mapped[uuid.UUID] = mapped_column(Uuid(), primary_key=True, default=uuid.uuid4)


class SampleMark:
    """Marks what `flask sample load` made, so that pages say so and `flask sample remove` finds it."""

    is_sample: Mapped[bool] = mapped_column(default=False)


def words(kind: type[StrEnum], name: str) -> Enum:
    """Return the column type of a closed set: its words as text, kept by a CHECK in both databases."""
    longest = max(len(member.value) for member in kind)
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=max(longest, 20),
        values_callable=lambda members: [member.value for member in members],
    )


db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)


def table_of(model: type[Base]) -> Table:
    """Return the table of a model, for the few paths where one statement is worth more than an object."""
    return cast(Table, model.__table__)


@event.listens_for(Engine, "connect")
def _open_sqlite(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None  # the driver must not BEGIN by itself
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # what was acknowledged survives a power cut (R4)
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            "secure_delete=ON",
            "cache_size=-4000",
            "temp_store=MEMORY",
            "wal_autocheckpoint=4000",
            "journal_size_limit=67108864",
        ):
            connection.execute("PRAGMA " + pragma)
        connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: str | bytes | int | float | None) -> str | bytes | int | float | None:
    """Fold letters beyond ASCII too, as PostgreSQL does: SQLite's own function would not find "Éva" by "éva"."""
    return text.lower() if isinstance(text, str) else text


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    until = wait_to_write_until.get()
    if until is None:
        connection.exec_driver_sql("BEGIN DEFERRED")
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA busy_timeout=0")
    driver.execute("PRAGMA synchronous=" + ("FULL" if is_forced_to_disk.get() else "NORMAL"))
    try:
        while time.monotonic() < until:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                # SQLite's own waiting gets longer and longer, so that who came last goes first, and some never.
                time.sleep(random.uniform(LONGEST_PAUSE_S / 4, LONGEST_PAUSE_S))  # noqa: S311 - no secret
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


@event.listens_for(Engine, "checkin")
def _note_rest(_driver: object, record: ConnectionPoolEntry) -> None:
    record.info[RESTS_SINCE] = time.monotonic()


@event.listens_for(Engine, "engine_connect")
def _ask_after_rest(connection: Connection) -> None:
    """Open another connection instead of one that broke while it rested (R22).

    `pool_pre_ping` asks at each use, which costs every request a round trip; one in use a moment ago is not asked here.
    """
    dialect = connection.dialect
    if dialect.name == "sqlite" or time.monotonic() - connection.info.get(RESTS_SINCE, math.inf) < RESTED_S:
        return
    driver: Any = connection.connection.dbapi_connection
    try:
        dialect.do_ping(driver)
    except dialect.loaded_dbapi.Error as error:
        connection.invalidate(error)


def engine_options(url: str) -> dict[str, Any]:
    """Return the engine's options for a database address: waits are bounded to about three seconds (R2).

    An error's text tells no values, since it stands in the logs (P21). Of the connections few are busy and the others
    rest, so that each keeps what it knows.
    """
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "pool_use_lifo": True, "connect_args": {"timeout": 2.5}}
    return {
        "hide_parameters": True,
        "pool_size": 8,
        "max_overflow": 0,
        "pool_timeout": 3,
        "pool_use_lifo": True,
        "connect_args": {"connect_timeout": 3, "options": "-c lock_timeout=3000 -c statement_timeout=30000"},
    }


def reader_options(url: str) -> dict[str, Any]:
    """Return the options of an engine that only reads, a statement at a time, and is never waited for."""
    return {
        "connect_args": engine_options(url)["connect_args"],
        "isolation_level": "AUTOCOMMIT",
        "poolclass": QueuePool,
        "pool_size": 4,
        "max_overflow": 0,
        "pool_timeout": 1,
        "pool_use_lifo": True,
        "pool_reset_on_return": None,
    }
