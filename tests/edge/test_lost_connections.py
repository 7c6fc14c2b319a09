"""Pages that are read while the database goes away and comes back (R22)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from engage.kernel.db import db
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.mark.parametrize("path", ["/events/lunch/", "/events/lunch/?made=anew", "/events.ics", "/events/"])
def test_a_page_whose_connection_breaks_says_so_and_the_next_one_is_there(
    app: Flask, client: FlaskClient, unit: Unit, path: str
) -> None:
    with unit():
        make_event(slug="lunch")
    if not _end_all_connections(app):
        return  # SQLite is a file

    assert client.get(path).status_code == 503
    assert client.get(path).status_code == 200


def _end_all_connections(app: Flask) -> bool:
    """Let the server end what is open; tell whether there is a server."""
    with app.app_context():
        engine = create_engine(db.engine.url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        return False
    with engine.connect() as connection:
        mine = "pid <> pg_backend_pid() AND datname = current_database()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"))
    engine.dispose()
    return True
