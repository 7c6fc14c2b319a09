"""The least that a Flask app can do: one booking of one guarded UPDATE and one INSERT, by the driver alone.

One connection for each thread, with the pragmas that Engage uses; it checks nothing, mails nothing and remembers
nothing.
"""

import os
import sqlite3
import threading
import uuid
from datetime import UTC, datetime

import psycopg
from flask import Flask, Response, redirect, request
from sqlalchemy.engine import make_url
from werkzeug.wrappers import Response as AnyResponse

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=2500", "foreign_keys=ON", "cache_size=-16000")
TABLES = (
    "CREATE TABLE floor_event (id INTEGER PRIMARY KEY, capacity INTEGER NOT NULL, seats_taken INTEGER NOT NULL)",
    "CREATE TABLE floor_booking (id VARCHAR(36) PRIMARY KEY, event_id INTEGER NOT NULL REFERENCES floor_event (id),"
    " name VARCHAR(200) NOT NULL, email VARCHAR(254) NOT NULL UNIQUE, created_at VARCHAR(32) NOT NULL)",
    "INSERT INTO floor_event VALUES (1, 100000000, 0)",
)
TAKE = "UPDATE floor_event SET seats_taken = seats_taken + 1 WHERE id = 1 AND seats_taken + 1 <= capacity"
KEEP = "INSERT INTO floor_booking VALUES (?, 1, ?, ?, ?)"

app = Flask(__name__)
url = make_url(os.environ["DATABASE_URL"])
opened = threading.local()


@app.get("/healthz")
def healthz() -> str:
    """Say that the server answers."""
    return "ok"


@app.post("/book")
def book() -> AnyResponse:
    """Take a place and keep a booking, in one transaction."""
    row = (str(uuid.uuid4()), request.form["name"], request.form["email"], datetime.now(UTC).isoformat())
    took = _book_sqlite(row) if url.get_backend_name() == "sqlite" else _book_postgresql(row)
    return redirect("/booked", 303) if took else Response("full", 409)


def make_tables(address: str) -> None:
    """Make the two tables."""
    if address.startswith("sqlite"):
        connection = _open_sqlite(make_url(address).database or "")
        for statement in TABLES:
            connection.execute(statement)
        connection.close()
    else:
        with psycopg.connect(_dsn(address)) as server:
            for statement in TABLES:
                server.execute(statement.encode())


def _book_sqlite(row: tuple[str, ...]) -> bool:
    if not hasattr(opened, "sqlite"):
        opened.sqlite = _open_sqlite(url.database or "")
    connection = opened.sqlite
    connection.execute("BEGIN IMMEDIATE")
    took: bool = connection.execute(TAKE).rowcount == 1
    if took:
        connection.execute(KEEP, row)
    connection.execute("COMMIT")
    return took


def _book_postgresql(row: tuple[str, ...]) -> bool:
    if not hasattr(opened, "postgresql"):
        opened.postgresql = psycopg.connect(_dsn(url.render_as_string(hide_password=False)))
    connection = opened.postgresql
    with connection.transaction():
        connection.execute(KEEP.replace("?", "%s"), row)  # before the row lock, which is held until the end
        took: bool = connection.execute(TAKE).rowcount == 1
        if not took:
            raise psycopg.Rollback
    return took


def _open_sqlite(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in PRAGMAS:
        connection.execute("PRAGMA " + pragma)
    return connection


def _dsn(address: str) -> str:
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
