"""How migrations run: all or nothing, on SQLite with foreign keys off and checked at the end.

On SQLite a table is altered by making it again; with foreign keys on, dropping the old one would delete the rows that
point to it. The pragma does nothing inside a transaction, so it is set on the raw connection before one begins.
"""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

from engage.kernel.db import UTCDateTime

MIGRATION_LOCK = 7_301_942  # any number that no other program uses in this database
database = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own types as the plain ones that the database sees."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the full-text index of SQLite, with the tables that it keeps itself in: no model describes it."""
    return kind != "table" or name is None or not name.startswith("response_words")


def include_object(thing: Any, _name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Leave out the indexes that only PostgreSQL knows on a database that is none."""
    on_postgresql = context.get_context().dialect.name == "postgresql"
    return kind != "index" or on_postgresql or not thing.dialect_kwargs.get("postgresql_using")


def run() -> None:
    """Bring the database of the current app to the wanted revision."""
    with database.engine.connect() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        raw = connection.connection.driver_connection
        if on_sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            context.configure(
                connection=connection,
                target_metadata=database.metadata,
                transactional_ddl=True,
                render_as_batch=True,
                render_item=render_item,
                include_name=include_name,
                include_object=include_object,
                compare_type=True,
            )
            with context.begin_transaction():
                if not on_sqlite:  # several machines may start together
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
                context.run_migrations()
                if on_sqlite:
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                    if broken:
                        raise RuntimeError(f"foreign keys broken: {broken[:5]}")
        finally:
            if on_sqlite:
                raw.rollback()
                raw.execute("PRAGMA foreign_keys=ON")


run()
