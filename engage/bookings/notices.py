"""What organisers are told about an event's bookings, each by their own choice: counts and links, nobody's name (P24).

Nothing of this adds a statement to an ordinary booking. "Full" is promised by whoever takes the last place, "first on
the waiting list" by whoever joins first, each once for a capacity; the digest counts what came since the last one.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from engage.accounts.enums import RoleName
from engage.accounts.models import Person, Role
from engage.audit.services import record
from engage.bookings.enums import BookingStatus
from engage.bookings.mails import event_facts
from engage.bookings.models import Booking, BookingNotice
from engage.events.enums import EventStatus
from engage.events.models import Event
from engage.events.queries import find_event_by_id
from engage.kernel.db import db
from engage.kernel.jobs import defer_once
from engage.kernel.plain import insert_unless_there
from engage.kernel.settings import Site
from engage.kernel.when import local_time, next_at
from engage.mail.enums import MessageKind
from engage.mail.services import Draft, queue_all

FIRST_WAITING = "bookings.first-waiting"
DIGEST = "bookings.digest"
DIGEST_TIME = time(8)  # in the site's own zone
SETTLED = timedelta(minutes=1)  # what began longer ago than this is stored or never will be
ABOUT = "notice"  # a mail about it is about the person who chose it
_ROLES = (RoleName.ORGANISER, RoleName.ADMINISTRATOR)
_CHOICES = {MessageKind.EVENT_FULL: BookingNotice.when_full, MessageKind.FIRST_WAITING: BookingNotice.when_waiting}


@dataclass(frozen=True)
class NoticeChoice:
    """What one organiser wants to be told of one event."""

    digest: bool = False
    when_full: bool = False
    when_waiting: bool = False


def find_choice(event_id: uuid.UUID, person_id: uuid.UUID) -> NoticeChoice:
    """Return what an organiser chose; nothing, if they never did."""
    found = db.session.scalar(select(BookingNotice).where(*_own(event_id, person_id)))
    return NoticeChoice() if found is None else NoticeChoice(found.digest, found.when_full, found.when_waiting)


def choose_notices(event_id: uuid.UUID, choice: NoticeChoice, *, person_id: uuid.UUID, at: datetime) -> None:
    """Set what an organiser is told from now on; a digest tells of what came after it was chosen."""
    before = find_choice(event_id, person_id)
    if choice == before:
        return
    values = {"id": uuid.uuid4(), "event_id": event_id, "person_id": person_id, **vars(choice), "digested_until": at}
    if not insert_unless_there(BookingNotice, values, unique=("event_id", "person_id")):
        changed: dict[str, Any] = {**vars(choice), **({"digested_until": at} if not before.digest else {})}
        db.session.execute(update(BookingNotice).where(*_own(event_id, person_id)).values(**changed))
    changes = {"before": vars(before), "after": vars(choice)}
    record("organiser:notice:choose", f"event:{event_id}", at=at, actor=person_id, **changes)


def organisers_told(event_id: uuid.UUID) -> list[Person]:
    """Return the organisers who chose to be told something of an event, in the order of their names."""
    chosen = or_(BookingNotice.digest, BookingNotice.when_full, BookingNotice.when_waiting)
    found = db.session.scalars(
        select(Person)
        .join(BookingNotice, BookingNotice.person_id == Person.id)
        .where(BookingNotice.event_id == event_id, chosen, *_may_see_bookings())
        .order_by(Person.name, Person.id)
    )
    return list(found)


def promise_first_waiting(event: Event, *, at: datetime) -> None:
    """See to it that organisers hear that somebody waits, once for each capacity."""
    key = f"{FIRST_WAITING}:{event.id}:{event.capacity}"
    defer_once(FIRST_WAITING, at=at, run_at=at, dedupe_key=key, event=str(event.id), capacity=event.capacity)


def promise_digest(*, site: Site, at: datetime) -> datetime:
    """Promise the next digest, once for each day whoever promises it (R20); returns when it is."""
    run_at = next_at(DIGEST_TIME, site.default_timezone, after=at)
    day = local_time(run_at, site.default_timezone).date()
    defer_once(DIGEST, at=at, run_at=run_at, dedupe_key=f"{DIGEST}:{day}")
    return run_at


def tell_at_once(kind: MessageKind, event_id: uuid.UUID, capacity: int, *, site: Site, at: datetime) -> int:
    """Tell whoever chose it that an event is full, or that somebody waits; returns how many."""
    event = find_event_by_id(event_id)
    if event is None or event.status is not EventStatus.PUBLISHED or event.ends_at <= at:
        return 0
    facts = {"event": event_facts(event), "capacity": capacity}
    drafts = [
        _draft(kind, person, f"{event_id}:{capacity}", facts, site=site)
        for _, person in _who_chose(_CHOICES[kind], BookingNotice.event_id == event_id)
    ]
    return queue_all(drafts, site=site, at=at)


def send_digests(*, site: Site, at: datetime) -> int:
    """Tell each organiser who chose it how many bookings came since the last digest; returns how many mails.

    One mail for all events of a person; none if nothing came.
    """
    until = at - SETTLED
    events = {event.id: event for event in _events_with_digests(at)}
    told: dict[uuid.UUID, tuple[Person, list[dict[str, Any]]]] = {}
    for notice, person in _who_chose(BookingNotice.digest, BookingNotice.event_id.in_(events)):
        event = events[notice.event_id]
        news = _news(event, since=notice.digested_until, until=until)
        notice.digested_until = max(notice.digested_until, until)
        if news["bookings"] or news["cancelled"]:
            told.setdefault(person.id, (person, []))[1].append({"event": event_facts(event), **news})
    day = local_time(at, site.default_timezone).date().isoformat()
    drafts = [
        _draft(MessageKind.BOOKING_DIGEST, person, day, {"events": _in_order(news)}, site=site)
        for person, news in told.values()
    ]
    db.session.flush()
    return queue_all(drafts, site=site, at=at)


def _news(event: Event, *, since: datetime, until: datetime) -> dict[str, int]:
    """Count what came from one moment on and before another, and how the event stands now."""
    made = (Booking.event_id == event.id, Booking.created_at >= since, Booking.created_at < until)
    ended = (Booking.event_id == event.id, Booking.cancelled_at >= since, Booking.cancelled_at < until)
    waits = (Booking.event_id == event.id, Booking.status == BookingStatus.WAITING)
    return {
        "bookings": _count(*made),
        "cancelled": _count(*ended),
        "waiting": _count(*waits),
        "taken": event.seats_taken,
        "capacity": event.capacity,
    }


def _count(*where: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(Booking.id)).where(*where)) or 0


def _events_with_digests(at: datetime) -> Sequence[Event]:
    chosen = select(BookingNotice.event_id).where(BookingNotice.digest)
    open_now = (Event.status == EventStatus.PUBLISHED, Event.ends_at > at)
    return db.session.scalars(select(Event).where(Event.id.in_(chosen), *open_now)).all()


def _who_chose(
    choice: InstrumentedAttribute[bool], which: ColumnElement[bool]
) -> Sequence[tuple[BookingNotice, Person]]:
    """Return the choices with whose they are; nobody who may not see the bookings any more (S45)."""
    rows = db.session.execute(
        select(BookingNotice, Person)
        .join(Person, Person.id == BookingNotice.person_id)
        .where(choice, which, *_may_see_bookings())
        .order_by(BookingNotice.id)
        .with_for_update(of=BookingNotice)
    )
    return [(notice, person) for notice, person in rows]


def _may_see_bookings() -> tuple[ColumnElement[bool], ...]:
    may = select(Role.person_id).where(Role.role.in_(_ROLES))
    return Person.disabled_at.is_(None), Person.id.in_(may)


def _draft(kind: MessageKind, person: Person, occasion: str, facts: dict[str, Any], *, site: Site) -> Draft:
    return Draft(
        kind,
        logical_key=f"{kind}:{person.id}:{occasion}",
        to_addr=person.email,
        facts={"name": person.name, **facts},
        locale=site.languages[0],
        about_type=ABOUT,
        about_id=person.id,
    )


def _in_order(news: Collection[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(news, key=lambda one: (one["event"]["starts_at"], one["event"]["slug"]))


def _own(event_id: uuid.UUID, person_id: uuid.UUID) -> tuple[ColumnElement[bool], ...]:
    return BookingNotice.event_id == event_id, BookingNotice.person_id == person_id
