"""What the load is put on: events as an organiser makes them, each with three speakers and two questions."""

import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import flask_migrate
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session

from bench.crowd import add_bookings, add_years
from config import ROOT, Settings
from engage import cli
from engage.accounts.enums import RoleName
from engage.accounts.passwords import hash_password
from engage.accounts.services import create_person
from engage.accounts.sessions import start_session
from engage.app import create_app
from engage.bookings.queries import JOIN
from engage.consultations.models import Consultation
from engage.consultations.queries import find_consultation
from engage.consultations.services import NewQuestion, create_consultation
from engage.edge.compiled_templates import compile_all
from engage.events.details import EventDetails
from engage.events.enums import AppearanceRole
from engage.events.models import Event
from engage.events.queries import PASS, get_event
from engage.events.services import add_speaker, create_event, publish_event, set_questions
from engage.kernel import clock
from engage.kernel.db import db
from engage.kernel.tokens import sign_row
from engage.kernel.unit_of_work import unit_of_work
from engage.kernel.when import local_time

RUSH, RUSH_PLACES, RUSHING = "rush", 200, 400
DESK, DESK_BOOKINGS = "desk", 5000
SOON, JOINING = "soon", 1000
OVER = "over-since-yesterday"
COMING = 20
SLUG = "rivers-for-everyone"
PLACES = 100_000
DESCRIPTION = """The river runs through nine parishes. In this hour we **tell what we heard**,
and you tell what we missed.

- What you said about paths and crossings
- What it would cost, and who would pay
- How we shall decide, and by when

There will be captions, and time for questions at the end.
"""


@dataclass(frozen=True)
class Scene:
    """A filled database and the environment of a server on it, as in production."""

    database_url: str
    folder: Path
    link_secret: str = field(default_factory=lambda: secrets.token_hex(32))
    csrf: str = field(default_factory=lambda: secrets.token_hex(20))
    sessions: list[uuid.UUID] = field(default_factory=list)
    joining: list[tuple[uuid.UUID, str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings. Limits are on, so that their work is measured, and too high to refuse anybody."""
        return {
            "ENGAGE_ENV": "production",
            "BASE_URL": "http://127.0.0.1",
            "SECRET_KEY": self.link_secret[::-1],
            "LINK_SECRETS": self.link_secret,
            "LIMITS": "; ".join(
                f"{name}=9999999/min per address" for name in ("book", "manage", "comment", "upload", "search")
            ),
            "DATABASE_URL": self.database_url,
        }

    def fill(self, *, events: int = 0, bookings: int = 0) -> None:
        """Migrate the database and make the events, by the services that organisers use; then those of many years."""
        self.begin()
        with self.unit():
            at = clock.now()
            _make_event(_details(at, in_days=30, capacity=PLACES), SLUG)
            _make_event(_details(at, in_days=31, capacity=RUSH_PLACES), RUSH)
            _make_event(_details(at, in_days=32, capacity=2 * DESK_BOOKINGS), DESK)
            soon = _make_event(_details(at, in_minutes=12, capacity=2 * JOINING), SOON)
            before = at - timedelta(days=9)
            _make_event(_details(before, in_days=8, capacity=PLACES), OVER, at=before)
            add_bookings(get_event(DESK).id, DESK_BOOKINGS, at=at)
            self.joining.extend(add_bookings(soon.id, JOINING, at=at))
        if events:
            with self.unit():
                add_years(events, bookings, coming=COMING, at=clock.now())

    def begin(self) -> None:
        """Migrate the database and make an organiser who moderates, too, and is signed in."""
        compile_all(self.app())
        with self.unit(migrate=True):
            at = clock.now()
            person = create_person(
                "asha@example.org",
                name="Asha",
                roles=[RoleName.ORGANISER, RoleName.MODERATOR],
                password=hash_password("four quiet herons at noon"),
                at=at,
            )
            self.sessions.append(start_session(person.id, at=at).id)

    @contextmanager
    def unit(self, *, migrate: bool = False) -> Iterator[Session]:
        """Give a transaction, as a site on this database would have it."""
        app = self.app()
        with app.app_context():
            if migrate:
                flask_migrate.upgrade()
            with unit_of_work() as session:
                yield session
            db.session.remove()
            db.engine.dispose()

    def app(self) -> Flask:
        """Return an app of this process."""
        app = create_app(Settings.from_env({**self.environment, "INSTANCE_FOLDER": str(self.folder)}, root=ROOT))
        cli.init_app(app)
        return app

    def cookie(self) -> str:
        """Return the cookie of an organiser who is signed in."""
        app = self.app()
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signer is not None
        known = {"_user_id": str(self.sessions[0]), "_fresh": True, "_permanent": True, "csrf_token": self.csrf}
        signed = signer.dumps(known)
        return f"{app.config['SESSION_COOKIE_NAME']}={signed}"

    def comment_path(self) -> str:
        """Return where somebody who was at the event that is over comments, with its pass."""
        with self.unit():
            event = get_event(OVER)
            return f"/events/{OVER}/comments/?{PASS}={sign_row([self.link_secret], PASS, event.id, event.nonce)}"

    def csrf_token(self) -> str:
        """Return what forms of that organiser carry."""
        return str(URLSafeTimedSerializer(self.app().secret_key or "", salt="wtf-csrf-token").dumps(self.csrf))

    def join_tokens(self) -> list[str]:
        """Return the secret of everybody's way into the event that begins soon."""
        return [sign_row([self.link_secret], JOIN, booking_id, nonce) for booking_id, nonce in self.joining]


def _details(at: datetime, *, capacity: int, in_days: int = 0, in_minutes: int = 0) -> EventDetails:
    starts = at + timedelta(minutes=in_minutes)
    if in_days:
        starts = (at + timedelta(days=in_days)).replace(hour=12, minute=0)
    local = local_time(starts, "UTC")
    return EventDetails(
        title="Rivers for everyone",
        summary="What should the river be in twenty years?",
        description=DESCRIPTION,
        day=local.date(),
        start=local.time().replace(second=0, tzinfo=None),
        end=(local + timedelta(hours=1)).time().replace(second=0, tzinfo=None),
        timezone="UTC",
        capacity=capacity,
        join_url="https://meet.example.org/rivers",
    )


def _make_event(details: EventDetails, slug: str, *, at: datetime | None = None) -> Event:
    at = at or clock.now()
    event = create_event(details, slug=slug, at=at, actor=None)
    for name, role in (
        ("Asha Rao", AppearanceRole.CHAIR),
        ("Ben Moss", AppearanceRole.SPEAKER),
        ("Dev Lane", AppearanceRole.SPEAKER),
    ):
        add_speaker(event.id, name=name, role_title="Ranger", organisation="River Trust", role=role, at=at, actor=None)
    set_questions(event.id, question_ids=[question.id for question in _consultation(at).questions], at=at, actor=None)
    return publish_event(event.id, at=at, actor=None)


def _consultation(at: datetime) -> Consultation:
    return find_consultation("the-river") or create_consultation(
        "the-river",
        title="The river in twenty years",
        intro="Two questions about the river.",
        why_now="The plan is written this winter.",
        opens_at=at - timedelta(days=20),
        closes_at=at + timedelta(days=90),
        questions=[NewQuestion("Where should people reach the water?"), NewQuestion("What should be left alone?")],
        at=at,
    )
