"""Changing the outbox. A message is a row in the transaction of what it tells; the worker sends it."""

import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, bindparam, cast, insert, literal, or_, select, update

from engage.kernel.db import db, table_of
from engage.kernel.models import Job, JobState
from engage.kernel.plain import run_plain
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind, MessageState
from engage.mail.models import Message

SEND = "mail.send"
LOST_AFTER = timedelta(hours=1)
_MESSAGES = table_of(Message)
_INSERT_MESSAGE = insert(_MESSAGES).returning(_MESSAGES.c.id)
_JOBS = table_of(Job)
_INSERT_JOB = insert(_JOBS)
_QUEUED = (_MESSAGES.c.id == bindparam("message"), _MESSAGES.c.state == MessageState.QUEUED)
_SENT_KEPT = update(_MESSAGES).where(*_QUEUED).values(state=MessageState.SENT, sent_at=bindparam("at"), last_error=None)
_SENT = _SENT_KEPT.values(bytes=None)


_KEEP = (
    update(_MESSAGES)
    .where(*_QUEUED, _MESSAGES.c.bytes.is_(None))
    .values(bytes=bindparam("data"), subject=bindparam("subject"))
)


def queue(
    kind: MessageKind,
    *,
    logical_key: str,
    to_addr: str,
    facts: dict[str, Any],
    locale: str,
    about_type: str,
    about_id: uuid.UUID,
    site: Site,
    at: datetime,
    message_id: str | None = None,
    in_reply_to: str | None = None,
) -> int:
    """Queue one mail to one person and the job that sends it; returns the message's id.

    `logical_key` names the occasion: a second mail for the same one breaks its UNIQUE. `facts` are frozen
    here and open nothing: links in them are `{"links": {"manage": [purpose, row id, nonce]}}`. Two plain
    INSERTs, since they stand in the path of every booking.
    """
    opaque = secrets.token_hex(8)
    queued = run_plain(
        _INSERT_MESSAGE,
        {
            "logical_key": logical_key,
            "kind": kind,
            "to_addr": to_addr,
            "envelope_from": f"bounce-{opaque}@{site.mail_domain}",
            "locale": locale,
            "facts": facts,
            "message_id": message_id or f"<m-{opaque}@{site.mail_domain}>",
            "in_reply_to": in_reply_to,
            "about_type": about_type,
            "about_id": about_id,
            "state": MessageState.QUEUED,
            "created_at": at,
        },
    )
    message: int = queued[0].id
    run_plain(_INSERT_JOB, _send_job(message, at=at))
    return message


@dataclass(frozen=True)
class Draft:
    """A mail that is one of many: what `queue` is told of one."""

    kind: MessageKind
    logical_key: str
    to_addr: str
    facts: dict[str, Any]
    locale: str
    about_type: str
    about_id: uuid.UUID
    message_id: str | None = None
    in_reply_to: str | None = None


def queue_all(drafts: Sequence[Draft], *, site: Site, at: datetime) -> int:
    """Queue several mails, each once: one whose occasion was written about already is left alone.

    Returns how many are new. The caller holds what nobody else may queue the same mails by.
    """
    keys = [draft.logical_key for draft in drafts]
    known = set(db.session.scalars(select(_MESSAGES.c.logical_key).where(_MESSAGES.c.logical_key.in_(keys))))
    new = {draft.logical_key: draft for draft in drafts if draft.logical_key not in known}
    queue_new(list(new.values()), site=site, at=at)
    return len(new)


def queue_new(drafts: Sequence[Draft], *, site: Site, at: datetime) -> None:
    """Queue several mails about what was made in this transaction, so that none can have been written before."""
    messages = []
    for draft in drafts:
        opaque = secrets.token_hex(8)
        messages.append(
            {
                **vars(draft),
                "envelope_from": f"bounce-{opaque}@{site.mail_domain}",
                "message_id": draft.message_id or f"<m-{opaque}@{site.mail_domain}>",
                "state": MessageState.QUEUED,
                "created_at": at,
            }
        )
    if messages:
        ids = db.session.execute(_INSERT_MESSAGE, messages).scalars().all()
        db.session.execute(_INSERT_JOB, [_send_job(message_id, at=at) for message_id in ids])


@dataclass(frozen=True)
class Rendered:
    """A mail as it will be sent."""

    message_id: int
    subject: str
    data: bytes


def keep_bytes(mails: Sequence[Rendered]) -> None:
    """Keep what was rendered, each unless something is kept already: every attempt sends the same bytes (R13)."""
    if mails:
        values = [{"message": mail.message_id, "data": mail.data, "subject": mail.subject} for mail in mails]
        db.session.connection().execute(_KEEP, values)


