"""What came in, as organisers read it. A mail's own bytes are shown as text alone, and only on its page."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from engage.bookings.mails import ABOUT, ABOUT_GUEST
from engage.bookings.models import Booking, Guest
from engage.events.models import Event
from engage.kernel.db import db
from engage.mail.enums import InboundKind, InboundOutcome
from engage.mail.errors import MailNotFoundError
from engage.mail.models import InboundMail

PAGE_LENGTH = 50
MOST_OF_BOOKING = 100
TOLD = InboundMail.outcome != InboundOutcome.CONFIDENTIAL.value
LONGEST_SHOWN = 200_000  # bytes of a mail that are shown


@dataclass(frozen=True)
class ReceivedMail:
    """A line of a list; `place` is the event's slug and the booking's reference, if it is about a booking."""

    id: uuid.UUID
    kind: InboundKind
    outcome: str
    detail: str | None
    from_addr: str | None
    subject: str | None
    received_at: datetime
    place: tuple[str, str] | None


@dataclass(frozen=True)
class ReceivedPage:
    """Some mails of a longer list; pages count from 1. `counts` are those of all kinds."""

    items: Sequence[ReceivedMail]
    number: int
    last: int
    counts: dict[InboundKind, int]


def received_page(kind: InboundKind | None = None, *, page: int = 1) -> ReceivedPage:
    """Return a page of what came in, the newest first."""
    rows = db.session.execute(select(InboundMail.kind, func.count()).where(TOLD).group_by(InboundMail.kind))
    counts = dict.fromkeys(InboundKind, 0) | {row[0]: row[1] for row in rows}
    total = sum(counts.values()) if kind is None else counts[kind]
    last = max(1, -(-total // PAGE_LENGTH))
    number = min(max(1, page), last)
    chosen = [] if kind is None else [InboundMail.kind == kind]
    return ReceivedPage(_listed(chosen, offset=(number - 1) * PAGE_LENGTH, limit=PAGE_LENGTH), number, last, counts)


def received_about(booking_id: uuid.UUID) -> list[ReceivedMail]:
    """Return what came in about a booking or a guest on it, the newest first."""
    guests = select(Guest.id).where(Guest.booking_id == booking_id)
    about = or_(
        and_(InboundMail.about_type == ABOUT, InboundMail.about_id == booking_id),
        and_(InboundMail.about_type == ABOUT_GUEST, InboundMail.about_id.in_(guests)),
    )
    return _listed([about], offset=0, limit=MOST_OF_BOOKING)


def get_received(mail_id: uuid.UUID) -> tuple[ReceivedMail, str | None]:
    """Return a mail with its bytes as text, None once they are gone. Raises MailNotFoundError."""
    found = _listed([InboundMail.id == mail_id], offset=0, limit=1)
    if not found:
        raise MailNotFoundError
    raw = db.session.scalar(select(InboundMail.raw).where(InboundMail.id == mail_id))
    return found[0], None if raw is None else raw[:LONGEST_SHOWN].decode("utf-8", "replace")


def _listed(chosen: Sequence[ColumnElement[bool]], *, offset: int, limit: int) -> list[ReceivedMail]:
    rows = db.session.execute(
        select(
            *(InboundMail.id, InboundMail.kind, InboundMail.outcome, InboundMail.detail, InboundMail.from_addr),
            *(InboundMail.subject, InboundMail.received_at, InboundMail.about_type, InboundMail.about_id),
        )
        .where(TOLD, *chosen)
        .order_by(InboundMail.received_at.desc(), InboundMail.id)
        .offset(offset)
        .limit(limit)
    ).all()
    places = _places([row.about_id for row in rows if row.about_type in (ABOUT, ABOUT_GUEST)])
    return [ReceivedMail(*row[:7], place=places.get(row.about_id)) for row in rows]


def _places(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """Return slug and reference by the id of a booking or of a guest on it."""
    if not ids:
        return {}
    rows = db.session.execute(
        select(Booking.id, Guest.id, Event.slug, Booking.reference)
        .join(Event, Event.id == Booking.event_id)
        .outerjoin(Guest, and_(Guest.booking_id == Booking.id, Guest.id.in_(ids)))
        .where(or_(Booking.id.in_(ids), Guest.id.in_(ids)))
    ).all()
    return {row_id: (row[2], row[3]) for row in rows for row_id in (row[0], row[1]) if row_id is not None}
