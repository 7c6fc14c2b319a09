"""A mail that did not arrive goes back into the queue: the same bytes if they are kept, else the same frozen facts.

Its Message-ID is that of the row, so whoever got it after all sees one mail (R13, R14).
"""

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import aliased

from engage.kernel.db import db
from engage.kernel.models import Job, JobState
from engage.mail.enums import MessageKind, MessageState
from engage.mail.errors import AddressBadError, MailNotFailedError, MailNotFoundError, MailOutdatedError
from engage.mail.faults import is_bad
from engage.mail.models import AddressFault, Message
from engage.mail.services import SEND

AT_ONCE = 500  # ids in one statement
FAILED = (MessageState.FAILED, MessageState.BOUNCED)
ERASED = "%@erased.invalid"
# What says how somebody stands: a later one of these about the same row makes an earlier one untrue.
TELLS_STATE = (
    MessageKind.INVITATION,
    MessageKind.MOVED,
    MessageKind.UPDATED,
    MessageKind.BOOKING_CANCELLED,
    MessageKind.EVENT_CANCELLED,
    MessageKind.NO_LONGER_BOOKED,
    MessageKind.WAITING,
    MessageKind.OFFER,
    MessageKind.OFFER_EXPIRED,
    MessageKind.LIST_CLOSED,
    MessageKind.SPEAKER_INVITED,
    MessageKind.SPEAKER_REMOVED,
)


def send_again(message_id: int, *, at: datetime) -> Message:
    """Put one mail that failed back into the queue.

    Raises MailNotFoundError, MailNotFailedError, AddressBadError, MailOutdatedError.
    """
    message = db.session.get(Message, message_id, with_for_update=True, populate_existing=True)
    if message is None:
        raise MailNotFoundError
    if message.state not in FAILED:
        raise MailNotFailedError
    if is_bad(message.to_addr):
        raise AddressBadError
    if not put_back([message_id], at=at):
        raise MailOutdatedError
    db.session.refresh(message)
    return message


def put_back(message_ids: list[int], *, at: datetime) -> int:
    """Put those of some mails that failed and still hold back into the queue; returns how many.

    Whoever else does it in this moment waits for the rows and then finds nothing to do.
    """
    done = 0
    for first in range(0, len(message_ids), AT_ONCE):
        some = message_ids[first : first + AT_ONCE]
        back = db.session.scalars(
            update(Message)
            .where(Message.id.in_(some), may_go_again())
            .values(state=MessageState.QUEUED, last_error=None)
            .returning(Message.id)
            .execution_options(synchronize_session=False)
        ).all()
        keys = {message_id: f"{SEND}:{message_id}" for message_id in back}
        db.session.execute(
            delete(Job).where(Job.dedupe_key.in_(keys.values())).execution_options(synchronize_session=False)
        )
        db.session.add_all(
            Job(
                name=SEND,
                arguments={"message": message_id},
                run_at=at,
                dedupe_key=key,
                state=JobState.DUE,
                attempts=0,
                created_at=at,  # a day of trying of its own
            )
            for message_id, key in keys.items()
        )
        db.session.flush()
        done += len(back)
    return done


def may_go_again() -> ColumnElement[bool]:
    """Return the condition that a mail failed, is not outdated, and that its address is neither bad nor erased."""
    later = aliased(Message)
    outdated = exists().where(
        later.about_type == Message.about_type,
        later.about_id == Message.about_id,
        later.id > Message.id,
        Message.kind.in_(TELLS_STATE),
        later.kind.in_(TELLS_STATE),
    )
    bad = exists().where(AddressFault.address == Message.to_addr, AddressFault.bad_since.is_not(None))
    return Message.state.in_(FAILED) & Message.to_addr.not_like(ERASED) & ~outdated & ~bad


def going_again(message_ids: list[int]) -> set[int]:
    """Return which of some mails could be sent again."""
    return set(db.session.scalars(select(Message.id).where(Message.id.in_(message_ids), may_go_again())))


def drop_undelivered(about_type: str, about_id: uuid.UUID, *, to: str) -> None:
    """Let what was not delivered about a row to an address that is theirs no more not be sent, nor tried again."""
    undelivered = (MessageState.QUEUED, *FAILED)
    waiting = (Message.about_type == about_type, Message.about_id == about_id, Message.state.in_(undelivered))
    db.session.execute(
        update(Message)
        .where(*waiting, Message.to_addr == to)
        .values(state=MessageState.DROPPED, bytes=None)
        .execution_options(synchronize_session=False)
    )
