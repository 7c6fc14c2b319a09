"""Changing bookings."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, literal_column, select

from engage.audit.services import record
from engage.bookings.enums import Attendance, BookingOutcome, BookingStatus, CancelledBy, Freed
from engage.bookings.errors import (
    AddressInvalidError,
    BookingCancelledError,
    DoorsClosedError,
    NameMissingError,
    TooLateToCancelError,
)
from engage.bookings.mails import (
    Guest,
    queue_already_booked,
    queue_booking_cancelled,
    queue_event_cancelled,
    queue_invitation,
    queue_offer,
    queue_waiting,
)
from engage.bookings.models import LIVE, Booking
from engage.bookings.queries import confirmed_bookings, get_booking, people_ahead
from engage.bookings.waiting import dissolve_list, join_list, promote
from engage.calendars.queries import find_invite, live_invites
from engage.calendars.services import end_invite, issue_invite
from engage.events.enums import EventStatus, Phase
from engage.events.errors import (
    BookingClosedError,
    EventChangedError,
    EventFullError,
    EventNotFoundError,
    EventOverError,
)
from engage.events.models import Event
from engage.events.queries import get_event_by_id, lock_event
from engage.events.services import free_all_places, free_place, take_place
from engage.kernel.db import db, insert_unless_there, table_of
from engage.kernel.settings import Site
from engage.kernel.text import normalise_email
from engage.kernel.tokens import new_nonce
from engage.mail.enums import MessageKind
from engage.mail.queries import count_since

REMINDERS_A_DAY = 3  # mails to an address that somebody gives again and again (S31)
REFERENCE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"  # none that is taken for another
_REMINDS = {BookingStatus.WAITING: MessageKind.WAITING, BookingStatus.OFFERED: MessageKind.OFFER}
_EVENT = table_of(Event).c
_BOOKING = table_of(Booking).c
# The words of LIVE stand in the statement itself, so that the partial index is used.
_EVENT_AND_BOOKING = (
    select(
        *(_EVENT.id, _EVENT.slug, _EVENT.title, _EVENT.summary, _EVENT.timezone),
        *(_EVENT.starts_at, _EVENT.ends_at, _EVENT.status, _EVENT.version),
        *(_EVENT.capacity, _EVENT.seats_taken, _EVENT.waiting_list),
        _BOOKING.id.label("booking_id"),
        _BOOKING.status.label("booking_status"),
        *(_BOOKING.nonce, _BOOKING.name, _BOOKING.locale, _BOOKING.offer_expires_at),
    )
    .select_from(
        table_of(Event).outerjoin(
            table_of(Booking),
            and_(
                _BOOKING.event_id == _EVENT.id,
                _BOOKING.email_normalised == bindparam("address"),
                _BOOKING.status.in_([literal_column(f"'{word}'") for word in ("confirmed", "waiting", "offered")]),
            ),
        )
    )
    .where(_EVENT.id == bindparam("event"))
)


def book_place(
    event_id: uuid.UUID,
    *,
    name: str,
    email: str,
    organisation: str | None,
    locale: str,
    site: Site,
    at: datetime,
    last_place_gone: bool = False,
) -> BookingOutcome:
    """Book one place, invite, and count it last; or join the waiting list of an event that is full.

    Whoever gives an address learns nothing about it (rule 16): one that is booked or waits already gets the
    same answer, and a mail with its links, at most three a day. Plain statements, one round trip each, and a
    new booking locks the event's row by its last alone. If the last place goes in that moment, EventFullError is
    raised though the list may be open: roll back and ask again with `last_place_gone`, which holds the row and
    decides. Raises EventFullError, BookingClosedError (both for known addresses as well), EventChangedError,
    NameMissingError, AddressInvalidError, EventNotFoundError.
    """
    address = checked_address(email)
    if not name.strip():
        raise NameMissingError
    event = event_and_booking(event_id, address)
    if event.status is not EventStatus.PUBLISHED or event.ends_at <= at:
        raise BookingClosedError
    full = last_place_gone or event.seats_taken >= event.capacity
    if event.seats_taken >= event.capacity and not event.waiting_list:
        raise EventFullError
    if event.booking_id is None:
        guest = Guest(uuid.uuid4(), new_nonce(), name, address, locale)
        status = BookingStatus.WAITING if full else BookingStatus.CONFIRMED
        if insert_booking(guest, event_id, status, organisation=organisation or None, at=at):
            if full:
                record("visitor:booking:create", f"booking:{guest.booking_id}", at=at)
                return join_list(guest.booking_id, site=site, at=at)
            invite = issue_invite(
                event_id=event_id, booking_id=guest.booking_id, attendee_addr=address, site=site, at=at
            )
            queue_invitation(guest, event, invite, site=site, at=at)
            record("visitor:booking:create", f"booking:{guest.booking_id}", at=at)
            _expect(event.version, take_place(event_id, at=at))
            return BookingOutcome.PLACE
    # The address holds a place, or took one in this moment. Asked again once nobody can give it back meanwhile.
    outcome = _hold_and_decide(event_id, at=at)
    event = event_and_booking(event_id, address)
    if event.booking_id is None:
        raise EventChangedError
    remind(event, address, site=site, at=at)
    return outcome


def _hold_and_decide(event_id: uuid.UUID, *, at: datetime) -> BookingOutcome:
    """Hold the event and return what anybody new would get of it now; nothing is taken."""
    try:
        take_place(event_id, at=at, count=0)
    except EventFullError:
        event = lock_event(event_id)
        if event.places_left() <= 0:
            if not event.waiting_list:
                raise
            return BookingOutcome.WAITING
    return BookingOutcome.PLACE


def _expect(seen: int, found: int) -> None:
    """Raise EventChangedError if the event changed since it was read: the invitation would tell its old time,
    and whoever changed it told nobody of a booking that was not there yet.
    """
    if seen != found:
        raise EventChangedError


def cancel_booking(booking_id: uuid.UUID, *, site: Site, at: datetime) -> Booking:
    """Give a place back, which goes to the waiting list at once; a second time changes nothing.

    Raises BookingNotFoundError, TooLateToCancelError.
    """
    event = lock_event(get_booking(booking_id).event_id)
    booking = get_booking(booking_id)
    db.session.refresh(booking)  # as it is now that the event is held: nobody else cancels it
    if not booking.is_live():
        return booking
    if event.phase(at) is Phase.OVER:
        raise TooLateToCancelError
    mark_cancelled(booking, by=CancelledBy.ATTENDEE, at=at)
    invite = find_invite(booking_id)
    if invite is not None:
        queue_booking_cancelled(Guest.of(booking), event, end_invite(invite), site=site, at=at)
    record("attendee:booking:cancel", f"booking:{booking_id}", at=at)
    db.session.flush()
    free_place(event.id)
    promote(event, because=Freed.CANCELLED, site=site, at=at)
    return booking


def cancel_every_booking(event_id: uuid.UUID, *, reason: str, site: Site, at: datetime) -> int:
    """End every booking of an event that was just cancelled, tell each person once (R38); returns how many.

    Whoever waits for a place is told as well.

    The caller holds the event's row.
    """
    event = get_event_by_id(event_id)
    invites = live_invites(event_id)
    bookings = confirmed_bookings(event_id)
    for booking in bookings:
        mark_cancelled(booking, by=CancelledBy.EVENT, at=at)
        invite = invites.get(booking.id)
        if invite is not None:
            queue_event_cancelled(Guest.of(booking), event, end_invite(invite), reason=reason, site=site, at=at)
        record("organiser:booking:cancel", f"booking:{booking.id}", at=at)
    db.session.flush()
    waiting = dissolve_list(event, reason=reason, site=site, at=at)
    free_all_places(event_id)
    return len(bookings) + waiting


def note_joined(booking_id: uuid.UUID, *, at: datetime) -> str:
    """Note that somebody goes in; returns the address where people meet.

    Raises BookingCancelledError, DoorsClosedError, EventOverError, BookingClosedError for a cancelled event.
    """
    booking = get_booking(booking_id)
    db.session.refresh(booking, with_for_update=True)  # it may be given back in this moment
    event = get_event_by_id(booking.event_id)
    if event.status is not EventStatus.PUBLISHED:
        raise BookingClosedError
    if not booking.is_live():
        raise BookingCancelledError
    if at < event.doors_open_at():
        raise DoorsClosedError
    if event.phase(at) is Phase.OVER:
        raise EventOverError
    if booking.joined_at is None:
        booking.joined_at = at
        booking.attendance = Attendance.ATTENDED
        record("attendee:booking:join", f"booking:{booking_id}", at=at)
        db.session.flush()
    return event.join_url


def checked_address(email: str) -> str:
    """Return an address as it is kept. Raises AddressInvalidError."""
    try:
        return normalise_email(email)
    except ValueError as error:
        raise AddressInvalidError from error


def event_and_booking(event_id: uuid.UUID, address: str) -> Row[*tuple[Any, ...]]:
    """Return what a booking needs of the event, and the live booking of the address if there is one."""
    found = db.session.execute(_EVENT_AND_BOOKING, {"event": event_id, "address": address}).one_or_none()
    if found is None:
        raise EventNotFoundError
    return found


def insert_booking(
    guest: Guest,
    event_id: uuid.UUID,
    status: BookingStatus = BookingStatus.CONFIRMED,
    *,
    organisation: str | None,
    at: datetime,
) -> bool:
    """Write a booking unless its address has a live one; tell whether it was written. It counts no place."""
    return insert_unless_there(
        Booking,
        {
            "id": guest.booking_id,
            "reference": _new_reference(),
            "event_id": event_id,
            "email_normalised": guest.email,
            "name": guest.name,
            "organisation": organisation,
            "status": status,
            "nonce": guest.nonce,
            "locale": guest.locale,
            "created_at": at,
        },
        unique=("event_id", "email_normalised"),
        where=LIVE,
    )


def remind(event: Row[*tuple[Any, ...]], address: str, *, site: Site, at: datetime) -> None:
    """Send its links again to an address that has a place, at most three times a day (S31)."""
    day_before = at - timedelta(days=1)
    kind = _REMINDS.get(event.booking_status, MessageKind.ALREADY_BOOKED)
    if count_since(kind, event.booking_id, since=day_before) < REMINDERS_A_DAY:
        guest = Guest(event.booking_id, event.nonce, event.name, address, event.locale)
        if kind is MessageKind.WAITING:
            ahead = people_ahead(get_booking(event.booking_id))
            queue_waiting(guest, event, ahead=ahead, again=True, site=site, at=at)
        elif kind is MessageKind.OFFER:
            queue_offer(guest, event, expires_at=event.offer_expires_at, again=True, site=site, at=at)
        else:
            queue_already_booked(guest, event, site=site, at=at)
    record("visitor:booking:repeat", f"booking:{event.booking_id}", at=at)


def mark_cancelled(booking: Booking, *, by: CancelledBy, at: datetime) -> None:
    """Note that a booking holds no place any more. The caller frees the place."""
    booking.status = BookingStatus.CANCELLED
    booking.cancelled_by = by
    booking.cancelled_at = at


def _new_reference() -> str:
    """Return such as "TW4K-9MNP": 39 random bits, to be read out over the telephone."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
