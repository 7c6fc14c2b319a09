"""The outbox as organisers read it: to whom, what, what became of it, and why.

Receipts of answers and comments are in none of these lists: they would tell who answered (P2). Everything is read as
plain columns; a mail's own text holds private links and is never shown.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select

from engage.bookings.mail_about import ABOUT_APPEARANCE, about_booking, about_event
from engage.bookings.mails import ABOUT, ABOUT_GUEST
from engage.bookings.models import Booking, Guest
from engage.events.models import Event
from engage.kernel.db import db
from engage.kernel.models import Job, JobState
from engage.mail.again import FAILED, going_again, may_go_again
from engage.mail.enums import CONFIDENTIAL, MessageKind, MessageState
from engage.mail.faults import faults_of
from engage.mail.models import Message
from engage.mail.reasons import plain_reason
from engage.mail.services import SEND

PAGE_LENGTH = 50
LISTED = tuple(kind for kind in MessageKind if kind not in CONFIDENTIAL)
MOST_OF_BOOKING = 500


class Standing(StrEnum):
    """Where a mail is. It is being sent while a worker holds its job; all others are states of the message."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    DROPPED = "dropped"


@dataclass(frozen=True)
class MailFilter:
    """Which mails are looked for; `address` is a part of one."""

    event_id: uuid.UUID | None = None
    standing: Standing | None = None
    kind: MessageKind | None = None
    address: str = ""


@dataclass(frozen=True)
class ListedMail:
    """A line of a list of mails.

    `reason` is a sentence to be translated, `fault` the other server's own words; `next_try` is when one that waits
    is tried again. `is_bad` says that mail to the address comes back, so that it must be corrected first.
    """

    id: int
    kind: MessageKind
    to_addr: str
    subject: str | None
    standing: Standing
    created_at: datetime
    sent_at: datetime | None
    next_try: datetime | None
    reason: str | None
    fault: str | None
    is_bad: bool
    may_go_again: bool
    event_slug: str | None
    event_title: str | None
    reference: str | None


@dataclass(frozen=True)
class MailPage:
    """Some mails of a longer list; pages count from 1. `counts` are those of all states, whichever is looked at."""

    items: Sequence[ListedMail]
    number: int
    last: int
    total: int
    counts: dict[Standing, int]


