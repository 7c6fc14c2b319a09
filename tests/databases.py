"""Databases for tests: migrated once for each process, emptied between tests."""

import sqlite3
from dataclasses import dataclass

import psycopg
from sqlalchemy.engine import make_url


@dataclass
class TestDatabase:
    """A migrated database. What its migrations wrote is kept; everything else goes between two tests."""

    __test__ = False

    url: str
    kept: frozenset[str] = frozenset({"alembic_version"})

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.url.startswith("sqlite")

    def keep_what_is_there(self) -> None:
        """Call it after the migrations: tables that hold rows now keep theirs."""
        filled = (table for table in self.tables() if self._has_rows(table))
        self.kept = frozenset({"alembic_version", *filled})

    def tables(self) -> list[str]:
        """Return the names of all tables, without those that an index keeps itself in."""
        if self.is_sqlite:
            named = "schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
            rows = self._sqlite(f"SELECT name FROM pragma_table_list WHERE {named}")
        else:
            rows = self._postgresql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return sorted(row[0] for row in rows)

    def empty(self) -> None:
        """Delete every row that a test wrote, whatever refers to it."""
        deletes = [f'DELETE FROM "{table}"' for table in self.tables() if table not in self.kept]
        if self.is_sqlite:
            self._sqlite(*deletes)
        else:
            self._postgresql("SET session_replication_role = replica; " + "; ".join(deletes))

    def _has_rows(self, table: str) -> bool:
        query = f'SELECT 1 FROM "{table}" LIMIT 1'
        return bool(self._sqlite(query) if self.is_sqlite else self._postgresql(query))

    def _sqlite(self, *statements: str) -> list[tuple[str]]:
        connection = sqlite3.connect(make_url(self.url).database or "", isolation_level=None, timeout=5)
        try:
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("BEGIN IMMEDIATE" if len(statements) > 1 else "BEGIN")
            rows: list[tuple[str]] = []
            for statement in statements:
                rows = connection.execute(statement).fetchall()
            connection.execute("COMMIT")
        finally:
            connection.close()
        return rows

    def _postgresql(self, statements: str) -> list[tuple[str]]:
        address = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statements)
            return cursor.fetchall() if cursor.description else []
