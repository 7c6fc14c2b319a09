"""Reading those who are asked to speak; what stands in public line-ups is read by `events.queries`."""

import uuid

from sqlalchemy import select

from engage.events.errors import AppearanceNotFoundError
from engage.events.models import Appearance, Event
from engage.events.queries import lock_event
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import sign_row

SPEAK = "speaker"  # the purpose of a speaker's private link


def get_appearance(appearance_id: uuid.UUID) -> Appearance:
    """Return somebody in a line-up, whatever they answered. Raises AppearanceNotFoundError."""
    found = db.session.get(Appearance, appearance_id)
    if found is None:
        raise AppearanceNotFoundError
    return found


def lock_appearance(appearance_id: uuid.UUID) -> tuple[Appearance, Event]:
    """Return somebody in a line-up as they are now, and the event, which is held until the transaction ends.

    Whoever changes a line-up holds its event first, so that two at once wait for each other. Raises
    AppearanceNotFoundError.
    """
    event_id = db.session.scalar(select(Appearance.event_id).where(Appearance.id == appearance_id))
    if event_id is None:
        raise AppearanceNotFoundError
    event = lock_event(event_id)
    found = db.session.get(Appearance, appearance_id, populate_existing=True)
    if found is None:
        raise AppearanceNotFoundError
    return found, event


def speaker_token(appearance: Appearance, site: Site) -> str:
    """Return the token of a speaker's private pages."""
    return sign_row(site.link_secrets, SPEAK, appearance.id, appearance.nonce)
