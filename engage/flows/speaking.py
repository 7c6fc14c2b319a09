"""Those who are asked to speak: who they are, and what they answer, on their page or in their calendar."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from engage.audit.services import record
from engage.bookings.errors import DoorsClosedError
from engage.bookings.mails import event_facts
from engage.bookings.notices import organisers_told
from engage.calendars.answers import MOST_A_DAY, note_answered
from engage.calendars.enums import InviteState, PartStat
from engage.calendars.models import CalendarInvite
from engage.events.appearances import SPEAK, get_appearance, lock_appearance
from engage.events.enums import ANSWERS, NOT_SPEAKING, SPEAKING, AppearanceStatus, EventStatus, Phase
from engage.events.errors import (
    AppearanceNotFoundError,
    BookingClosedError,
    EventCancelledError,
    EventOverError,
    NotInLineUpError,
)
from engage.events.models import Appearance, Event
from engage.events.queries import get_event_by_id
from engage.events.services.life import note_change
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.text import clean
from engage.mail.enums import MessageKind
from engage.mail.queries import count_since
from engage.mail.services import Draft, queue_new
from engage.speakers.models import Speaker

ABOUT = "appearance"
LONGEST_WORDS = 2000  # of an answer, in characters
SPEAKERS_COME = timedelta(minutes=30)  # before the start
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


def find_last_invite(appearance_id: uuid.UUID) -> CalendarInvite | None:
    """Return the invitation to speak that stands, or else the last one, which ended."""
    theirs = select(CalendarInvite).where(CalendarInvite.appearance_id == appearance_id)
    ended = CalendarInvite.state == InviteState.CANCELLED
    return db.session.scalars(theirs.order_by(ended, CalendarInvite.created_at.desc()).limit(1)).first()


def recipient_of(appearance: Appearance) -> SpeakerRecipient:
    """Return somebody in a line-up as the entry in their calendar names them."""
    speaker = db.session.get_one(Speaker, appearance.speaker_id)
    return SpeakerRecipient(appearance.id, appearance.nonce, speaker.name, speaker.email or "")


def ways_in_open_at(event: Event) -> datetime:
    """Return when speakers may go in: before the doors open, so that they can try their sound."""
    return event.starts_at - SPEAKERS_COME


def let_speaker_in(appearance_id: uuid.UUID, *, at: datetime) -> str:
    """Return the address where people meet to somebody who speaks, from half an hour before the start on.

    Raises AppearanceNotFoundError, NotInLineUpError (also for whoever declined), BookingClosedError for an event that
    is not published or was cancelled, DoorsClosedError, EventOverError.
    """
    appearance = get_appearance(appearance_id)
    event = get_event_by_id(appearance.event_id)
    if event.status is not EventStatus.PUBLISHED:
        raise BookingClosedError
    if appearance.status not in SPEAKING:
        raise NotInLineUpError
    if at < ways_in_open_at(event):
        raise DoorsClosedError
    if event.phase(at) is Phase.OVER:
        raise EventOverError
    record("speaker:appearance:join", f"{ABOUT}:{appearance_id}", at=at)
    return event.join_url


def answer_to_speak(
    appearance_id: uuid.UUID,
    status: AppearanceStatus,
    *,
    message: str,
    site: Site,
    at: datetime,
    by: str,
    given_at: datetime | None = None,
) -> Appearance:
    """Note what somebody answers to being asked to speak, and tell the organisers at once, with their words.

    `status` is accepted, tentative or declined; `message` is cleaned and cut; `by` says how it came ("page",
    "reply"), `given_at` when it was written if not now. Organisers hear of three answers a day at most; the line-up
    shows the last. The same answer again changes nothing and tells nobody; without words, those said before stay. The
    event stays as it is. The event's row is held. Raises AppearanceNotFoundError (also for somebody who was never
    asked), NotInLineUpError, EventCancelledError, EventOverError.
    """
    if status not in ANSWERS:
        raise ValueError(f"not an answer: {status}")
    appearance, event = lock_appearance(appearance_id)
    refuse_answer(appearance, event, at=at)
    words = clean(message, multiline=True, limit=LONGEST_WORDS) or None
    invite = find_speaker_invite(appearance_id)
    note_answered(invite, at=given_at or at)
    before, changed = appearance.status, appearance.status is not status
    if not changed and words in (None, appearance.message):
        return appearance
    appearance.status, appearance.message, appearance.answered_at = status, words, at
    if invite is not None:
        invite.partstat = PART_STATS[status]
    record(
        "speaker:appearance:answer",
        f"appearance:{appearance_id}",
        at=at,
        before={"status": before.value},
        after={"status": status.value, "by": by},
    )
    if (before in NOT_SPEAKING) is not (status in NOT_SPEAKING):  # everybody sees another line-up
        note_change(event, at=at, in_calendars=True)
    db.session.flush()
    _tell_organisers(appearance, event, site=site, at=at)
    return appearance


def refuse_answer(appearance: Appearance, event: Event, *, at: datetime) -> None:
    """Refuse an answer that nobody waits for.

    Raises AppearanceNotFoundError, NotInLineUpError, EventCancelledError, EventOverError.
    """
    if appearance.status is AppearanceStatus.DRAFT:
        raise AppearanceNotFoundError
    if appearance.status is AppearanceStatus.WITHDRAWN:
        raise NotInLineUpError
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError
    if event.phase(at) is Phase.OVER:
        raise EventOverError


def ask_anew(appearance_ids: Collection[uuid.UUID]) -> None:
    """Let what speakers answered count no more, since they are asked about another time; their words stay."""
    answered = (AppearanceStatus.ACCEPTED, AppearanceStatus.TENTATIVE)
    asked = update(Appearance).where(Appearance.id.in_(appearance_ids), Appearance.status.in_(answered))
    values = {"status": AppearanceStatus.INVITED}
    db.session.execute(asked.values(**values).execution_options(synchronize_session="fetch"))


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
        if address and _may_tell(address, appearance, at=at)
    ]
    queue_new(drafts, site=site, at=at)


def _may_tell(address: str, appearance: Appearance, *, at: datetime) -> bool:
    day = at - timedelta(days=1)
    return count_since(MessageKind.SPEAKER_ANSWERED, appearance.id, since=day, to_addr=address) < MOST_A_DAY
