"""Makers of what tests need: plain functions with defaults, used inside `with unit():`; and how people act."""

import re
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage.accounts.enums import RoleName
from engage.accounts.models import Person
from engage.accounts.passwords import HashedPassword, hash_password
from engage.accounts.services import create_person
from engage.bookings.models import Booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place
from engage.consultations.enums import ConsultationStatus
from engage.consultations.models import Consultation, Question
from engage.edge import context
from engage.events.details import EventDetails
from engage.events.enums import AppearanceRole
from engage.events.models import Appearance, Event
from engage.events.services import create_event, publish_event
from engage.flows.line_up import SpeakerDetails, add_to_line_up
from engage.kernel import clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.text import normalise_email
from engage.kernel.when import local_time

PASSWORD = "four quiet herons at noon"


@cache
def _hashed() -> HashedPassword:
    return hash_password(PASSWORD)


def make_person(email: str = "dev@example.org", *roles: str, name: str = "") -> Person:
    """Make somebody who can sign in with PASSWORD; a member unless roles are given."""
    return create_person(
        email,
        name=name or email.partition("@")[0].title(),
        roles=[RoleName(role) for role in roles or ("member",)],
        password=_hashed(),
        at=clock.now(),
    )


def make_event(
    *,
    title: str = "Three views over lunch",
    slug: str | None = None,
    starts_at: datetime | None = None,
    lasts: timedelta = timedelta(hours=1),
    timezone: str = "Europe/London",
    capacity: int = 20,
    published: bool = True,
    join_url: str = "https://meet.example.org/room",
    summary: str = "Three guests, an hour, your questions.",
    description: str = "Bring *one* question.",
) -> Event:
    """Make a webinar, a week from now unless told otherwise; published unless told otherwise.

    An event in the past is published a day before its start, as it must have been.
    """
    at = clock.now()
    starts_at = starts_at or at + timedelta(days=7)
    start, end = local_time(starts_at, timezone), local_time(starts_at + lasts, timezone)
    event = create_event(
        EventDetails(
            title=title,
            summary=summary,
            description=description,
            day=start.date(),
            start=start.time().replace(tzinfo=None),
            end=end.time().replace(tzinfo=None),
            timezone=timezone,
            capacity=capacity,
            join_url=join_url,
        ),
        slug=slug,
        at=at,
        actor=None,
    )
    if published:
        publish_event(event.id, at=min(at, starts_at - timedelta(days=1)), actor=None)
    return event


def details_of(event: Event, *, starts_at: datetime | None = None, capacity: int | None = None) -> EventDetails:
    """Return an event as its organiser's form would send it back, at another time or with other places."""
    lasts = event.ends_at - event.starts_at
    begin = starts_at or event.starts_at
    start, end = local_time(begin, event.timezone), local_time(begin + lasts, event.timezone)
    return EventDetails(
        title=event.title,
        summary=event.summary,
        description=event.description,
        day=start.date(),
        start=start.time().replace(tzinfo=None),
        end=end.time().replace(tzinfo=None),
        timezone=event.timezone,
        capacity=capacity or event.capacity,
        join_url=event.join_url,
    )


def make_speaker(
    event: Event,
    name: str = "Ben Okafor",
    email: str | None = "ben@example.org",
    *,
    site: Site | None = None,
    role: AppearanceRole = AppearanceRole.SPEAKER,
    organisation: str = "River Trust",
) -> Appearance:
    """Put somebody in a line-up, as an organiser does; at a published event the invitation waits in the outbox."""
    details = SpeakerDetails(name, role, organisation=organisation, email=email)
    at = min(clock.now(), event.starts_at)
    return add_to_line_up(event.id, details, site=site or context.site(), at=at, actor=None)


def make_booking(
    event: Event,
    email: str = "cleo@example.org",
    *,
    site: Site | None = None,
    name: str = "Cleo Sample",
    organisation: str = "Sample Ltd",
) -> Booking:
    """Book a place, as a visitor does; the invitation waits in the outbox."""
    book_place(
        event.id,
        PlaceRequest(name=name, email=email, organisation=organisation, locale="en"),
        site=site or context.site(),
        at=min(clock.now(), event.starts_at),
    )
    return (
        db.session.query(Booking)
        .filter_by(event_id=event.id, email_normalised=normalise_email(email), status="confirmed")
        .one()
    )


def make_consultation(*, slug: str = "levelling-up", title: str = "Levelling up", questions: int = 4) -> Consultation:
    """Make an open consultation with numbered questions."""
    at = clock.now()
    consultation = Consultation(
        slug=slug,
        title=title,
        intro="Why we ask.",
        why_now="Now.",
        status=ConsultationStatus.OPEN,
        opens_at=at - timedelta(days=7),
        closes_at=at + timedelta(days=30),
        created_at=at,
        questions=[Question(number=n, text=f"What about number {n}?") for n in range(1, questions + 1)],
    )
    db.session.add(consultation)
    db.session.flush()
    return consultation


def hidden(page: TestResponse) -> dict[str, str]:
    """Return the hidden fields of a page's forms, as its reader's browser would send them."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page.text):
        given = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if given.get("type") == "hidden":
            found[given["name"]] = given.get("value", "")
    return found


def sign_in(
    client: FlaskClient, email: str, password: str = PASSWORD, *, next: str = "", **options: Any
) -> TestResponse:
    """Fill in the sign-in page and send it."""
    page = client.get("/sign-in", **options)
    fields = {**hidden(page), "email": email, "password": password, **({"next": next} if next else {})}
    return client.post("/sign-in", data=fields, **options)
