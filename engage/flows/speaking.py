"""Those who are asked to speak: who they are, and what they answer, on their page or in their calendar."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engage.audit.services import record
from engage.bookings.mails import event_facts
from engage.bookings.notices import organisers_told
from engage.calendars.enums import InviteState, PartStat
from engage.calendars.models import CalendarInvite
from engage.events.appearances import SPEAK, lock_appearance
from engage.events.enums import ANSWERS, AppearanceStatus, EventStatus, Phase
from engage.events.errors import AppearanceNotFoundError, EventCancelledError, EventOverError, NotInLineUpError
from engage.events.models import Appearance, Event
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.text import clean
from engage.mail.enums import MessageKind
from engage.mail.services import Draft, queue_new
from engage.speakers.models import Speaker

ABOUT = "appearance"
LONGEST_WORDS = 2000  # of an answer, in characters
# Who hears of changes. Whoever declined is written to only when the event or their part in it is cancelled.
SPEAKING = frozenset({AppearanceStatus.INVITED, AppearanceStatus.ACCEPTED, AppearanceStatus.TENTATIVE})
PART_STATS = {
    AppearanceStatus.ACCEPTED: PartStat.ACCEPTED,
    AppearanceStatus.TENTATIVE: PartStat.TENTATIVE,
    AppearanceStatus.DECLINED: PartStat.DECLINED,
}


@dataclass(frozen=True)
class SpeakerRecipient:
    """A speaker whom a mail goes to (an `Addressee`); it is about their part in one event."""

    appearance_id: uuid.UUID
    nonce: str
    name: str
    email: str
    locale: str = "en"
    places: int = 1

    @property
    def about(self) -> tuple[str, uuid.UUID]:
        """Return which row their mails are about."""
        return ABOUT, self.appearance_id

    def links(self) -> dict[str, list[str]]:
        """Return what their private links are signed from; the way in is a page of their own pages."""
        seed = [SPEAK, str(self.appearance_id), self.nonce]
        return {"manage": seed, "join": seed}


@dataclass(frozen=True)
class InvitedSpeaker:
    """One speaker in whose calendar an event stands."""

    appearance: Appearance
    speaker: Speaker
    invite: CalendarInvite

    @property
    def recipient(self) -> SpeakerRecipient:
        """Return whom a mail goes to: the address that was invited, whatever is written in the line-up by now."""
        one = self.appearance
        return SpeakerRecipient(one.id, one.nonce, self.speaker.name, self.invite.attendee_addr)


def invited_speakers(event_id: uuid.UUID, *, among: Collection[AppearanceStatus] = SPEAKING) -> list[InvitedSpeaker]:
    """Return the speakers of an event whose invitation stands, in the order of the line-up.

    Those who declined hear of no changes, so they are left out unless `among` names them.
    """
    rows = db.session.execute(
        select(Appearance, Speaker, CalendarInvite)
        .join(Speaker, Speaker.id == Appearance.speaker_id)
        .join(CalendarInvite, CalendarInvite.appearance_id == Appearance.id)
        .where(
            Appearance.event_id == event_id,
            Appearance.status.in_(among),
            CalendarInvite.state == InviteState.LIVE,
        )
        .order_by(Appearance.position, Appearance.id)
    )
    return [InvitedSpeaker(*row) for row in rows]


def find_speaker_invite(appearance_id: uuid.UUID) -> CalendarInvite | None:
    """Return the invitation to speak that stands, if there is one."""
    living = (CalendarInvite.appearance_id == appearance_id, CalendarInvite.state == InviteState.LIVE)
    return db.session.scalar(select(CalendarInvite).where(*living))


def answer_to_speak(
    appearance_id: uuid.UUID, status: AppearanceStatus, *, message: str, site: Site, at: datetime, by: str
) -> Appearance:
    """Note what somebody answers to being asked to speak, and tell the organisers at once, with their words.

    `status` is accepted, tentative or declined; `message` is cleaned and cut; `by` says how it came ("page",
    "reply"). The same answer again changes nothing and tells nobody; without words, those said before stay. The
    event stays as it is. The event's row is held. Raises AppearanceNotFoundError (also for somebody who was never
    asked), NotInLineUpError, EventCancelledError, EventOverError.
    """
    if status not in ANSWERS:
        raise ValueError(f"not an answer: {status}")
    appearance, event = lock_appearance(appearance_id)
    if appearance.status is AppearanceStatus.DRAFT:
        raise AppearanceNotFoundError
    if appearance.status is AppearanceStatus.WITHDRAWN:
        raise NotInLineUpError
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError
    if event.phase(at) is Phase.OVER:
        raise EventOverError
    words = clean(message, multiline=True, limit=LONGEST_WORDS) or None
    before, changed = appearance.status, appearance.status is not status
    if not changed and words in (None, appearance.message):
        return appearance
    appearance.status, appearance.message, appearance.answered_at = status, words, at
    invite = find_speaker_invite(appearance_id)
    if invite is not None:
        invite.partstat = PART_STATS[status]
    record(
        "speaker:appearance:answer",
        f"appearance:{appearance_id}",
        at=at,
        before={"status": before.value},
        after={"status": status.value, "by": by},
    )
    db.session.flush()
    _tell_organisers(appearance, event, site=site, at=at)
    return appearance


def _tell_organisers(appearance: Appearance, event: Event, *, site: Site, at: datetime) -> None:
    """Write to those organisers who are told of the event, or else to the contact address."""
    speaker = db.session.get_one(Speaker, appearance.speaker_id)
    told = [(person.name, person.email) for person in organisers_told(event.id)] or [("", site.contact_email)]
    facts = {
        "event": event_facts(event),
        "speaker": speaker.name,
        "answer": appearance.status.value,
        "words": appearance.message or "",
    }
    drafts = [
        Draft(
            MessageKind.SPEAKER_ANSWERED,
            logical_key=f"{MessageKind.SPEAKER_ANSWERED}:{uuid.uuid4()}",
            to_addr=address,
            facts={"name": name, **facts},
            locale=site.languages[0],
            about_type=ABOUT,
            about_id=appearance.id,
        )
        for name, address in told
        if address
    ]
    queue_new(drafts, site=site, at=at)
