"""What a calendar's answer does (RFC 5546 3.2.3): who answers, whether it still counts, and the table of 5.3."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engage.audit.services import record
from engage.bookings.by_calendar import (
    accept_after_all,
    answerer_of,
    brings_people,
    decline,
    is_there_anyhow,
    may_return,
    promise_asking,
)
from engage.bookings.enums import BookingOutcome
from engage.bookings.mails import Addressee, queue_cancel_accepted
from engage.calendars.answers import (
    MOST_A_DAY,
    GivenAnswer,
    find_answered,
    get_invite,
    is_stale,
    live_again,
    note_answer,
)
from engage.calendars.enums import InviteKind, InviteState, PartStat
from engage.calendars.models import CalendarInvite
from engage.calendars.services import end_invite, facts_of
from engage.events.appearances import get_appearance
from engage.events.enums import AppearanceStatus, EventStatus, Phase
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.flows.reply_mails import queue_counter_declined, queue_held, queue_note, queue_request_again
from engage.flows.speaking import SpeakerRecipient, answer_to_speak, find_speaker_invite
from engage.kernel.db import db
from engage.kernel.errors import EngageError
from engage.kernel.settings import Site
from engage.mail.enums import InboundOutcome, MessageKind
from engage.mail.inbound.answers import Answer, Answerer
from engage.mail.inbound.headers import Headers
from engage.mail.inbound.reading import Inbound
from engage.mail.models import InboundMail
from engage.mail.queries import last_calendar_facts
from engage.mail.received import count_outcomes, settle
from engage.speakers.models import Speaker

DAY = timedelta(days=1)
WRITES = (InboundOutcome.OLD_TIME, InboundOutcome.SENT_AGAIN, InboundOutcome.TOLD)
ASKS = (InboundOutcome.HELD,)  # apart: what others write in somebody's name must not use up their own limit
RETURNS = (InboundOutcome.BOOKED_AGAIN, InboundOutcome.WAITING_AGAIN, InboundOutcome.NO_PLACE)
SPEAKS = {
    PartStat.ACCEPTED: AppearanceStatus.ACCEPTED,
    PartStat.TENTATIVE: AppearanceStatus.TENTATIVE,
    PartStat.DECLINED: AppearanceStatus.DECLINED,
}


@dataclass(frozen=True)
class _Case:
    """One answer about one entry, whose event's row is held."""

    invite: CalendarInvite
    event: Event
    recipient: Addressee
    row: InboundMail
    site: Site
    at: datetime

    @property
    def about(self) -> tuple[str, uuid.UUID]:
        return self.recipient.about

    @property
    def is_speaker(self) -> bool:
        return self.invite.kind is InviteKind.SPEAKER

    @property
    def has_ended(self) -> bool:
        return self.invite.state is not InviteState.LIVE or self.event.status is EventStatus.CANCELLED

    @property
    def can_return(self) -> bool:
        return self.event.status is EventStatus.PUBLISHED and not self.is_speaker and may_return(self.invite)

    def may_write(self, outcomes: tuple[InboundOutcome, ...] = WRITES) -> bool:
        """Tell whether one more mail may follow from answers about this entry today."""
        return count_outcomes(*outcomes, since=self.at - DAY, about=self.about) < MOST_A_DAY

    def may_return_now(self) -> bool:
        """Tell whether accepting may bring the places back: once a day, and once at all if that writes to guests."""
        since = self.invite.created_at if brings_people(self.invite) else self.at - DAY
        return count_outcomes(*RETURNS, since=since, about=self.about) == 0


def answer_invitation(row: InboundMail, inbound: Inbound, *, site: Site, at: datetime) -> bool:
    """Apply what a calendar answered, hold it, or say why not; False if it is about nothing of ours."""
    answer = inbound.answer
    found = None if answer is None else find_answered(answer.uid, inbound.headers.references)
    if answer is None or found is None:
        return False
    case = _hold(found.id, row, site=site, at=at)
    answerer = answer.by(case.invite.attendee_addr)
    is_author = inbound.headers.from_addr == case.invite.attendee_addr
    if answerer is None and not is_author:
        _finish(case, InboundOutcome.STRANGER, detail=answer.answerers[0].address)
        return True
    given = _given(answer, answerer or answer.answerers[0], at=at)
    if answer.of_one_instance:
        _finish(case, InboundOutcome.ONE_INSTANCE, given)
    elif _is_doubtful(inbound.headers, case.invite.attendee_addr):
        _hold_back(case, answer, given)
    elif answer.method == "REFRESH":
        _send_again(case, InboundOutcome.SENT_AGAIN, given)
    elif answer.method == "COUNTER":
        _decline_counter(case, answer, given)
    else:
        _apply(case, given, answer)
    return True


def confirm_held(row: InboundMail, *, site: Site, at: datetime) -> InboundOutcome:
    """Apply a reply that its invitee has confirmed to be theirs; a second time changes nothing. The row is held.

    Raises EntryGoneError.
    """
    outcome = InboundOutcome(row.outcome)
    if outcome is not InboundOutcome.HELD or row.reply is None:
        return outcome
    invite_id, given = uuid.UUID(row.reply["invite"]), GivenAnswer.from_json(row.reply["given"])
    _apply(_hold(invite_id, row, site=site, at=at), given, None)
    return InboundOutcome(row.outcome)


