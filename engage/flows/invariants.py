"""What must always be true of the stored data: each invariant yields a line for each violation.

They only read, so `flask check` may run on a site that is open.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from engage.audit.models import AuditEntry
from engage.bookings.enums import Attendance, BookingStatus, CancelledBy
from engage.bookings.models import AccessNeed, Booking, Certificate, Guest
from engage.calendars.enums import InviteState
from engage.calendars.models import CalendarInvite
from engage.events.enums import EventStatus
from engage.events.models import Event, PlaceGroup
from engage.flows.mail_invariants import nobody_is_written_to_twice, nobody_who_left_is_written_to
from engage.flows.response_invariants import (
    anonymous_people_stay_unknown,
    nothing_joins_the_anonymous,
    nothing_stays_of_what_was_taken_back,
    published_with_consent,
)
from engage.kernel import clock
from engage.kernel.db import Base, db
from engage.mail.enums import MessageKind
from engage.mail.models import Message

CONFIRMED = Booking.status == BookingStatus.CONFIRMED
HOLDS_PLACE = Booking.status.in_((BookingStatus.CONFIRMED, BookingStatus.OFFERED))
LIVE = Booking.status.in_((BookingStatus.CONFIRMED, BookingStatus.WAITING, BookingStatus.OFFERED))
INVITED = exists().where(CalendarInvite.booking_id == Booking.id)
WAITED = Booking.waiting_since.is_not(None)
MOVES_UP = ("system:booking:promote", "system:booking:offer")
ENDINGS = (MessageKind.OFFER_EXPIRED, MessageKind.LIST_CLOSED)
# The same entry once more, for a calendar that asks for it or accepts it too late: no new SEQUENCE.
SENT_AGAIN = or_(Message.logical_key.startswith("again:"), Message.logical_key.startswith("cancel-again:"))
DELETED_WITHIN = timedelta(hours=1)  # of the moment that was promised: a worker may be slow
FAREWELLS = (MessageKind.BOOKING_CANCELLED, MessageKind.EVENT_CANCELLED, MessageKind.NO_LONGER_BOOKED)


def seats_are_counted() -> Iterator[str]:
    """I1: an event's places are those of its confirmed and offered bookings, and never more than it has.

    What it keeps for groups is what these have left, and each group has taken what its bookings hold.
    """
    held = _sum(Booking.places, Booking.event_id == Event.id, HOLDS_PLACE).correlate(Event).scalar_subquery()
    left = _sum(PlaceGroup.places - PlaceGroup.taken, PlaceGroup.event_id == Event.id, PlaceGroup.released_at.is_(None))
    kept = left.correlate(Event).scalar_subquery()
    wrong = select(Event.id, Event.seats_taken, Event.places_kept, Event.capacity, held, kept).where(
        or_(
            Event.seats_taken != held,
            Event.places_kept != kept,
            Event.seats_taken + Event.places_kept > Event.capacity,
        )
    )
    for event_id, taken, keeps, capacity, by_bookings, by_groups in db.session.execute(wrong):
        yield (
            f"event {event_id}: {taken} places taken, {by_bookings} held by bookings, {keeps} kept,"
            f" {by_groups} by groups, capacity {capacity}"
        )
    by_group = _sum(Booking.places, Booking.group_id == PlaceGroup.id, HOLDS_PLACE).correlate(PlaceGroup)
    taken_by_group = by_group.scalar_subquery()
    odd = select(PlaceGroup.id, PlaceGroup.taken, taken_by_group).where(PlaceGroup.taken != taken_by_group)
    for group_id, taken, by_bookings in db.session.execute(odd):
        yield f"place_group {group_id}: {taken} places taken, {by_bookings} held by bookings"


def one_live_booking_each() -> Iterator[str]:
    """I4: an address holds at most one place at an event, or waits for one."""
    twice = (
        select(Booking.event_id, func.count(Booking.id))
        .where(LIVE)
        .group_by(Booking.event_id, Booking.email_normalised)
        .having(func.count(Booking.id) > 1)
    )
    for event_id, count in db.session.execute(twice):
        yield f"event {event_id}: {count} live bookings of one address"


def bookings_are_complete() -> Iterator[str]:
    """I5: each booking has its invitation, its mails and its audit entry; a cancelled one its farewell.

    Whoever waited has a mail that says so; an invitation, with what goes with it, only once a place came.
    """
    invite_fits = and_(
        CalendarInvite.booking_id == Booking.id,
        CalendarInvite.guest_id.is_(None),
        CalendarInvite.attendee_addr == Booking.email_normalised,
        (CalendarInvite.state == InviteState.LIVE) == CONFIRMED,
    )
    sent = and_(Message.about_type == "booking", Message.about_id == Booking.id)
    entry = AuditEntry.object == literal("booking:") + _as_text(Booking.id)
    placed = or_(CONFIRMED, ~WAITED, INVITED)
    ended = or_(
        Booking.status == BookingStatus.EXPIRED,
        and_(Booking.cancelled_by.in_((CancelledBy.EVENT, CancelledBy.ORGANISER)), WAITED, ~INVITED),
    )
    for what, missing in (
        ("an invitation in the same state", and_(placed, ~exists().where(invite_fits))),
        ("its invitation mail", and_(placed, ~exists().where(sent, Message.kind == MessageKind.INVITATION))),
        ("its farewell mail", and_(placed, ~CONFIRMED, ~exists().where(sent, Message.kind.in_(FAREWELLS)))),
        ("its mail from the waiting list", and_(WAITED, ~exists().where(sent, Message.kind == MessageKind.WAITING))),
        ("the mail that ends its wait", and_(ended, ~exists().where(sent, Message.kind.in_(ENDINGS)))),
        ("an audit entry", ~exists().where(entry, AuditEntry.act.endswith(":booking:create"))),
    ):
        lacking = select(Booking.id).where(missing, Booking.is_sample.is_(False)).order_by(Booking.id)
        for booking_id in db.session.scalars(lacking):
            yield f"booking {booking_id}: lacks {what}"


def parties_are_complete() -> Iterator[str]:
    """I5: a live booking has a row for each place but its holder's, and invites each guest who has an address.

    Guests are invited once it has places; whoever is gone, or has no address any more, has no invitation that stands.
    """
    here = select(func.count(Guest.id)).where(Guest.booking_id == Booking.id, Guest.gone_at.is_(None))
    guests = here.correlate(Booking).scalar_subquery()
    odd = select(Booking.id, Booking.places, guests).where(LIVE, guests != Booking.places - 1)
    for booking_id, places, count in db.session.execute(odd):
        yield f"booking {booking_id}: {places} places and {count} guests"
    invited = exists().where(
        CalendarInvite.guest_id == Guest.id,
        CalendarInvite.booking_id == Guest.booking_id,
        CalendarInvite.attendee_addr == Guest.email_normalised,
        CalendarInvite.state == InviteState.LIVE,
    )
    has_invite = exists().where(CalendarInvite.guest_id == Guest.id, CalendarInvite.state == InviteState.LIVE)
    mailed = exists().where(
        Message.about_type == "booking_guest", Message.about_id == Guest.id, Message.kind == MessageKind.INVITATION
    )
    comes = and_(CONFIRMED, Guest.gone_at.is_(None), Guest.email_normalised.is_not(None))
    wrong = (
        select(Guest.id)
        .join(Booking, Booking.id == Guest.booking_id)
        .where(or_(and_(comes, or_(~invited, ~mailed)), and_(~comes, has_invite)))
    )
    for guest_id in db.session.scalars(wrong):
        yield f"booking_guest {guest_id}: the invitation does not fit the place"


def cancelled_events_are_empty() -> Iterator[str]:
    """I5: no booking of a cancelled event holds a place or waits for one."""
    left = (
        select(Booking.id).join(Event, Event.id == Booking.event_id).where(Event.status == EventStatus.CANCELLED, LIVE)
    )
    for booking_id in db.session.scalars(left):
        yield f"booking {booking_id}: live at a cancelled event"


def nobody_is_overtaken() -> Iterator[str]:
    """I8: whoever holds a place came before everybody who still waits and asked for no more places than they did.

    A place that somebody was given by whoever had it, or that was kept for a group, does not count as come later.
    A party that became smaller counts with the places that it had when it got them.
    """
    other = aliased(Booking)
    waits = and_(Booking.status == BookingStatus.WAITING, WAITED)
    first = (
        select(Booking.event_id, Booking.places_asked, func.min(Booking.waiting_since).label("since"))
        .where(waits)
        .group_by(Booking.event_id, Booking.places_asked)
        .subquery()
    )
    came_by_form = exists().where(
        AuditEntry.object == literal("booking:") + _as_text(other.id), AuditEntry.act == "visitor:booking:create"
    )
    held = other.status.in_((BookingStatus.CONFIRMED, BookingStatus.OFFERED))
    came_later = or_(
        other.waiting_since > first.c.since,
        and_(other.waiting_since.is_(None), other.created_at > first.c.since, came_by_form),
    )
    given = exists().where(
        AuditEntry.object == literal("booking:") + _as_text(other.id), AuditEntry.act == "attendee:booking:receive"
    )
    moved_up = (
        select(func.max(AuditEntry.after["places"].as_integer()))
        .where(AuditEntry.object == literal("booking:") + _as_text(other.id), AuditEntry.act.in_(MOVES_UP))
        .correlate(other)
        .scalar_subquery()
    )
    size = func.coalesce(moved_up, other.places_asked)
    fits = and_(first.c.places_asked <= size, other.group_id.is_(None), ~given)
    same_event = first.c.event_id == other.event_id
    overtaking = select(other.id).distinct().join(first, same_event).where(held, fits, came_later)
    for booking_id in db.session.scalars(overtaking):
        yield f"booking {booking_id}: holds a place and came after somebody who still waits"
    for booking_id in db.session.scalars(select(Booking.id).where(Booking.status == BookingStatus.WAITING, ~WAITED)):
        yield f"booking {booking_id}: waits and has no place in the line"


def no_place_stays_free() -> Iterator[str]:
    """I8: no free place of an open event would be enough for somebody who waits."""
    free = Event.capacity - Event.seats_taken - Event.places_kept
    waits = exists().where(
        Booking.event_id == Event.id, Booking.status == BookingStatus.WAITING, Booking.places <= free
    )
    idle = select(Event.id).where(Event.status == EventStatus.PUBLISHED, Event.ends_at > clock.now(), waits)
    for event_id in db.session.scalars(idle):
        yield f"event {event_id}: has free places, and somebody waits for no more than these"


def offers_end() -> Iterator[str]:
    """I8: an offer has an end."""
    endless = select(Booking.id).where(Booking.status == BookingStatus.OFFERED, Booking.offer_expires_at.is_(None))
    for booking_id in db.session.scalars(endless):
        yield f"booking {booking_id}: offered without an end"


def access_needs_end() -> Iterator[str]:
    """P16: what people need is there for live bookings alone, and no longer than it was promised."""
    ended = select(Booking.id).join(AccessNeed, AccessNeed.booking_id == Booking.id).where(~LIVE)
    for booking_id in db.session.scalars(ended):
        yield f"booking {booking_id}: has ended, and what its people need is still there"
    overdue = AccessNeed.delete_at < clock.now() - DELETED_WITHIN
    for booking_id in db.session.scalars(select(AccessNeed.booking_id).where(overdue)):
        yield f"booking {booking_id}: what its people needed has outlived its time"
    endless = (
        select(AccessNeed.booking_id)
        .join(Booking, Booking.id == AccessNeed.booking_id)
        .join(Event, Event.id == Booking.event_id)
        .where(AccessNeed.delete_at <= Event.ends_at)
    )
    for booking_id in db.session.scalars(endless):
        yield f"booking {booking_id}: what its people need would be deleted before the event is over"


def certificates_are_true() -> Iterator[str]:
    """A certificate belongs to somebody who came to an event that is over."""
    attendance = case((Certificate.guest_id.is_(None), Booking.attendance), else_=Guest.attendance)
    untrue = (
        select(Certificate.id)
        .join(Booking, Booking.id == Certificate.booking_id)
        .join(Event, Event.id == Booking.event_id)
        .outerjoin(Guest, Guest.id == Certificate.guest_id)
        .where(or_(attendance != Attendance.ATTENDED, ~CONFIRMED, Event.ends_at > clock.now()))
    )
    for certificate_id in db.session.scalars(untrue):
        yield f"certificate {certificate_id}: of somebody who did not come, or to an event that is not over"


def sequences_rise() -> Iterator[str]:
    """I7: mails of one invitation carry one UID and each SEQUENCE once, up to the invitation's own."""
    calendar = Message.facts["calendar"]
    sequence, uid = calendar["sequence"].as_integer(), calendar["uid"].as_string()
    mails = (
        select(
            Message.about_id,  # of a booking or a guest
            Message.to_addr,  # a corrected address has an entry of its own
            func.count(sequence).label("mails"),
            func.count(sequence.distinct()).label("sequences"),
            func.max(sequence).label("highest"),
            func.count(uid.distinct()).label("uids"),
            func.max(uid).label("uid"),
        )
        .where(Message.about_type.in_(("booking", "booking_guest")), uid.is_not(None), ~SENT_AGAIN)
        .group_by(Message.about_id, Message.to_addr)
        .subquery()
    )
    wrong = (
        select(CalendarInvite.id)
        .join(
            mails,
            and_(
                mails.c.about_id == func.coalesce(CalendarInvite.guest_id, CalendarInvite.booking_id),
                mails.c.to_addr == CalendarInvite.attendee_addr,
            ),
        )
        .where(
            or_(
                mails.c.uids != 1,
                mails.c.uid != CalendarInvite.uid,
                mails.c.mails != mails.c.sequences,
                mails.c.highest != CalendarInvite.sequence,
            )
        )
    )
    for invite_id in db.session.scalars(wrong):
        yield f"calendar_invite {invite_id}: its mails do not carry one UID and a rising SEQUENCE"