def mark_sent(message_id: int, *, at: datetime, keep: bool) -> None:
    """Say that a mail was handed over; `keep` keeps its bytes, which hold links, for a developer's eyes."""
    run_plain(_SENT_KEPT if keep else _SENT, {"message": message_id, "at": at})


def mark_failed(message_id: int, *, reason: str, keep: bool) -> None:
    """Say that a mail will never be handed over."""
    _set(message_id, state=MessageState.FAILED, last_error=reason[:1000], **({} if keep else {"bytes": None}))


def mark_dropped(message_id: int, *, keep: bool) -> None:
    """Say that a mail is not needed any more and is not sent."""
    _set(message_id, state=MessageState.DROPPED, last_error=None, **({} if keep else {"bytes": None}))


def note_fault(message_id: int, *, reason: str) -> None:
    """Note why a mail has to wait."""
    _set(message_id, last_error=reason[:1000])


def requeue_lost(*, at: datetime) -> int:
    """See to it that each mail that waits has a job that will send it (R17); returns how many had none.

    A mail whose job was given up has failed (R13); one whose job is gone gets another.
    """
    old = (_MESSAGES.c.state == MessageState.QUEUED, _MESSAGES.c.created_at <= at - LOST_AFTER)
    job_of = literal(f"{SEND}:") + cast(_MESSAGES.c.id, String)
    waits = select(_MESSAGES.c.id, _JOBS.c.id.label("job"), _JOBS.c.state, _JOBS.c.last_error)
    found = db.session.execute(
        waits.outerjoin(_JOBS, _JOBS.c.dedupe_key == job_of)
        .where(*old, or_(_JOBS.c.id.is_(None), _JOBS.c.state != JobState.DUE))
        .order_by(_MESSAGES.c.id)
    ).all()
    for row in found:
        if row.state is JobState.DEAD:
            mark_failed(row.id, reason=row.last_error or "its job was given up", keep=False)
        elif row.job is None:
            db.session.execute(_INSERT_JOB, _send_job(row.id, at=at))
        else:
            values = {"state": JobState.DUE, "run_at": at, "created_at": at, "attempts": 0}
            db.session.execute(update(_JOBS).where(_JOBS.c.id == row.job).values(**values))
    return len(found)


def erase_messages(about_type: str, about_id: uuid.UUID, *, address: str, masked: str) -> int:
    """Take a person out of the messages about a row, and out of those to them that hold its links (P18).

    Address, facts, bytes and errors go, in the jobs as well; that there was a mail stays, with the UID and
    the SEQUENCE that it carried. What was not sent yet is dropped. Returns how many messages that were.
    """
    about = (_MESSAGES.c.about_type == about_type) & (_MESSAGES.c.about_id == about_id)
    found = db.session.execute(
        select(_MESSAGES.c.id, _MESSAGES.c.facts, about.label("about"), _MESSAGES.c.state)
        .where(about | (_MESSAGES.c.to_addr == address))
        .order_by(_MESSAGES.c.id)
    ).all()
    erased = [row for row in found if row.about or str(about_id) in json.dumps(row.facts)]
    for row in erased:
        calendar = row.facts.get("calendar", {})
        kept = {name: calendar[name] for name in ("method", "uid", "sequence") if name in calendar}
        values: dict[str, Any] = {
            "to_addr": masked,
            "facts": {"erased": True, **({"calendar": kept} if kept else {})},
            "bytes": None,
            "last_error": None,
        }
        if row.state is MessageState.QUEUED:
            values["state"] = MessageState.DROPPED
        db.session.execute(update(_MESSAGES).where(_MESSAGES.c.id == row.id).values(**values))
    promised = [f"{SEND}:{row.id}" for row in erased]
    db.session.execute(update(_JOBS).where(_JOBS.c.dedupe_key.in_(promised)).values(last_error=None))
    return len(erased)


def _send_job(message_id: int, *, at: datetime) -> dict[str, Any]:
    return {
        "name": SEND,
        "arguments": {"message": message_id},
        "run_at": at,
        "dedupe_key": f"{SEND}:{message_id}",
        "state": JobState.DUE,
        "attempts": 0,
        "created_at": at,
    }


def _set(message_id: int, **values: Any) -> None:
    db.session.execute(
        update(_MESSAGES).where(_MESSAGES.c.id == message_id, _MESSAGES.c.state == MessageState.QUEUED).values(**values)
    )