def held_invite(row: InboundMail) -> CalendarInvite | None:
    """Return the entry that a held reply is about, as long as it is kept."""
    return None if row.reply is None else db.session.get(CalendarInvite, uuid.UUID(row.reply["invite"]))


def _hold(invite_id: uuid.UUID, row: InboundMail, *, site: Site, at: datetime) -> _Case:
    """Hold the event and then the entry: whoever changes either waits. Raises EntryGoneError."""
    event = lock_event(get_invite(invite_id).event_id)
    invite = get_invite(invite_id, hold=True)
    return _Case(invite, event, _recipient(invite), row, site, at)


def _recipient(invite: CalendarInvite) -> Addressee:
    if invite.appearance_id is None:
        return answerer_of(invite)[2]
    appearance = get_appearance(invite.appearance_id)
    speaker = db.session.get_one(Speaker, appearance.speaker_id)
    return SpeakerRecipient(appearance.id, appearance.nonce, speaker.name, invite.attendee_addr)


def _given(answer: Answer, answerer: Answerer, *, at: datetime) -> GivenAnswer:
    """Return the answer as it is applied. A clock that is fast must not keep later answers out."""
    stamp = at if answer.stamp is None else min(answer.stamp, at)
    comment = answerer.comment or answer.comment
    return GivenAnswer(answerer.partstat, answer.sequence, stamp, comment, answerer.delegated_to)


def _is_doubtful(headers: Headers, attendee: str) -> bool:
    """Tell whether somebody else may have written in the invitee's name: another domain, or DMARC failed."""
    domain = (headers.from_addr or "").rpartition("@")[2]
    return headers.dmarc_failed or domain != attendee.rpartition("@")[2]


def _apply(case: _Case, given: GivenAnswer, answer: Answer | None) -> None:
    invite = case.invite
    too_late = _why_too_late(case, given)
    if too_late is not None:
        _finish(case, too_late, given)
    elif case.has_ended:
        _after_the_end(case, given)
    elif given.sequence < invite.time_sequence:
        _send_again(case, InboundOutcome.OLD_TIME, given)
    elif given.partstat == "DELEGATED":
        note_answer(invite, given, partstat=None)
        _tell_organisers(case, answer, given)
    elif given.partstat not in {each.value for each in SPEAKS}:
        _finish(case, InboundOutcome.UNCHANGED, given)
    else:
        _change(case, given, PartStat(given.partstat))


def _why_too_late(case: _Case, given: GivenAnswer) -> InboundOutcome | None:
    """Return why nothing can come of an answer, whoever wrote it; None if something may."""
    if is_stale(case.invite, given):
        return InboundOutcome.STALE
    is_over = case.event.phase(case.at) is Phase.OVER
    if is_over or (case.has_ended and given.partstat != PartStat.ACCEPTED):
        return InboundOutcome.ENDED
    return None


def _change(case: _Case, given: GivenAnswer, partstat: PartStat) -> None:
    """Do what the answer says: accepted, maybe, declined."""
    invite = case.invite
    if invite.partstat is partstat and (invite.reply_comment or "") == given.comment:
        note_answer(invite, given, partstat=partstat)
        _finish(case, InboundOutcome.UNCHANGED, given)
        return
    note_answer(invite, given, partstat=partstat)
    try:
        if invite.appearance_id is not None:
            answer_to_speak(
                invite.appearance_id,
                SPEAKS[partstat],
                message=given.comment,
                site=case.site,
                at=case.at,
                by="reply",
                given_at=given.stamp,
            )
        elif partstat is PartStat.DECLINED:
            decline(invite, site=case.site, at=case.at)
        elif partstat is PartStat.TENTATIVE:
            promise_asking(invite, case.event, at=case.at)
    except EngageError as error:
        _finish(case, InboundOutcome.ENDED, given, detail=type(error).__name__)
        return
    _finish(case, InboundOutcome.APPLIED, given)


def _after_the_end(case: _Case, given: GivenAnswer) -> None:
    """Answer who accepts an entry that ended: only who declined it in their calendar may change their mind."""
    if not case.can_return:
        _end_again(case, InboundOutcome.ENDED, given)
    elif not case.may_return_now():
        _end_again(case, InboundOutcome.TOO_MANY, given)
    else:
        came_of_it = accept_after_all(case.invite, case.event, site=case.site, at=case.at)
        if came_of_it is BookingOutcome.PLACE:
            note_answer(case.invite, given, partstat=PartStat.ACCEPTED)
            _finish(case, InboundOutcome.BOOKED_AGAIN, given)
        else:
            waits = came_of_it is BookingOutcome.WAITING
            _end_again(case, InboundOutcome.WAITING_AGAIN if waits else InboundOutcome.NO_PLACE, given)


