"""Certificates of attendance: made out for who came to an event that is over, drawn ahead by the worker, and kept.

A row stands for one drawing of one person's facts. Whenever attendance, a name or the event's words change after the
end, a job goes through the event: rows whose facts are no longer true go, new ones come, and each is promised to be
drawn. Whoever stops counting as having come loses theirs in the very transaction that says so.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, or_, select, update

from engage.bookings.certificate_words import facts_of
from engage.bookings.enums import Attendance
from engage.bookings.models import Booking, Certificate, Guest
from engage.bookings.presence import guests_of
from engage.events.enums import EventStatus, Phase
from engage.events.models import Event
from engage.events.queries import get_event_by_id
from engage.kernel.db import db
from engage.kernel.jobs import defer_once
from engage.kernel.settings import Site

MAKE_OUT = "bookings.make-out-certificates"
DRAW = "bookings.draw-certificate"
BOOKINGS_AT_ONCE = 100  # in one transaction, so that others who write never wait long
DRAWN_AT_ONCE = 10  # in one process, whose start costs more than a drawing
BETWEEN_DRAWINGS = timedelta(seconds=10)  # of so many: mail that comes meanwhile goes first
ERASED = "@erased.invalid"


class CertificateState(StrEnum):
    """What becomes of somebody's certificate, in the order in which it comes."""

    NO_PLACE = "no place"
    NOT_OVER = "not over"
    NOT_KNOWN = "not known"
    MISSED = "missed"
    NO_NAME = "no name"
    BEING_DRAWN = "being drawn"
    READY = "ready"


@dataclass(frozen=True)
class CertificateFound:
    """A certificate as its holder sees it; without facts there is none yet."""

    state: CertificateState
    facts: dict[str, Any] | None = None


@dataclass(frozen=True)
class Progress:
    """How far making out has come: the last booking (None before the first and after the last), certificates made."""

    after: uuid.UUID | None = None
    made: int = 0

    @classmethod
    def of(cls, arguments: dict[str, Any]) -> "Progress":
        """Return what a job remembers."""
        after = arguments.get("after")
        return cls(uuid.UUID(after) if after else None, arguments.get("made", 0))

    def arguments(self) -> dict[str, Any]:
        """Return what a job is to remember."""
        return {"after": str(self.after), "made": self.made}


def promise_certificates(event: Event, *, at: datetime) -> None:
    """Have the certificates of an event made out anew: when it is over, or at once if it is."""
    run_at = max(event.ends_at, at)
    key = f"{MAKE_OUT}:{event.id}:{run_at.isoformat()}"
    defer_once(MAKE_OUT, at=at, run_at=run_at, dedupe_key=key, event=str(event.id))


def make_out(event_id: uuid.UUID, begun: Progress, *, site: Site, at: datetime) -> Progress:
    """Make out the certificates of the next hundred bookings; an event that is not over is promised for its end."""
    event = get_event_by_id(event_id)
    if event.phase(at) is not Phase.OVER:
        promise_certificates(event, at=at)
        return Progress()
    bookings = db.session.scalars(
        select(Booking)
        .where(Booking.event_id == event_id, Booking.id > (begun.after or uuid.UUID(int=0)))
        .order_by(Booking.id)
        .limit(BOOKINGS_AT_ONCE)
        .with_for_update(key_share=True)
    ).all()
    known = {booking.id: booking for booking in bookings}
    kept = {one.guest_id or one.booking_id: one for one in _certificates(known)}
    made = begun.made
    people: list[Booking | Guest] = [*bookings, *guests_of(known)]
    for gone in kept.keys() - {person.id for person in people}:
        db.session.delete(kept[gone])
    for person in people:
        booking = known[person.booking_id] if isinstance(person, Guest) else person
        facts = facts_of(person, booking, event, site=site) if _may_have(person, booking, event, at=at) else None
        before = kept.get(person.id)
        if before is not None and before.facts == facts:
            continue
        if before is not None:
            db.session.delete(before)
            db.session.flush()
        if facts is not None:
            _promise_drawing(person, booking, facts, number=made, at=at)
            made += 1
    db.session.flush()
    return Progress(bookings[-1].id if len(bookings) == BOOKINGS_AT_ONCE else None, made)


