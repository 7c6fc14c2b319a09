"""The control: an app that books as one does who never thought of two people at one moment.

It looks, then it writes, in the way that passes every test with one visitor. Served like Engage, on the same
tables without the CHECK, to the same crowd; if it did not oversell, the crowd would prove nothing.
"""

import os
import time
import uuid

from flask import Flask, Response, redirect, request
from sqlalchemy import create_engine, func, insert, select, update
from werkzeug.wrappers import Response as AnyResponse

from engage.bookings.enums import BookingStatus
from engage.bookings.models import Booking
from engage.events.models import Event
from engage.kernel import clock
from engage.kernel.db import engine_options, table_of

FORM = '<form method="post"><input type="hidden" name="submission_key" value="none"></form>'
READING_THE_FORM_S = 0.02

app = Flask(__name__)
bookings, events = table_of(Booking), table_of(Event)
url = os.environ["DATABASE_URL"]
engine = create_engine(url, **engine_options(url))


@app.get("/healthz")
def healthz() -> str:
    """Say that the server answers."""
    return "ok"


@app.get("/events/<slug>/book")
def open_form(slug: str) -> str:
    """Show a form."""
    return FORM


@app.post("/events/<slug>/book")
def book(slug: str) -> AnyResponse:
    """Look whether places are free; if so, take them."""
    places = int(request.form["places"])
    with engine.begin() as connection:
        event = connection.execute(select(events.c.id, events.c.capacity).where(events.c.slug == slug)).one()
        live = select(func.coalesce(func.sum(bookings.c.places), 0)).where(
            bookings.c.event_id == event.id, bookings.c.status == BookingStatus.CONFIRMED
        )
        free = connection.execute(live).scalar_one() + places <= event.capacity
    if not free:
        return Response("full", 409)
    time.sleep(READING_THE_FORM_S)
    with engine.begin() as connection:
        connection.execute(
            insert(bookings),
            {
                "reference": uuid.uuid4().hex[:12],
                "event_id": event.id,
                "email_normalised": request.form["email"],
                "name": request.form["name"],
                "places": places,
                "places_asked": places,
                "created_at": clock.now(),
            },
        )
        connection.execute(
            update(events).where(events.c.id == event.id).values(seats_taken=events.c.seats_taken + places)
        )
    return redirect("booked", 303)


@app.post("/events/<slug>/cancel")
def cancel(slug: str) -> AnyResponse:
    """Give places back; here nothing is forgotten."""
    mine = (bookings.c.email_normalised == request.form["email"], bookings.c.status == BookingStatus.CONFIRMED)
    with engine.begin() as connection:
        ended = update(bookings).where(*mine).values(status=BookingStatus.CANCELLED).returning(bookings.c.places)
        freed = sum(connection.scalars(ended))
        less = events.c.seats_taken - freed
        connection.execute(update(events).where(events.c.slug == slug).values(seats_taken=less))
    return redirect("cancelled", 303)


@app.post("/events/<slug>/capacity")
def change_capacity(slug: str) -> AnyResponse:
    """Look how many are booked; if the new capacity is not below that, set it."""
    wanted = int(request.form["capacity"])
    with engine.begin() as connection:
        taken = connection.execute(select(events.c.seats_taken).where(events.c.slug == slug)).scalar_one()
    if wanted < taken:
        return Response("too few", 409)
    time.sleep(READING_THE_FORM_S)
    with engine.begin() as connection:
        connection.execute(update(events).where(events.c.slug == slug).values(capacity=wanted))
    return redirect("saved", 303)
