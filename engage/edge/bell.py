"""Ringing for the workers when something was committed, where QUEUE_URL says by what."""

from flask import Flask, current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from config import Settings
from engage.kernel.bells import Bell, NetworkBell
from engage.kernel.db import db

EXTENSION = "engage-bell"


def init_app(app: Flask, settings: Settings) -> None:
    """Hang the bell up."""
    if settings.queue_url is not None:
        app.extensions[EXTENSION] = NetworkBell(settings.queue_url)


def take_bell(app: Flask) -> Bell | None:
    """Return the bell for somebody who hears it; this process rings it no more."""
    bell: Bell | None = app.extensions.pop(EXTENSION, None)
    return bell


@event.listens_for(db.session, "after_commit")
def _ring(_session: Session) -> None:
    bell: Bell | None = current_app.extensions.get(EXTENSION)
    if bell is not None:
        bell.ring()
