"""Statements that never change, run by the driver: those that stand in the way of every booking.

SQLAlchemy writes each one once and says how each value is sent and read; running it through a session would cost
several times what the database itself takes.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

from sqlalchemy import Select, TextClause
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert, UpdateBase

from engage.kernel.db import Base, db, table_of

Processor = Callable[[Any], Any]
IN_UNIT_OF_WORK = "in_unit_of_work"


@dataclass(frozen=True)
class _Written:
    """A statement as a driver takes it. `constants` are sent as they are, `defaults` give a value each time."""

    text: str
    constants: dict[str, Any]
    defaults: dict[str, Callable[[], Any]]
    sent: dict[str, Processor]
    row: Callable[..., Any] | None
    read: tuple[tuple[int, Processor], ...]


def run_plain(statement: "Select[*tuple[Any, ...]] | UpdateBase", values: Mapping[str, Any]) -> list[Any]:
    """Run a statement, made once, in the transaction of the session; its rows have its columns' names for fields.

    `values` are its parameters, and the columns of an INSERT; other columns get their defaults. Whatever changes
    something runs inside `unit_of_work()` alone. Raises DBAPIError as the session would.
    """
    session = db.session()
    if not isinstance(statement, Select) and not session.info.get(IN_UNIT_OF_WORK):
        raise RuntimeError("a change was begun outside unit_of_work()")
    connection = session.connection()
    written = _written(statement, connection.dialect, tuple(values))
    sent = {**written.constants, **{name: make() for name, make in written.defaults.items()}, **values}
    for name, process in written.sent.items():
        sent[name] = process(sent[name])
    rows = run_driver(connection, written.text, sent, is_read=written.row is not None)
    if written.row is None:
        return []
    if not written.read:
        return [written.row(*row) for row in rows]
    return [written.row(*_read(row, written.read)) for row in rows]


def insert_unless_there(
    model: type[Base],
    values: dict[str, Any],
    *,
    unique: Sequence[str],
    where: TextClause | None = None,
) -> bool:
    """Insert a row unless another holds the same `unique` columns; tell whether it was inserted.

    `where` is the condition of a partial unique index. On PostgreSQL it waits for a transaction about to
    insert the same; nothing is raised and the transaction goes on. Defaults of columns apply.
    """
    statement = _insert_unless_there(model, db.session.get_bind().dialect.name, tuple(unique), where)
    return bool(run_plain(statement, values))


@cache
def _insert_unless_there(
    model: type[Base], dialect: str, unique: tuple[str, ...], where: TextClause | None
) -> ReturningInsert[tuple[Any]]:
    kind = postgresql if dialect == "postgresql" else sqlite
    table = table_of(model)
    statement = kind.insert(table).on_conflict_do_nothing(index_elements=unique, index_where=where)
    return cast(ReturningInsert[tuple[Any]], statement.returning(next(iter(table.primary_key))))


def run_driver(
    connection: Connection, text: str, values: Mapping[str, Any] | None = None, *, is_read: bool = False
) -> list[tuple[Any, ...]]:
    """Run a text as the driver takes it, and return its rows if they are to be read. Raises DBAPIError."""
    driver: Any = connection.connection.dbapi_connection
    with _errors_of(connection, text):
        cursor = driver.execute(text, values or {})
        return cursor.fetchall() if is_read else []


@contextmanager
def together() -> Iterator[None]:
    """Send PostgreSQL the plain statements of a block without waiting for each: only one that is read is waited for.

    Nothing else may ask the database within it. Raises DBAPIError, at the end of the block at the latest.
    """
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    with _errors_of(connection, "several"), driver.pipeline():
        yield


@contextmanager
def _errors_of(connection: Connection, text: str) -> Iterator[None]:
    """Let an error of the driver be one of SQLAlchemy's, without the values."""
    dialect = connection.dialect
    errors = dialect.loaded_dbapi.Error
    try:
        yield
    except errors as error:
        gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
        if gone:  # as SQLAlchemy does for its own statements: a rollback would only fail once more
            connection.invalidate(error)
        raise DBAPIError.instance(
            text, None, error, errors, hide_parameters=True, connection_invalidated=gone, dialect=dialect
        ) from error


def _read(row: tuple[Any, ...], processors: tuple[tuple[int, Processor], ...]) -> list[Any]:
    values = list(row)
    for place, process in processors:
        values[place] = process(values[place])
    return values


@lru_cache(maxsize=500)
def _written(statement: Any, dialect: Dialect, names: tuple[str, ...]) -> _Written:
    named: Dialect = sqlite.dialect(paramstyle="named") if dialect.name == "sqlite" else dialect
    columns = list(names) if getattr(statement, "is_insert", False) else None
    compiled: SQLCompiler = statement.compile(dialect=named, column_keys=columns)
    sent: dict[str, Processor] = {}
    for bind, name in compiled.bind_names.items():
        process = bind.type.dialect_impl(named).bind_processor(named)
        if process is not None:
            sent[name] = process
    defaults = {column.key: _default(column.default) for column in compiled.insert_prefetch}
    constants = {
        name: sent.pop(name)(value) if name in sent else value
        for name, value in compiled.construct_params(_check=False).items()
        if name not in names and name not in defaults
    }
    returned = statement.exported_columns
    fields = list(returned.keys())
    readers = [
        (place, column.type.dialect_impl(named).result_processor(named, None)) for place, column in enumerate(returned)
    ]
    return _Written(
        text=str(compiled),
        constants=constants,
        defaults=defaults,
        sent=sent,
        row=namedtuple("Found", fields) if fields else None,
        read=tuple((place, process) for place, process in readers if process is not None),
    )


def _default(default: Any) -> Callable[[], Any]:
    """Return what makes the default of a column anew."""
    return (lambda: default.arg) if default.is_scalar else (lambda: default.arg(None))
