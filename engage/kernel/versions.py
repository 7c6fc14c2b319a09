"""Whether something shown is still as it was: one SELECT, run by the driver alone.

It stands before every page of the store and has to be cheaper than the page: the driver takes a tenth of what the
same statement costs through SQLAlchemy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

SEPARATOR = "\x1f"  # in no text that people typed: `kernel.text.clean` takes controls out
_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


class _Cursor(Protocol):
    def fetchall(self) -> list[tuple[Any, ...]]: ...


class DriverConnection(Protocol):
    """What sqlite3 and psycopg have in common."""

    def execute(self, statement: str, parameters: Mapping[str, Any], /) -> _Cursor:
        """Run a statement."""


class Version(NamedTuple):
    """What was found. `rows` mean nothing but that they are equal or not.

    `places_left` are numbers by the id of their event, as 32 hex digits: they change with every booking, so they
    are filled into a page that stays.
    """

    rows: tuple[tuple[Any, ...], ...]
    places_left: dict[str, str]


@dataclass(frozen=True)
class VersionQuery:
    """A SELECT whose rows differ whenever what it stands for would look different.

    `sql` is the same for both databases: parameters are `:name`, and `listed` puts several rows into one value.
    The first two columns are the id of an event, or NULL, and how many of its places are left.
    """

    sql: str

    def version(self, connection: object, dialect: str, names: Mapping[str, Any]) -> Version:
        """Run it by a connection of the driver."""
        driver: DriverConnection = connection  # type: ignore[assignment]  # SQLAlchemy calls it just an object
        statement = self._for_psycopg if dialect == "postgresql" else self._for_sqlite
        found = driver.execute(statement, names).fetchall()
        left = {str(row[0]).replace("-", ""): str(row[1]) for row in found if row[0] is not None}
        return Version(tuple((row[0], *row[2:]) for row in found), left)

    @cached_property
    def _for_psycopg(self) -> str:
        return _PARAMETER.sub(r"%(\1)s", self.sql)

    @cached_property
    def _for_sqlite(self) -> str:
        return self.sql.replace("string_agg(", "group_concat(")


def unchanged_mark(connection: object, dialect: str) -> bytes | None:
    """Return a mark of all that is in the database; None where there is none that costs less than a question.

    Equal marks mean that nothing was committed between them. PostgreSQL: which transactions a snapshot sees. It is
    asked by libpq alone, since psycopg's waiting would cost more than the answer; a fault there is None too, and the
    next statement will say it.
    """
    if dialect != "postgresql":
        return None
    driver: Any = connection
    mark: bytes | None = driver.pgconn.exec_(b"SELECT pg_current_snapshot()").get_value(0, 0)
    return mark


def listed(*columns: str, rows: str) -> str:
    """Return SQL for one value that holds these columns of several rows; `rows` begins with FROM."""
    texts = (f"coalesce(CAST({column} AS text), '')" for column in columns)
    fields = f" || '{SEPARATOR}' || ".join(texts)
    return f"(SELECT string_agg({fields}, '{SEPARATOR}{SEPARATOR}') {rows})"