def mails_page(wanted: MailFilter, *, page: int = 1, at: datetime) -> MailPage:
    """Return a page of mails, the newest first; ids are given in the order in which mails are written."""
    held = _held(at)
    chosen = list(_chosen(wanted))
    counts = _counts(chosen, held)
    total = sum(counts.values()) if wanted.standing is None else counts[wanted.standing]
    last = max(1, -(-total // PAGE_LENGTH))
    number = min(max(1, page), last)
    rows = _rows([*chosen, *_in_standing(wanted.standing, held)], offset=(number - 1) * PAGE_LENGTH, limit=PAGE_LENGTH)
    return MailPage(_listed(rows, held), number, last, total, counts)


def mails_of_booking(booking_id: uuid.UUID, *, at: datetime) -> list[ListedMail]:
    """Return the mails about a booking and the guests on it, the newest first."""
    rows = _rows([about_booking(booking_id), Message.kind.in_(LISTED)], offset=0, limit=MOST_OF_BOOKING)
    return _listed(rows, _held(at))


@dataclass(frozen=True)
class MailTrouble:
    """Why mail does not reach somebody: a sentence to be translated, and the other server's own words.

    `since` is when the address was found to be bad; None if a mail failed and the address may be good.
    """

    reason: str
    fault: str
    since: datetime | None


def troubles_of(holders: Mapping[uuid.UUID, str]) -> dict[uuid.UUID, MailTrouble]:
    """Return what is wrong with mail to the holders of some bookings, given by id with their addresses."""
    if not holders:
        return {}
    faults = faults_of(set(holders.values()))
    failed = db.session.execute(
        select(Message.about_id, Message.to_addr, Message.last_error)
        .where(Message.about_type == ABOUT, Message.about_id.in_(holders), Message.kind.in_(LISTED), may_go_again())
        .order_by(Message.id)
    )
    found = {
        row.about_id: MailTrouble(plain_reason(row.last_error or ""), row.last_error or "", None)
        for row in failed
        if row.to_addr == holders[row.about_id]
    }
    for booking_id, address in holders.items():
        fault = faults.get(address)
        if fault is not None and fault.bad_since is not None:
            found[booking_id] = MailTrouble(plain_reason(fault.last_reason), fault.last_reason, fault.bad_since)
    return found


def mails_of_speaker(appearance_id: uuid.UUID, *, at: datetime) -> list[ListedMail]:
    """Return the mails about somebody in a line-up, to them and to organisers, the newest first."""
    theirs = and_(Message.about_type == ABOUT_APPEARANCE, Message.about_id == appearance_id)
    rows = _rows([theirs, Message.kind.in_(LISTED)], offset=0, limit=MOST_OF_BOOKING)
    return _listed(rows, _held(at))


def failed_mails(event_id: uuid.UUID) -> list[int]:
    """Return the mails about an event that failed or came back, the oldest first."""
    failed = (about_event(event_id), Message.kind.in_(LISTED), Message.state.in_(FAILED))
    return list(db.session.scalars(select(Message.id).where(*failed).order_by(Message.id)))


def _chosen(wanted: MailFilter) -> Iterator[ColumnElement[bool]]:
    yield Message.kind.in_(LISTED) if wanted.kind is None else Message.kind == wanted.kind
    if wanted.event_id is not None:
        yield about_event(wanted.event_id)
    if wanted.address:
        yield Message.to_addr.icontains(wanted.address, autoescape=True)


def _in_standing(standing: Standing | None, held: dict[int, Job]) -> Iterator[ColumnElement[bool]]:
    if standing is None:
        return
    if standing is Standing.SENDING:
        yield Message.id.in_(held)
        return
    yield Message.state == MessageState(standing.value)
    if standing is Standing.QUEUED and held:
        yield Message.id.not_in(held)


def _counts(chosen: Sequence[ColumnElement[bool]], held: dict[int, Job]) -> dict[Standing, int]:
    rows = db.session.execute(select(Message.state, func.count()).where(*chosen).group_by(Message.state))
    counts = dict.fromkeys(Standing, 0) | {Standing(row[0].value): row[1] for row in rows}
    if held:
        sending = select(func.count(Message.id)).where(*chosen, Message.id.in_(held))
        counts[Standing.SENDING] = db.session.scalar(sending) or 0
        counts[Standing.QUEUED] -= counts[Standing.SENDING]
    return counts


def _held(at: datetime) -> dict[int, Job]:
    """Return the jobs by which mails are being sent just now: never more than workers hold."""
    held = (Job.name == SEND, Job.state == JobState.DUE, Job.lease_until >= at)
    jobs = db.session.scalars(select(Job).where(*held)).all()
    return {int(job.arguments["message"]): job for job in jobs}


def _rows(chosen: Sequence[ColumnElement[bool]], *, offset: int, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    return db.session.execute(
        select(
            *(Message.id, Message.kind, Message.to_addr, Message.subject, Message.state, Message.created_at),
            *(Message.sent_at, Message.last_error, Message.about_type, Message.about_id, Message.facts),
        )
        .where(*chosen)
        .order_by(Message.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()


def _listed(rows: Sequence[Row[*tuple[Any, ...]]], held: dict[int, Job]) -> list[ListedMail]:
    queued = [row.id for row in rows if row.state is MessageState.QUEUED and row.last_error]
    tries = _next_tries(queued)
    again = going_again([row.id for row in rows if row.state in FAILED])
    faults = faults_of([row.to_addr for row in rows])
    places = _bookings_of(rows)
    return [
        ListedMail(
            id=row.id,
            kind=row.kind,
            to_addr=row.to_addr,
            subject=row.subject,
            standing=Standing.SENDING if row.id in held else Standing(row.state.value),
            created_at=row.created_at,
            sent_at=row.sent_at,
            next_try=tries.get(row.id),
            reason=plain_reason(row.last_error) if row.last_error and row.state is not MessageState.SENT else None,
            fault=row.last_error if row.state is not MessageState.SENT else None,
            is_bad=row.to_addr in faults and faults[row.to_addr].bad_since is not None,
            may_go_again=row.id in again,
            **_about(row, places),
        )
        for row in rows
    ]


def _next_tries(message_ids: Iterable[int]) -> dict[int, datetime]:
    keys = {f"{SEND}:{message_id}": message_id for message_id in message_ids}
    if not keys:
        return {}
    waiting = (Job.dedupe_key.in_(keys), Job.state == JobState.DUE)
    rows = db.session.execute(select(Job.dedupe_key, Job.run_at).where(*waiting))
    return {keys[key]: run_at for key, run_at in rows if key is not None}


def _bookings_of(rows: Sequence[Row[*tuple[Any, ...]]]) -> dict[uuid.UUID, tuple[str, str, str]]:
    """Return reference, slug and title by the id of a booking or of a guest."""
    holders = [row.about_id for row in rows if row.about_type == ABOUT]
    guests = [row.about_id for row in rows if row.about_type == ABOUT_GUEST]
    told = (Booking.reference, Event.slug, Event.title)
    found: dict[uuid.UUID, tuple[str, str, str]] = {}
    if holders:
        of_holders = select(Booking.id, *told).join(Event, Event.id == Booking.event_id).where(Booking.id.in_(holders))
        found |= {row[0]: (row[1], row[2], row[3]) for row in db.session.execute(of_holders)}
    if guests:
        of_guests = (
            select(Guest.id, *told)
            .join(Booking, Booking.id == Guest.booking_id)
            .join(Event, Event.id == Booking.event_id)
            .where(Guest.id.in_(guests))
        )
        found |= {row[0]: (row[1], row[2], row[3]) for row in db.session.execute(of_guests)}
    return found


def _about(row: Row[*tuple[Any, ...]], places: dict[uuid.UUID, tuple[str, str, str]]) -> dict[str, str | None]:
    if row.about_id in places:
        reference, slug, title = places[row.about_id]
        return {"reference": reference, "event_slug": slug, "event_title": title}
    event = row.facts.get("event") or {}
    return {"reference": None, "event_slug": event.get("slug"), "event_title": event.get("title")}
