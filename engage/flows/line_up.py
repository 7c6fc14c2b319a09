"""Changing a line-up, and writing to those who speak: invited, invited again, taken out (calendar-mail 3.1).

Whoever has an address is invited as soon as the event is published, and before that only when an organiser says so.
Each change holds the event's row, so that two organisers at once wait for each other.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from engage.audit.services import record
from engage.bookings.also_speaking import invite_if_booked
from engage.bookings.mails import Change
from engage.calendars.models import CalendarInvite
from engage.calendars.services import (
    InviteFacts,
    end_invite,
    end_silently,
    facts_of,
    issue_speaker_invite,
    raise_sequences,
)
from engage.events import services
from engage.events.appearances import appearances_of, lock_appearance
from engage.events.enums import SPEAKING, AppearanceRole, AppearanceStatus, EventStatus, Phase
from engage.events.errors import (
    AppearanceNotFoundError,
    EventCancelledError,
    EventOverError,
    SpeakerAddressMissingError,
    SpeakerAskedOftenError,
    SpeakerDeclinedError,
    SpeakerNotAskedError,
)
from engage.events.models import Appearance, Event
from engage.events.queries import lock_event
from engage.flows.speaker_mails import (
    queue_confirmed,
    queue_event_cancelled,
    queue_invited,
    queue_removed,
)
from engage.flows.speaking import (
    ABOUT,
    InvitedSpeaker,
    SpeakerRecipient,
    ask_anew,
    find_speaker_invite,
    invited_speakers,
)
from engage.flows.telling import Told, last_told
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.queries import count_since
from engage.speakers.models import Speaker

INVITED_A_DAY = 3  # mails that ask the same person to speak (S31)
ASKED = frozenset({*SPEAKING, AppearanceStatus.DECLINED})


@dataclass(frozen=True)
class SpeakerDetails:
    """Somebody in a line-up, as an organiser writes them down; the address is shown to organisers alone."""

    name: str
    role: AppearanceRole
    role_title: str | None = None
    organisation: str | None = None
    email: str | None = None


def add_to_line_up(
    event_id: uuid.UUID, details: SpeakerDetails, *, site: Site, at: datetime, actor: uuid.UUID | None
) -> Appearance:
    """Put somebody in the line-up; at an event that is published they are invited at once.

    Raises what `events.services.add_speaker` raises.
    """
    appearance = services.add_speaker(event_id, **vars(details), at=at, actor=actor)
    _invite_if_due(appearance, lock_event(event_id), site=site, at=at)
    return appearance


def put_back(
    event_id: uuid.UUID, appearance_id: uuid.UUID, *, site: Site, at: datetime, actor: uuid.UUID | None
) -> Appearance:
    """Put somebody who was taken out in the line-up again: they are invited anew, under another UID.

    Raises what `events.services.put_back_speaker` raises.
    """
    appearance = services.put_back_speaker(event_id, appearance_id=appearance_id, at=at, actor=actor)
    _invite_if_due(appearance, lock_event(event_id), site=site, at=at)
    return appearance


def change_in_line_up(
    event_id: uuid.UUID,
    appearance_id: uuid.UUID,
    details: SpeakerDetails,
    *,
    site: Site,
    at: datetime,
    actor: uuid.UUID | None,
) -> frozenset[str]:
    """Change who somebody in the line-up is; returns what changed.

    Another address ends the invitation at the old one, and asks anew at the new one. Raises what
    `events.services.change_speaker` raises.
    """
    event = lock_event(event_id)
    before = [each for each in _invited(event_id) if each.appearance.id == appearance_id]
    recipients = [each.recipient for each in before]
    change = services.change_speaker(event_id, appearance_id=appearance_id, **vars(details), at=at, actor=actor)
    if "email" in change.changed:
        for each, recipient in zip(before, recipients, strict=True):
            _end(each.invite, recipient, event, elsewhere=True, site=site, at=at)
        _invite_if_due(change.appearance, event, site=site, at=at)
    return change.changed


def take_out(
    event_id: uuid.UUID, appearance_id: uuid.UUID, *, site: Site, at: datetime, actor: uuid.UUID | None
) -> None:
    """Take somebody out of the line-up, and the event out of their calendar; organisers see that they were in it.

    Whoever booked a place as well gets an entry as an attendee. Raises what `events.services.remove_speaker` raises.
    """
    event = lock_event(event_id)
    before = [each for each in _invited(event_id) if each.appearance.id == appearance_id]
    services.remove_speaker(event_id, appearance_id=appearance_id, at=at, actor=actor)
    for each in before:
        _end(each.invite, each.recipient, event, elsewhere=False, site=site, at=at)


def told_of_taking_out(event: Event, appearance_id: uuid.UUID, *, at: datetime) -> str:
    """Return the address that hears of it if somebody is taken out now, "" if nobody does."""
    if event.phase(at) is Phase.OVER:
        return ""
    return next((each.recipient.email for each in _invited(event.id) if each.appearance.id == appearance_id), "")


def invite_now(appearance_id: uuid.UUID, *, site: Site, at: datetime, actor: uuid.UUID | None) -> None:
    """Ask somebody to speak before the event is published: the entry in their calendar is tentative.

    Whoever was asked already gets no second invitation. Raises AppearanceNotFoundError, EventCancelledError,
    EventOverError, SpeakerAddressMissingError.
    """
    appearance, event = _changeable(appearance_id, at=at)
    if find_speaker_invite(appearance_id) is None:
        if _address(appearance) is None:
            raise SpeakerAddressMissingError
        _invite(appearance, event, site=site, at=at)
        record("organiser:appearance:invite", f"{ABOUT}:{appearance_id}", at=at, actor=actor)
        db.session.flush()


def invite_again(appearance_id: uuid.UUID, *, site: Site, at: datetime, actor: uuid.UUID | None) -> None:
    """Send somebody's invitation again, as it is now: the same UID and SEQUENCE in a mail of its own.

    If the event has changed since they were told, that is told along, under the next SEQUENCE.

    Raises AppearanceNotFoundError, EventCancelledError, EventOverError, SpeakerNotAskedError, SpeakerDeclinedError,
    SpeakerAskedOftenError.
    """
    appearance, event = _changeable(appearance_id, at=at)
    if appearance.status is AppearanceStatus.DECLINED:
        raise SpeakerDeclinedError
    asked = [each for each in _invited(event.id) if each.appearance.id == appearance_id]
    if not asked:
        raise SpeakerNotAskedError
    sent = count_since(MessageKind.SPEAKER_INVITED, appearance_id, since=at - timedelta(days=1))
    if sent >= INVITED_A_DAY:
        raise SpeakerAskedOftenError(most=INVITED_A_DAY)
    for each, change in _changes(asked, event):
        if change is None:
            queue_invited(each.recipient, event, facts_of(each.invite), again=True, site=site, at=at)
        else:  # what waits to be told goes along, and is not told a second time
            facts = _raise(each, moved=change.old_times is not None)
            queue_invited(each.recipient, event, facts, site=site, at=at)
    record("organiser:appearance:invite-again", f"{ABOUT}:{appearance_id}", at=at, actor=actor)
    db.session.flush()


def invite_line_up(event: Event, *, site: Site, at: datetime) -> int:
    """Invite everybody in the line-up of an event that was just published and whose row is held; returns how many.

    Whoever was asked before hears that it is certain now, with the time as it is now.
    """
    asked = invited_speakers(event.id)
    for each, change in _changes(asked, event):
        facts = _raise(each, moved=change is not None and change.old_times is not None)
        queue_confirmed(each.recipient, event, facts, site=site, at=at)
    waiting = [one for one in appearances_of(event.id) if one.status is AppearanceStatus.DRAFT]
    return len(asked) + sum(_invite_if_due(one, event, site=site, at=at) for one in waiting)


def cancel_for_speakers(event: Event, *, reason: str, site: Site, at: datetime) -> int:
    """Tell every speaker who was asked that the event does not take place; returns how many.

    Those who declined are told as well, so that nothing is left in a calendar. The caller holds the event's row.
    """
    speakers = _invited(event.id)
    for each in speakers:
        recipient = each.recipient
        queue_event_cancelled(recipient, event, end_invite(each.invite), reason=reason, site=site, at=at)
    return len(speakers)


def _invited(event_id: uuid.UUID) -> list[InvitedSpeaker]:
    return invited_speakers(event_id, among=ASKED)


def _changes(speakers: list[InvitedSpeaker], event: Event) -> list[tuple[InvitedSpeaker, Change | None]]:
    """Return with each speaker what is new to them since their last mail, if anything is."""
    told, now = last_told(speakers), Told.now(event)
    known = [(each, told.get(each.invite.id)) for each in speakers]
    return [(each, None if was is None else was.change_to(now)) for each, was in known]


def _raise(each: InvitedSpeaker, *, moved: bool) -> InviteFacts:
    """Count a change of somebody's entry; what they answered to another time counts no more."""
    if moved:
        ask_anew([each.appearance.id])
    return raise_sequences([each.invite.id], time_changed=moved)[each.invite.id]


