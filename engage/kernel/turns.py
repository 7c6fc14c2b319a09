"""Changes that must not run side by side though no row is there yet that both could lock."""

from sqlalchemy import text

from engage.kernel.db import db

_WAIT = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def take_turn(name: str) -> None:
    """Wait until no other transaction has the turn of this name, and have it until the caller's ends.

    SQLite lets one transaction write at a time, so there is nothing to wait for. Waits as long as for a row, then
    raises what the database raises of a lock that is not to be had.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(_WAIT, {"name": name})