INVARIANTS: dict[str, Callable[[], Iterator[str]]] = {
    "I1 seats": seats_are_counted,
    "I4 one live booking": one_live_booking_each,
    "I5 bookings complete": bookings_are_complete,
    "I5 parties complete": parties_are_complete,
    "I5 cancelled events empty": cancelled_events_are_empty,
    "I5 certificates": certificates_are_true,
    "I6 nobody who left": nobody_who_left_is_written_to,
    "I6 nobody twice": nobody_is_written_to_twice,
    "I7 calendar sequences": sequences_rise,
    "I8 nobody overtaken": nobody_is_overtaken,
    "I8 no place idle": no_place_stays_free,
    "I8 offers end": offers_end,
    "P16 access needs end": access_needs_end,
    "I10 anonymous unknown": anonymous_people_stay_unknown,
    "I11 nothing joins": nothing_joins_the_anonymous,
    "I12 consent": published_with_consent,
    "P13 taken back": nothing_stays_of_what_was_taken_back,
}


def fingerprint() -> dict[str, tuple[int, str]]:
    """Return for each table its count of rows and a digest of their contents, whatever order they lie in."""
    result = {}
    for table in Base.metadata.sorted_tables:
        rows = sorted(
            hashlib.sha256(repr([_plain(value) for value in row]).encode()).digest()
            for row in db.session.execute(table.select())
        )
        result[table.name] = (len(rows), hashlib.sha256(b"".join(rows)).hexdigest()[:16])
    return result


def _sum(number: Any, *where: ColumnElement[bool]) -> Select[tuple[int]]:
    return select(func.coalesce(func.sum(number), 0)).where(*where)


def _plain(value: object) -> object:
    return sorted(value.items()) if isinstance(value, dict) else str(value)


def _as_text(row_id: InstrumentedAttribute[UUID]) -> ColumnElement[str]:
    """Return an id as audit entries write it: SQLite keeps it without hyphens."""
    text: ColumnElement[str] = cast(row_id, String)
    if db.session.get_bind().dialect.name == "postgresql":
        return text
    parts = [func.substr(text, start, length) for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))]
    joined: ColumnElement[str] = parts[0]
    for part in parts[1:]:
        joined = joined + "-" + part
    return joined
