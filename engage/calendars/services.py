"""Changing invitations: what stands in a calendar is made once, raised, and ended (RFC 5546 2.1)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update

from engage.calendars.enums import InviteState
from engage.calendars.models import CalendarInvite
from engage.kernel.db import db, table_of
from engage.kernel.plain import run_plain
from engage.kernel.settings import Site

_INSERT = insert(table_of(CalendarInvite))


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


def issue_invite(
    *,
    event_id: uuid.UUID,
    booking_id: uuid.UUID,
    guest_id: uuid.UUID | None = None,
    attendee_addr: str,
    site: Site,
    at: datetime,
) -> InviteFacts:
    """Make the invitation of a booking's holder or of a guest, under a UID of its own; each has one for life.

    One plain INSERT, since it stands in the path of every booking.
    """
    facts = _new_facts(attendee_addr, site=site, at=at)
    about = {"event_id": event_id, "booking_id": booking_id, "guest_id": guest_id}
    run_plain(_INSERT, {**vars(facts), **about, "state": InviteState.LIVE})
    return facts


def issue_invites(
    event_id: uuid.UUID, holders: Sequence[tuple[uuid.UUID, str]], *, site: Site, at: datetime
) -> list[InviteFacts]:
    """Make the invitations of many bookings, given as id and address of the holder, in their order."""
    facts = [_new_facts(address, site=site, at=at) for _, address in holders]
    rows = [
        {**vars(one), "event_id": event_id, "booking_id": booking_id, "guest_id": None, "state": InviteState.LIVE}
        for one, (booking_id, _) in zip(facts, holders, strict=True)
    ]
    db.session.execute(_INSERT, rows)
    return facts


def _new_facts(attendee_addr: str, *, site: Site, at: datetime) -> InviteFacts:
    invite_id = uuid.uuid4()
    return InviteFacts(
        id=invite_id,
        uid=f"{uuid.uuid4()}@{site.mail_domain}",
        sequence=0,
        organizer_addr=site.mail_from,
        attendee_addr=attendee_addr,
        first_message_id=message_id_of(invite_id, 0, "invitation", site),
        created_at=at,
    )


def raise_sequence(invite: CalendarInvite, *, time_changed: bool) -> InviteFacts:
    """Note that a change of a living invitation is sent. Raises ValueError for one that ended."""
    if invite.state is not InviteState.LIVE:
        raise ValueError("an invitation that ended is not changed any more")
    invite.sequence += 1
    if time_changed:
        invite.time_sequence = invite.sequence
    return facts_of(invite)


def end_invite(invite: CalendarInvite) -> InviteFacts:
    """Note that a living invitation is taken back. Raises ValueError for one that ended."""
    facts = raise_sequence(invite, time_changed=False)
    invite.state = InviteState.CANCELLED
    return facts


def end_silently(invite: CalendarInvite) -> None:
    """Let an invitation end with no mail, for somebody who wants none."""
    invite.state = InviteState.CANCELLED


def mask_attendee(invite: CalendarInvite, *, masked: str) -> None:
    """Take somebody's address out of their invitation; the UID stays, so that it is never given again."""
    invite.attendee_addr = masked


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
    )


def message_id_of(invite_id: uuid.UUID, sequence: int, kind: str, site: Site) -> str:
    """Return the Message-ID of a mail about an invitation; a retry has the same (calendar-mail 4.1)."""
    return f"<i-{invite_id.hex}.{sequence}.{kind}@{site.mail_domain}>"
