"""Taking a speaker's address out again (P18): out of line-ups, calendar entries and mails."""

import uuid
from datetime import datetime

from sqlalchemy import select

from engage.audit.services import record
from engage.calendars.enums import InviteState
from engage.calendars.models import CalendarInvite
from engage.calendars.services import end_silently, mask_attendee
from engage.events.appearances import lock_appearance
from engage.events.enums import EventStatus
from engage.events.errors import SpeakerStillInvitedError
from engage.events.models import Appearance, Event
from engage.flows.speaking import ABOUT
from engage.kernel.db import db
from engage.kernel.tokens import new_nonce
from engage.mail.services import erase_messages
from engage.speakers.models import Speaker
from engage.speakers.services import forget_address


def may_be_erased(appearance_id: uuid.UUID, *, at: datetime) -> bool:
    """Tell whether nobody needs a speaker's address any more: no invitation of theirs to a coming event stands."""
    speaker_id = select(Appearance.speaker_id).where(Appearance.id == appearance_id).scalar_subquery()
    standing = (
        select(CalendarInvite.id)
        .join(Appearance, Appearance.id == CalendarInvite.appearance_id)
        .join(Event, Event.id == Appearance.event_id)
        .where(
            Appearance.speaker_id == speaker_id,
            CalendarInvite.state == InviteState.LIVE,
            Event.status != EventStatus.CANCELLED,
            Event.ends_at > at,
        )
    )
    return db.session.scalar(standing.limit(1)) is None


def erase_speaker_address(appearance_id: uuid.UUID, *, at: datetime, actor: uuid.UUID | None) -> None:
    """Erase the address of somebody in a line-up, with what they wrote and the mails to them; their name stays.

    It is gone from every line-up that they are in under it, and their private links end. A second time changes
    nothing. Raises AppearanceNotFoundError, SpeakerStillInvitedError.
    """
    appearance, _ = lock_appearance(appearance_id)
    if not may_be_erased(appearance_id, at=at):
        raise SpeakerStillInvitedError
    speaker = db.session.get_one(Speaker, appearance.speaker_id)
    address = speaker.email
    theirs = db.session.scalars(select(Appearance).where(Appearance.speaker_id == speaker.id)).all()
    for each in theirs:
        masked = f"erased-{uuid.uuid4().hex}@erased.invalid"  # RFC 2606: no such place
        each.nonce, each.message = new_nonce(), None
        for invite in db.session.scalars(select(CalendarInvite).where(CalendarInvite.appearance_id == each.id)):
            end_silently(invite)
            mask_attendee(invite, masked=masked)
        erase_messages(ABOUT, each.id, address=address or masked, masked=masked)
    forget_address(speaker.id)
    if address is not None:
        record("organiser:appearance:erase", f"{ABOUT}:{appearance_id}", at=at, actor=actor)
    db.session.flush()