def _end_again(case: _Case, outcome: InboundOutcome, given: GivenAnswer) -> None:
    """Say what an answer to an entry that ended was, and take the entry out of the calendar that has it again."""
    note_answer(case.invite, given, partstat=None)
    last = last_calendar_facts(*case.about, uid=case.invite.uid)
    was_carried = case.invite.first_message_id is not None  # else it never stood in a calendar
    if was_carried and not (last or {}).get("accepted_late"):
        _take_back(case, again=case.is_speaker or (last is not None and last["calendar"]["method"] == "CANCEL"))
    _finish(case, outcome, given)


def _take_back(case: _Case, *, again: bool) -> None:
    """Send the CANCEL of an entry `again`, or for the first time if none went to a calendar that declined."""
    invite, event = case.invite, case.event
    if not again:
        live_again(invite)
        end_invite(invite)
    more: dict[str, Any] = {"accepted_late": True}
    if event.status is EventStatus.CANCELLED:
        kind, more["reason"] = MessageKind.EVENT_CANCELLED, event.cancel_reason or ""
    elif invite.appearance_id is not None:
        kind, more["elsewhere"] = MessageKind.SPEAKER_REMOVED, find_speaker_invite(invite.appearance_id) is not None
    else:
        kind, more["elsewhere"] = MessageKind.BOOKING_CANCELLED, is_there_anyhow(invite)
    facts = facts_of(invite)
    queue_cancel_accepted(case.recipient, event, facts, kind=kind, again=again, site=case.site, at=case.at, **more)


def _send_again(case: _Case, outcome: InboundOutcome, given: GivenAnswer) -> None:
    """Send the entry as it stands, with no new SEQUENCE."""
    if case.invite.state is not InviteState.LIVE or case.event.phase(case.at) is Phase.OVER:
        _finish(case, InboundOutcome.ENDED, given)
        return
    if not case.may_write():
        _finish(case, InboundOutcome.TOO_MANY, given)
        return
    kind = MessageKind.SPEAKER_INVITED if case.is_speaker else MessageKind.INVITATION
    queue_request_again(case.recipient, facts_of(case.invite), case.row, kind=kind, site=case.site, at=case.at)
    _finish(case, outcome, given)


def _hold_back(case: _Case, answer: Answer, given: GivenAnswer) -> None:
    """Ask the invitee before anything is done in their name; what only costs mail is not asked about."""
    too_late = _why_too_late(case, given)
    if too_late is None and case.has_ended and not case.can_return:
        too_late = InboundOutcome.ENDED
    if answer.method != "REPLY":
        _finish(case, InboundOutcome.FORGED, given)
    elif too_late is not None:
        _finish(case, too_late, given)
    elif not case.may_write(ASKS):
        _finish(case, InboundOutcome.TOO_MANY, given)
    else:
        held: dict[str, Any] = {"invite": str(case.invite.id), "given": given.to_json()}
        queue_held(case.recipient, case.event, case.row, partstat=given.partstat, site=case.site, at=case.at)
        _finish(case, InboundOutcome.HELD, given, reply=held)


def _decline_counter(case: _Case, answer: Answer, given: GivenAnswer) -> None:
    """Tell the organisers what is proposed, and its author that the time stays as it is."""
    if case.invite.state is not InviteState.LIVE or case.event.phase(case.at) is Phase.OVER:
        _finish(case, InboundOutcome.ENDED, given)
    elif case.may_write():
        queue_counter_declined(
            case.recipient,
            case.event,
            facts_of(case.invite),
            case.row,
            sequence=given.sequence,
            site=case.site,
            at=case.at,
        )
        _tell_organisers(case, answer, given)
    else:
        _finish(case, InboundOutcome.TOO_MANY, given)


def _tell_organisers(case: _Case, answer: Answer | None, given: GivenAnswer) -> None:
    if answer is None:  # confirmed later: what is kept of it has no proposal
        answerer = Answerer(case.invite.attendee_addr, given.partstat, given.comment, given.delegated_to)
        answer = Answer("REPLY", case.invite.uid, (answerer,), given.sequence, given.stamp, given.comment, False)
    if case.may_write():
        queue_note(case.event, case.about, answer, case.row, name=case.recipient.name, site=case.site, at=case.at)
        _finish(case, InboundOutcome.TOLD, given)
    else:
        _finish(case, InboundOutcome.TOO_MANY, given)


def _finish(
    case: _Case,
    outcome: InboundOutcome,
    given: GivenAnswer | None = None,
    *,
    detail: str = "",
    reply: dict[str, Any] | None = None,
) -> None:
    """Say what came of an answer, in the log of mails and in one line of the audit."""
    said = given.partstat if given else ""
    settle(case.row, outcome, about=case.about, detail=detail or said, reply=reply)
    about_type, about_id = case.about
    after = {"answer": said, "outcome": outcome.value, "mail": str(case.row.id)}
    record(
        "attendee:reply:send" if not case.is_speaker else "speaker:reply:send",
        f"{about_type}:{about_id}",
        at=case.at,
        after=after,
    )
