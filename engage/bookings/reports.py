"""What became of the mail about an event."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from engage.bookings.mail_about import about_event
from engage.kernel.db import db
from engage.mail.enums import MessageKind, MessageState
from engage.mail.models import UNSETTLED, Message
from engage.mail.reasons import plain_reason


@dataclass(frozen=True)
class MailOfKind:
    """The messages of one kind about an event, by what became of them."""

    kind: MessageKind
    sent: int
    queued: int
    failed: int
    bounced: int
    dropped: int
    last_at: datetime
    last_error: str | None

    @property
    def reason(self) -> str | None:
        """Return the last fault in plain words, to be translated."""
        return None if self.last_error is None else plain_reason(self.last_error)

    @property
    def total(self) -> int:
        """Return how many there are."""
        return self.sent + self.queued + self.failed + self.bounced + self.dropped


def mail_of_event(event_id: uuid.UUID) -> list[MailOfKind]:
    """Return the mail about an event, a line for each kind, the first written kind first.

    `last_error` is that of the newest message of the kind that has one and is not sent.
    """
    about = about_event(event_id)
    counted = db.session.execute(
        select(Message.kind, Message.state, func.count(), func.min(Message.created_at), func.max(Message.created_at))
        .where(about)
        .group_by(Message.kind, Message.state)
    ).all()
    last_errors = _last_errors(about) if any(row[1] is not MessageState.SENT for row in counted) else {}
    first = {kind: min(row[3] for row in counted if row[0] is kind) for kind in {row[0] for row in counted}}
    return [
        MailOfKind(
            kind,
            **{state.value: sum(row[2] for row in counted if row[:2] == (kind, state)) for state in MessageState},
            last_at=max(row[4] for row in counted if row[0] is kind),
            last_error=last_errors.get(kind),
        )
        for kind in sorted(first, key=lambda kind: (first[kind], kind))
    ]


def _last_errors(about: ColumnElement[bool]) -> dict[MessageKind, str | None]:
    newest = (
        select(func.max(Message.id)).where(about, UNSETTLED, Message.last_error.is_not(None)).group_by(Message.kind)
    )
    found = db.session.execute(select(Message.kind, Message.last_error).where(Message.id.in_(newest)))
    return {row.kind: row.last_error for row in found}