def _changeable(appearance_id: uuid.UUID, *, at: datetime) -> tuple[Appearance, Event]:
    appearance, event = lock_appearance(appearance_id)
    if appearance.status is AppearanceStatus.WITHDRAWN:
        raise AppearanceNotFoundError
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError
    if event.phase(at) is Phase.OVER:
        raise EventOverError
    return appearance, event


def _invite_if_due(appearance: Appearance, event: Event, *, site: Site, at: datetime) -> bool:
    """Invite somebody who has an address if the event is published and to come; tell whether a mail goes out."""
    if event.status is not EventStatus.PUBLISHED or event.phase(at) is Phase.OVER:
        return False
    if _address(appearance) is None or find_speaker_invite(appearance.id) is not None:
        return False
    _invite(appearance, event, site=site, at=at)
    record("system:appearance:invite", f"{ABOUT}:{appearance.id}", at=at)
    return True


def _invite(appearance: Appearance, event: Event, *, site: Site, at: datetime) -> None:
    address = _address(appearance) or ""
    facts = issue_speaker_invite(appearance.id, event.id, address, site, at)
    appearance.status = AppearanceStatus.INVITED
    db.session.flush()
    for each in _invited(event.id):
        if each.appearance.id == appearance.id:
            queue_invited(each.recipient, event, facts, site=site, at=at)


def _address(appearance: Appearance) -> str | None:
    return db.session.get_one(Speaker, appearance.speaker_id).email


def _end(
    invite: CalendarInvite, recipient: SpeakerRecipient, event: Event, *, elsewhere: bool, site: Site, at: datetime
) -> None:
    """Take an invitation back; after the event nobody is told of it."""
    if event.phase(at) is Phase.OVER:
        end_silently(invite)
        return
    queue_removed(recipient, event, end_invite(invite), elsewhere=elsewhere, site=site, at=at)
    if event.status is EventStatus.PUBLISHED:
        invite_if_booked(event, recipient.email, site=site, at=at)
