"""Reading those who are asked to speak; what stands in public line-ups is read by `events.queries`."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engage.events.enums import NOT_SPEAKING, AppearanceStatus, EventStatus
from engage.events.errors import AppearanceNotFoundError
from engage.events.models import Appearance, Event
from engage.events.queries import lock_event
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import read_row_id, sign_row, verify_row
from engage.speakers.models import Speaker

SPEAK = "speaker"  # the purpose of a speaker's private link


@dataclass(frozen=True)
class SpeakerSlot:
    """Somebody in a line-up as organisers see them: with their address, what they answered, and their words."""

    appearance: Appearance
    speaker: Speaker

    @property
    def is_listed(self) -> bool:
        """Tell whether everybody sees them in the line-up."""
        return self.appearance.status not in NOT_SPEAKING


def get_appearance(appearance_id: uuid.UUID) -> Appearance:
    """Return somebody in a line-up, whatever they answered. Raises AppearanceNotFoundError."""
    found = find_appearance(appearance_id)
    if found is None:
        raise AppearanceNotFoundError
    return found


def find_appearance(appearance_id: uuid.UUID) -> Appearance | None:
    """Return somebody in a line-up, whatever they answered, if they are still known."""
    return db.session.get(Appearance, appearance_id)


def appearances_of(event_id: uuid.UUID) -> list[Appearance]:
    """Return everybody who was ever put in a line-up, as they are now, in its order."""
    rows = select(Appearance).where(Appearance.event_id == event_id).order_by(Appearance.position, Appearance.id)
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def get_appearance_by_token(token: str, *, site: Site) -> Appearance:
    """Return whose private link it is, if they were asked to speak; also once they were taken out.

    Raises AppearanceNotFoundError for a forged, revoked or unknown one, all alike.
    """
    appearance_id = read_row_id(token)
    found = None if appearance_id is None else db.session.get(Appearance, appearance_id)
    if found is None or not verify_row(site.link_secrets, token, SPEAK, found.id, found.nonce):
        raise AppearanceNotFoundError
    if found.status is AppearanceStatus.DRAFT:
        raise AppearanceNotFoundError
    return found


def slots_of(event_id: uuid.UUID) -> list[SpeakerSlot]:
    """Return what organisers see of a line-up: everybody, also those who declined; whoever was taken out last."""
    rows = db.session.execute(
        select(Appearance, Speaker)
        .join(Speaker, Speaker.id == Appearance.speaker_id)
        .where(Appearance.event_id == event_id)
        .order_by(Appearance.status == AppearanceStatus.WITHDRAWN, Appearance.position, Appearance.id)
    )
    return [SpeakerSlot(*row) for row in rows]


def who_declined(*, at: datetime) -> list[tuple[Event, Speaker]]:
    """Return who will not speak at events that are to come, the next event first."""
    rows = db.session.execute(
        select(Event, Speaker)
        .join(Appearance, Appearance.event_id == Event.id)
        .join(Speaker, Speaker.id == Appearance.speaker_id)
        .where(
            Appearance.status == AppearanceStatus.DECLINED,
            Event.status != EventStatus.CANCELLED,
            Event.starts_at > at,
        )
        .order_by(Event.starts_at, Appearance.position, Appearance.id)
    )
    return [(row[0], row[1]) for row in rows]


def get_slot(event_id: uuid.UUID, appearance_id: uuid.UUID) -> SpeakerSlot:
    """Return somebody in an event's line-up as organisers see them. Raises AppearanceNotFoundError."""
    appearance = find_appearance(appearance_id)
    if appearance is None or appearance.event_id != event_id:
        raise AppearanceNotFoundError
    return SpeakerSlot(appearance, db.session.get_one(Speaker, appearance.speaker_id))


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
