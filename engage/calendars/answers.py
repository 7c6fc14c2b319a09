"""What somebody's calendar answered: found by UID, dated, kept with the entry (RFC 5546 3.2.3)."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import select

from engage.calendars.enums import InviteState, PartStat
from engage.calendars.errors import EntryGoneError
from engage.calendars.models import CalendarInvite
from engage.kernel.db import db

MOST_A_DAY = 3  # mails that answers to one entry bring about: some calendars answer by themselves
_OUR_ID = re.compile(r"<i-([0-9a-f]{32})\.[0-9]+\.[a-z_]+@")


@dataclass(frozen=True)
class GivenAnswer:
    """One answer to one entry, as it is applied, or kept until somebody confirms it.

    `partstat` may be DELEGATED besides those of PartStat; `stamp` is when it was written.
    """

    partstat: str
    sequence: int
    stamp: datetime
    comment: str = ""
    delegated_to: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return values that JSON can hold."""
        return {**asdict(self), "stamp": self.stamp.isoformat()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the answer that `to_json` wrote."""
        return cls(**{**values, "stamp": datetime.fromisoformat(values["stamp"])})


def find_answered(uid: str, references: Sequence[str]) -> CalendarInvite | None:
    """Return the entry that an answer is about: by its UID, else by the Message-IDs of ours that it answers."""
    found = db.session.scalar(select(CalendarInvite).where(CalendarInvite.uid == uid))
    return found or find_referred(references)


def find_referred(references: Sequence[str]) -> CalendarInvite | None:
    """Return the entry that one of our own Message-IDs names."""
    for each in references:
        named = _OUR_ID.match(each)
        invite = db.session.get(CalendarInvite, uuid.UUID(named[1])) if named else None
        if invite is not None and (invite.first_message_id or "").partition("@")[2] == each.partition("@")[2]:
            return invite
    return None


def get_invite(invite_id: uuid.UUID, *, hold: bool = False) -> CalendarInvite:
    """Return an entry; with `hold` as it is now, and nobody else changes it until the transaction ends.

    Raises EntryGoneError.
    """
    found = db.session.get(CalendarInvite, invite_id, with_for_update=hold or None, populate_existing=hold)
    if found is None:
        raise EntryGoneError
    return found


def is_stale(invite: CalendarInvite, answer: GivenAnswer) -> bool:
    """Tell whether something newer counts, from a calendar or given on a page."""
    return invite.reply_stamp is not None and answer.stamp < invite.reply_stamp


def note_answer(invite: CalendarInvite, answer: GivenAnswer, *, partstat: PartStat | None) -> None:
    """Keep what was answered last, when, and the words that came with it."""
    invite.reply_stamp = answer.stamp
    invite.reply_comment = answer.comment or None
    if partstat is not None:
        invite.partstat = partstat
    db.session.flush()


def note_answered(invite: CalendarInvite | None, *, at: datetime) -> None:
    """Note when somebody answered on a page, or, if that was earlier, wrote what is applied now.

    What their calendar wrote before is stale; DTSTAMP knows whole seconds (RFC 5545 3.3.5).
    """
    if invite is not None:
        invite.reply_stamp = at.replace(microsecond=0)


def live_again(invite: CalendarInvite) -> None:
    """Let an entry that somebody declined, and accepted after all, stand again under its own UID."""
    invite.state = InviteState.LIVE
    db.session.flush()