def _promise_drawing(
    person: Booking | Guest, booking: Booking, facts: dict[str, Any], *, number: int, at: datetime
) -> None:
    new = Certificate(
        id=uuid.uuid4(),
        booking_id=booking.id,
        guest_id=person.id if isinstance(person, Guest) else None,
        facts=facts,
        created_at=at,
    )
    db.session.add(new)
    run_at = at + BETWEEN_DRAWINGS * (number // DRAWN_AT_ONCE)
    defer_once(DRAW, at=at, run_at=run_at, dedupe_key=f"{DRAW}:{new.id}", certificate=str(new.id))


def undrawn(certificate_id: uuid.UUID) -> list[tuple[uuid.UUID, dict[str, Any]]]:
    """Return a certificate that waits to be drawn, with a few more of its event; nothing if it is drawn or gone."""
    event_id = db.session.scalar(
        select(Booking.event_id)
        .join(Certificate, Certificate.booking_id == Booking.id)
        .where(Certificate.id == certificate_id, Certificate.drawn_at.is_(None))
    )
    if event_id is None:
        return []
    rows = db.session.execute(
        select(Certificate.id, Certificate.facts)
        .join(Booking, Booking.id == Certificate.booking_id)
        .where(Booking.event_id == event_id, Certificate.drawn_at.is_(None))
        .order_by(Certificate.id != certificate_id, Certificate.created_at, Certificate.id)
        .limit(DRAWN_AT_ONCE)
    )
    return [(row.id, row.facts) for row in rows]


def keep_drawn(certificate_id: uuid.UUID, pdf: bytes, *, at: datetime) -> None:
    """Keep what was drawn, unless the certificate is gone or drawn by now."""
    db.session.execute(
        update(Certificate)
        .where(Certificate.id == certificate_id, Certificate.drawn_at.is_(None))
        .values(pdf=pdf, drawn_at=at)
        .execution_options(synchronize_session=False)
    )


def take_back(people: Collection[Booking | Guest]) -> None:
    """Delete the certificates of people who do not count as having come."""
    ids = [person.id for person in people if person.attendance is not Attendance.ATTENDED]
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        holder = Certificate.booking_id.in_(some) & Certificate.guest_id.is_(None)
        db.session.execute(
            delete(Certificate)
            .where(or_(holder, Certificate.guest_id.in_(some)))
            .execution_options(synchronize_session=False)
        )


def erase_certificates(booking_id: uuid.UUID, guest_id: uuid.UUID | None = None) -> None:
    """Delete the certificates of a booking, its guests' with them, or that of one guest alone (P18)."""
    theirs = Certificate.booking_id == booking_id if guest_id is None else Certificate.guest_id == guest_id
    db.session.execute(delete(Certificate).where(theirs).execution_options(synchronize_session=False))


def certificate_of(person: Booking | Guest, booking: Booking, event: Event, *, at: datetime) -> CertificateFound:
    """Return what became of somebody's certificate."""
    is_gone = isinstance(person, Guest) and person.gone_at is not None
    if is_gone or not booking.is_live() or event.status is not EventStatus.PUBLISHED:
        return CertificateFound(CertificateState.NO_PLACE)
    if event.phase(at) is not Phase.OVER:
        return CertificateFound(CertificateState.NOT_OVER)
    if person.attendance is Attendance.MISSED:
        return CertificateFound(CertificateState.MISSED)
    if person.attendance is Attendance.UNKNOWN:
        return CertificateFound(CertificateState.NOT_KNOWN)
    if not person.name:
        return CertificateFound(CertificateState.NO_NAME)
    kept = db.session.execute(
        select(Certificate.facts, Certificate.drawn_at).where(*_belongs_to(person, booking))
    ).one_or_none()
    if kept is None:
        return CertificateFound(CertificateState.BEING_DRAWN)
    state = CertificateState.READY if kept.drawn_at is not None else CertificateState.BEING_DRAWN
    return CertificateFound(state, kept.facts)


def find_pdf(person: Booking | Guest, booking: Booking) -> bytes | None:
    """Return the drawn certificate of somebody, if there is one."""
    return db.session.scalar(select(Certificate.pdf).where(*_belongs_to(person, booking)))


def _belongs_to(person: Booking | Guest, booking: Booking) -> tuple[Any, ...]:
    guest_id = person.id if isinstance(person, Guest) else None
    return Certificate.booking_id == booking.id, Certificate.guest_id == guest_id


def _certificates(booking_ids: Collection[uuid.UUID]) -> list[Certificate]:
    return list(db.session.scalars(select(Certificate).where(Certificate.booking_id.in_(booking_ids))))


def _may_have(person: Booking | Guest, booking: Booking, event: Event, *, at: datetime) -> bool:
    """Tell whether somebody is to have a certificate: who came, has a name, and was not erased since."""
    return (
        event.status is EventStatus.PUBLISHED
        and event.phase(at) is Phase.OVER
        and booking.is_live()
        and not booking.email_normalised.endswith(ERASED)
        and person.attendance is Attendance.ATTENDED
        and bool(person.name)
    )
