"""What anybody would write first: Flask and Flask-SQLAlchemy, a page, a form, and a view that books a place.

It takes the form's values, guards the places, inserts a row, commits and redirects. It checks no origin, gives no key,
sends no mail, invites nobody and notes nothing. SQLite is opened as safely as Engage opens it.
"""

import os
import sqlite3
import uuid
from datetime import UTC, datetime

from flask import Flask, Response, redirect, render_template, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, ForeignKey, String, event, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.wrappers import Response as AnyResponse

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=2500", "foreign_keys=ON", "cache_size=-16000")


class Base(DeclarativeBase):
    """Base of the tables."""


class Event(Base):
    """A webinar."""

    __tablename__ = "bare_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[int]
    seats_taken: Mapped[int]


class Booking(Base):
    """A place of somebody."""

    __tablename__ = "bare_booking"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    event_id: Mapped[int] = mapped_column(ForeignKey("bare_event.id"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    organisation: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]


class Comment(Base):
    """What somebody said afterwards."""

    __tablename__ = "bare_comment"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    event_id: Mapped[int] = mapped_column(ForeignKey("bare_event.id"))
    name: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(String(5000))
    created_at: Mapped[datetime]


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = (
    {} if os.environ["DATABASE_URL"].startswith("sqlite") else {"pool_size": 16, "max_overflow": 0}
)
db = SQLAlchemy(app, metadata=Base.metadata, disable_autonaming=True)


@event.listens_for(Engine, "connect")
def _open_sqlite(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        for pragma in PRAGMAS:
            connection.execute("PRAGMA " + pragma)


@app.get("/healthz")
def healthz() -> str:
    """Say that the server answers."""
    return "ok"


@app.get("/page")
def page() -> str:
    """Show a page without a look into the database."""
    return render_template(
        "page.html",
        title="Rivers for everyone",
        summary="What should the river be in twenty years?",
        names=["Asha Rao", "Ben Moss", "Cleo Hart"],
    )


@app.route("/book", methods=["GET", "POST"])
def book() -> str | AnyResponse:
    """Show the form; take a place and keep a booking."""
    if request.method == "GET":
        return page()
    name, email = request.form["name"].strip(), request.form["email"].strip().lower()
    if not name or "@" not in email:
        return Response("name and address, please", 422)
    taken = db.session.execute(
        update(Event).where(Event.id == 1, Event.seats_taken < Event.capacity).values(seats_taken=Event.seats_taken + 1)
    )
    if taken.rowcount != 1:
        return Response("full", 409)
    organisation = request.form.get("organisation") or None
    db.session.add(Booking(event_id=1, name=name, email=email, organisation=organisation, created_at=datetime.now(UTC)))
    db.session.commit()
    return redirect("/page", 303)


@app.route("/comment", methods=["GET", "POST"])
def comment() -> str | AnyResponse:
    """Show the form; keep a comment."""
    if request.method == "GET":
        return page()
    name, body = request.form["display_name"].strip(), request.form["body"].strip()
    if not body:
        return Response("a comment, please", 422)
    kept = Comment(event_id=1, name=name, body=body, created_at=datetime.now(UTC))
    db.session.add(kept)
    db.session.commit()
    return redirect(f"/receipt/{kept.id}", 303)


@app.get("/receipt/<uuid:comment_id>")
def receipt(comment_id: uuid.UUID) -> str:
    """Show what was kept."""
    kept = db.get_or_404(Comment, comment_id)
    return render_template("page.html", title="Your comment", summary=kept.body, names=[kept.name])


def make_tables() -> None:
    """Make the tables and the one event."""
    with app.app_context():
        db.create_all()
        db.session.add(Event(id=1, title="Rivers for everyone", capacity=100_000_000, seats_taken=0))
        db.session.commit()
        db.engine.dispose()
