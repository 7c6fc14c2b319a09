"""Reading the outbox."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select

from engage.kernel.db import db, table_of
from engage.mail.enums import CONFIDENTIAL, MessageKind, MessageState
from engage.mail.models import UNSETTLED, AddressFault, Message

_MESSAGE, _FAULT = table_of(Message).c, table_of(AddressFault).c
_IS_BAD = exists().where(_FAULT.address == _MESSAGE.to_addr, _FAULT.bad_since.is_not(None))
_TO_SEND = select(
    *(_MESSAGE.id, _MESSAGE.state, _MESSAGE.kind, _MESSAGE.to_addr, _MESSAGE.envelope_from, _MESSAGE.bytes),
    _IS_BAD.correlate(table_of(Message)).label("is_bad"),
).where(_MESSAGE.id.in_(bindparam("messages", expanding=True)))


def find_message(message_id: int) -> Message | None:
    """Return a message of the outbox."""
    return db.session.get(Message, message_id)


def find_to_send(message_ids: Sequence[int]) -> dict[int, Any]:
    """Return what handing messages over needs to know, by id; one that is gone is not there.

    Rows with `state`, `kind`, `to_addr`, `envelope_from`, `bytes`, and `is_bad`: nothing is sent to that address.
    """
    return {row.id: row for row in db.session.execute(_TO_SEND, {"messages": message_ids})}


def find_messages(message_ids: Sequence[int]) -> Sequence[Message]:
    """Return messages of the outbox, in the order in which they were queued."""
    return db.session.scalars(select(Message).where(Message.id.in_(message_ids)).order_by(Message.id)).all()


def latest_messages(*, limit: int = 200) -> Sequence[Message]:
    """Return messages, newest first."""
    return db.session.scalars(select(Message).order_by(Message.id.desc()).limit(limit)).all()


def messages_about(about_type: str, about_ids: Sequence[uuid.UUID], *, limit: int = 500) -> Sequence[Message]:
    """Return the messages about some rows, newest first."""
    return db.session.scalars(
        select(Message)
        .where(Message.about_type == about_type, Message.about_id.in_(about_ids))
        .order_by(Message.id.desc())
        .limit(limit)
    ).all()


def find_latest(state: MessageState) -> Message | None:
    """Return the newest message that ended in a state, of those that may be told of."""
    told = (Message.state == state, Message.kind.not_in(CONFIDENTIAL))
    return db.session.scalars(select(Message).where(*told).order_by(Message.id.desc()).limit(1)).first()


def latest_of_kind(kind: MessageKind, about_id: uuid.UUID, *, limit: int) -> Sequence[Message]:
    """Return the newest messages of a kind about a row."""
    return db.session.scalars(
        select(Message)
        .where(Message.kind == kind, Message.about_id == about_id)
        .order_by(Message.id.desc())
        .limit(limit)
    ).all()


def last_calendar_facts(about_type: str, about_id: uuid.UUID, *, uid: str) -> dict[str, Any] | None:
    """Return the facts of the latest mail about a row that carried a calendar entry, or None."""
    own = (Message.about_type == about_type, Message.about_id == about_id)
    entry = Message.facts["calendar"]["uid"].as_string() == uid
    return db.session.scalars(select(Message.facts).where(*own, entry).order_by(Message.id.desc()).limit(1)).first()


def count_since(kind: MessageKind, about_id: uuid.UUID, *, since: datetime, to_addr: str | None = None) -> int:
    """Return how many messages of a kind about a row were queued after a moment, to everybody or to one address."""
    statement = select(func.count(Message.id)).where(
        Message.kind == kind, Message.about_id == about_id, Message.created_at > since
    )
    if to_addr is not None:
        statement = statement.where(Message.to_addr == to_addr)
    return db.session.scalar(statement) or 0


def count_to(kind: MessageKind, address: str, *, since: datetime) -> int:
    """Return how many messages of a kind to an address were queued after a moment."""
    statement = select(func.count(Message.id)).where(
        Message.kind == kind, Message.to_addr == address, Message.created_at > since
    )
    return db.session.scalar(statement) or 0


def count_by_state(*states: MessageState, since: datetime) -> dict[MessageState, int]:
    """Return how many messages that were queued after a moment are in each of these states; SENT is none of them."""
    counted = db.session.execute(
        select(Message.state, func.count(Message.id))
        .where(UNSETTLED, Message.state.in_(states), Message.created_at > since)
        .group_by(Message.state)
    )
    return dict.fromkeys(states, 0) | {row[0]: row[1] for row in counted}


def oldest_unsent() -> datetime | None:
    """Return when the message that waits longest was queued."""
    waits = select(func.min(Message.created_at)).where(UNSETTLED, Message.state == MessageState.QUEUED)
    return db.session.scalar(waits)
