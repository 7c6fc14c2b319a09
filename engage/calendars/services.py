"""Changing invitations: what stands in a calendar is made once, raised, and ended (RFC 5546 2.1)."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert, update

from engage.calendars.enums import InviteKind, InviteState, PartStat
from engage.calendars.models import CalendarInvite
from engage.kernel.db import db, table_of
from engage.kernel.plain import run_plain
from engage.kernel.settings import Site

Method = Literal["REQUEST", "CANCEL"]
_INSERT = insert(table_of(CalendarInvite))
AT_ANOTHER_TIME: dict[str, Any] = {"time_sequence": CalendarInvite.sequence + 1, "partstat": PartStat.NEEDS_ACTION}


@dataclass(frozen=True)
class InviteFacts:
    """What a mail must know of an invitation as it is at one moment."""

    id: uuid.UUID
    uid: str
    sequence: int
    organizer_addr: str
    attendee_addr: str
    first_message_id: str | None
    created_at: datetime
    kind: InviteKind = InviteKind.ATTENDEE
    partstat: PartStat = PartStat.NEEDS_ACTION

    def frozen(self, method: Method, *, at: datetime, tentative: bool = False) -> dict[str, Any]:
        """Return what a mail freezes of it as its `calendar`; `tentative` says that the event may not take place."""
        return {
            "method": method,
            "uid": self.uid,
            "sequence": self.sequence,
            "stamp": at.isoformat(),
            "created": self.created_at.isoformat(),
            "organizer_addr": self.organizer_addr,
            "attendee_addr": self.attendee_addr,
            "kind": self.kind.value,
            "partstat": self.partstat.value,
            **({"tentative": True} if tentative else {}),
        }


def issue_invite(
    *,
    event_id: uuid.UUID,
    booking_id: uuid.UUID,
    guest_id: uuid.UUID | None = None,
    attendee_addr: str,
    carried: bool = True,
    site: Site,
    at: datetime,
) -> InviteFacts:
    """Make the invitation of a booking's holder or of a guest, under a UID of its own; each has one for life.

    One that is not `carried` is in no mail until `carry_invite`: the event stands in that calendar already. One
    plain INSERT, since it stands in the path of every booking.
    """
    facts = _new_facts(attendee_addr, site=site, at=at)
    if not carried:
        facts = replace(facts, first_message_id=None)
    about = {"event_id": event_id, "booking_id": booking_id, "guest_id": guest_id}
    run_plain(_INSERT, {**vars(facts), **about, "state": InviteState.LIVE})
    return facts


def issue_speaker_invite(
    appearance_id: uuid.UUID, event_id: uuid.UUID, attendee_addr: str, site: Site, at: datetime
) -> InviteFacts:
    """Make the invitation of somebody in a line-up; a second one that lives breaks its UNIQUE.

    Once it ended, the next one has a UID of its own.
    """
    facts = _new_facts(attendee_addr, kind=InviteKind.SPEAKER, site=site, at=at)
    about = {"event_id": event_id, "appearance_id": appearance_id}
    run_plain(_INSERT, {**vars(facts), **about, "state": InviteState.LIVE})
    return facts


def issue_invites(
    event_id: uuid.UUID,
    holders: Sequence[tuple[uuid.UUID, str]],
    *,
    not_carried: Collection[str] = (),
    site: Site,
    at: datetime,
) -> list[InviteFacts]:
    """Make the invitations of many bookings, given as id and address of the holder, in their order.

    Those to the addresses of `not_carried` are in no mail yet, as with `issue_invite`.
    """
    made = [_new_facts(address, site=site, at=at) for _, address in holders]
    facts = [replace(one, first_message_id=None) if one.attendee_addr in not_carried else one for one in made]
    rows = [
        {**vars(one), "event_id": event_id, "booking_id": booking_id, "guest_id": None, "state": InviteState.LIVE}
        for one, (booking_id, _) in zip(facts, holders, strict=True)
    ]
    db.session.execute(_INSERT, rows)
    return facts


def _new_facts(attendee_addr: str, *, kind: InviteKind = InviteKind.ATTENDEE, site: Site, at: datetime) -> InviteFacts:
    invite_id = uuid.uuid4()
    occasion = "speaker_invited" if kind is InviteKind.SPEAKER else "invitation"
    return InviteFacts(
        id=invite_id,
        uid=f"{uuid.uuid4()}@{site.mail_domain}",
        sequence=0,
        organizer_addr=site.mail_from,
        attendee_addr=attendee_addr,
        first_message_id=message_id_of(invite_id, 0, occasion, site),
        created_at=at,
        kind=kind,
    )


def carry_invite(invite: CalendarInvite, *, site: Site) -> InviteFacts:
    """Let an invitation that no mail has carried yet be sent from now on; returns its facts, the SEQUENCE raised."""
    invite.first_message_id = message_id_of(invite.id, 0, "invitation", site)
    db.session.flush()
    return raise_sequences([invite.id], time_changed=False)[invite.id]


def raise_sequences(invite_ids: Sequence[uuid.UUID], *, time_changed: bool) -> dict[uuid.UUID, InviteFacts]:
    """Note that a change of living invitations is sent; at another time each asks anew whether somebody comes.

    Returns their facts by id; one that ended in this moment is not among them.
    """
    return {invite.id: facts_of(invite) for invite in _raise(invite_ids, **(AT_ANOTHER_TIME if time_changed else {}))}


def end_invite(invite: CalendarInvite) -> InviteFacts:
    """Note that a living invitation is taken back. Raises ValueError for one that ended."""
    for ended in _raise([invite.id], state=InviteState.CANCELLED):
        return facts_of(ended)
    raise ValueError("an invitation that ended is not taken back any more")


def _raise(invite_ids: Sequence[uuid.UUID], **values: Any) -> Sequence[CalendarInvite]:
    """Raise the SEQUENCE of those that live, by one guarded UPDATE, so that no two changes have the same."""
    if not invite_ids:
        return []
    statement = (
        update(CalendarInvite)
        .where(CalendarInvite.id.in_(invite_ids), CalendarInvite.state == InviteState.LIVE)
        .values(sequence=CalendarInvite.sequence + 1, **values)
        .returning(CalendarInvite)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return db.session.scalars(statement).all()


def end_silently(invite: CalendarInvite) -> None:
    """Let an invitation end with no mail, for somebody who wants none."""
    invite.state = InviteState.CANCELLED


def mask_attendee(invite: CalendarInvite, *, masked: str) -> None:
    """Take somebody's address and words out of their invitation; the UID stays, so that it is never given again."""
    invite.attendee_addr, invite.reply_comment = masked, None


def move_guest_invites(guest_ids: Sequence[uuid.UUID], new_booking_id: uuid.UUID) -> None:
    """Let the invitations of guests follow them to the booking that they are on now."""
    moved = update(CalendarInvite).where(CalendarInvite.guest_id.in_(guest_ids))
    db.session.execute(moved.values(booking_id=new_booking_id))


def facts_of(invite: CalendarInvite) -> InviteFacts:
    """Return the facts of an invitation as it is now."""
    return InviteFacts(
        id=invite.id,
        uid=invite.uid,
        sequence=invite.sequence,
        organizer_addr=invite.organizer_addr,
        attendee_addr=invite.attendee_addr,
        first_message_id=invite.first_message_id,
        created_at=invite.created_at,
        kind=invite.kind,
        partstat=invite.partstat,
    )


def message_id_of(invite_id: uuid.UUID, sequence: int, kind: str, site: Site) -> str:
    """Return the Message-ID of a mail about an invitation; a retry has the same (calendar-mail 4.1)."""
    return f"<i-{invite_id.hex}.{sequence}.{kind}@{site.mail_domain}>"
