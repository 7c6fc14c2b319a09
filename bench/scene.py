"""What the load is put on: one public event as an organiser makes it, with three speakers and two questions."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import flask_migrate

from config import ROOT, Settings
from engage.app import create_app
from engage.consultations.services import NewQuestion, create_consultation
from engage.events.details import EventDetails
from engage.events.enums import AppearanceRole
from engage.events.services import add_speaker, create_event, publish_event, set_questions
from engage.kernel import clock
from engage.kernel.db import db
from engage.kernel.unit_of_work import unit_of_work

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

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings. Limits are on, so that their work is measured, and too high to refuse anybody."""
        return {
            "ENGAGE_ENV": "production",
            "BASE_URL": "http://127.0.0.1",
            "SECRET_KEY": self.link_secret[::-1],
            "LINK_SECRETS": self.link_secret,
            "LIMITS": "book=9999999/min per address",
            "DATABASE_URL": self.database_url,
        }

    def fill(self) -> None:
        """Migrate the database and make the event, by the services that organisers use."""
        app = create_app(Settings.from_env({**self.environment, "INSTANCE_FOLDER": str(self.folder)}, root=ROOT))
        with app.app_context():
            flask_migrate.upgrade()
            with unit_of_work():
                _make_event()
            db.session.remove()
            db.engine.dispose()


def _make_event() -> None:
    at = clock.now()
    starts = (at + timedelta(days=30)).replace(hour=12, minute=0, second=0)
    consultation = create_consultation(
        "the-river",
        title="The river in twenty years",
        intro="Two questions about the river.",
        why_now="The plan is written this winter.",
        opens_at=at - timedelta(days=1),
        closes_at=at + timedelta(days=90),
        questions=[NewQuestion("Where should people reach the water?"), NewQuestion("What should be left alone?")],
        at=at,
    )
    event = create_event(
        EventDetails(
            title="Rivers for everyone",
            summary="What should the river be in twenty years?",
            description=DESCRIPTION,
            day=starts.date(),
            start=starts.time(),
            end=(starts + timedelta(hours=1)).time(),
            timezone="Europe/London",
            capacity=PLACES,
            join_url="https://meet.example.org/rivers",
        ),
        slug=SLUG,
        at=at,
        actor=None,
    )
    for name, role in (
        ("Asha Rao", AppearanceRole.CHAIR),
        ("Ben Moss", AppearanceRole.SPEAKER),
        ("Dev Lane", AppearanceRole.SPEAKER),
    ):
        add_speaker(event.id, name=name, role_title="Ranger", organisation="River Trust", role=role, at=at, actor=None)
    set_questions(event.id, question_ids=[question.id for question in consultation.questions], at=at, actor=None)
    publish_event(event.id, at=at, actor=None)
