"""The waiting list (rule 12): in order, once, in the transaction that freed the place.

Whoever frees a place holds the event's row and passes the place on before that row is let go, and whoever joins holds
it too. So no place is free that somebody who waits could have, and a new visitor never overtakes. A party that asks
for more places than are free is passed over and keeps its turn.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update

from engage.audit.services import record
from engage.bookings.endings import mark_cancelled, mark_expired
from engage.bookings.enums import BookingOutcome, BookingStatus, CancelledBy, Freed
from engage.bookings.errors import HasPlaceError, OfferOverError, no_room
from engage.bookings.mails import (
    Recipient,
    queue_list_closed,
    queue_offer,
    queue_offer_expired,
    queue_waiting,
)
from engage.bookings.models import Booking
from engage.bookings.notices import promise_first_waiting
from engage.bookings.party import invite_party
from engage.bookings.queries import end_of_line, find_first_waiting, get_booking, people_ahead, people_in_line
from engage.events.enums import EventStatus, Phase
from engage.events.errors import BookingClosedError
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.events.services import free_count, free_places, group_has, take_places
from engage.kernel.db import db, table_of
from engage.kernel.jobs import defer_once
from engage.kernel.plain import run_plain
from engage.kernel.settings import Site

EXPIRE_OFFER = "bookings.expire-offer"
CLOSE_LIST = "bookings.close-list"
ONE_STEP = timedelta(microseconds=1)
_BOOKING = table_of(Booking)
_WAIT_SINCE = update(_BOOKING).where(_BOOKING.c.id == bindparam("booking")).values(waiting_since=bindparam("since"))


def join_list(booking_id: uuid.UUID, *, site: Site, at: datetime) -> BookingOutcome:
    """Put a new booking at the end of the line, or give it a place if one has come free by now.

    Holds the event's row. Raises BookingClosedError, EventFullError where no list is open.
    """
    booking = get_booking(booking_id)
    event = lock_event(booking.event_id)
    if not event.takes_bookings(at):
        raise BookingClosedError
    group_id = booking.group_id if group_has(booking.group_id, event.id, booking.places) else None
    booking.group_id = group_id
    if group_id is not None or event.places_left() >= booking.places:
        take_places(event.id, booking.places, at=at, group_id=group_id)
        _confirm(booking, event, site=site, at=at)
        return BookingOutcome.PLACE
    if not event.waiting_list:
        raise no_room(event.places_left())
    db.session.flush()
    ahead, latest = end_of_line(event.id)
    run_plain(_WAIT_SINCE, {"booking": booking.id, "since": max(at, latest or at) + ONE_STEP})
    queue_waiting(Recipient.of(booking), event, ahead=ahead, site=site, at=at)
    promise_closing(event, at=at)
    if not ahead:
        promise_first_waiting(event, at=at)
    return BookingOutcome.WAITING


def promote(event: Event, *, because: Freed, site: Site, at: datetime) -> int:
    """Pass free places on to whoever has waited longest of those whom they are enough for; returns how many moved up.

    The caller holds the event's row. Far from the event somebody moves up at once; near it they are offered the
    place for a limited time (both are settings); once the doors are open there is no time to ask, and they move up
    at once again.
    """
    moved = 0
    while event.takes_bookings(at) and (booking := find_first_waiting(event.id, free_count(event.id))) is not None:
        take_places(event.id, booking.places, at=at)
        if event.doors_open_at() > at >= event.starts_at - timedelta(hours=site.waiting_move_up_hours):
            _offer(booking, event, site=site, at=at)
        else:
            _confirm(booking, event, promoted=True, site=site, at=at)
        record(
            f"system:booking:{'offer' if booking.status is BookingStatus.OFFERED else 'promote'}",
            _object(booking),
            at=at,
            after={"because": because.value, "places": booking.places},
        )
        moved += 1
    db.session.flush()
    return moved


def accept_offer(booking_id: uuid.UUID, *, site: Site, at: datetime) -> Booking:
    """Take an offered place; a second time changes nothing. Raises OfferOverError, BookingClosedError."""
    booking, event = _hold(booking_id)
    if booking.is_live():
        return booking
    if booking.status is not BookingStatus.OFFERED or booking.offer_expires_at is None:
        raise OfferOverError
    if not event.takes_bookings(at):
        raise BookingClosedError
    if booking.offer_expires_at <= at:
        raise OfferOverError
    _confirm(booking, event, site=site, at=at)
    record("attendee:booking:accept", _object(booking), at=at)
    db.session.flush()
    return booking


def leave_list(booking_id: uuid.UUID, *, site: Site, at: datetime) -> Booking:
    """Leave the line, or decline an offer, whose place then goes to the next; a second time changes nothing.

    Raises HasPlaceError for somebody who has moved up.
    """
    booking, event = _hold(booking_id)
    if booking.is_live():
        raise HasPlaceError
    if not booking.is_in_line():
        return booking
    declined = booking.status is BookingStatus.OFFERED
    mark_cancelled(booking, by=CancelledBy.ATTENDEE, at=at)
    record(f"attendee:booking:{'decline' if declined else 'leave'}", _object(booking), at=at)
    db.session.flush()
    if declined:
        free_places(event.id, booking.places)
        promote(event, because=Freed.DECLINED, site=site, at=at)
    return booking


def expire_offer(booking_id: uuid.UUID, *, site: Site, at: datetime) -> bool:
    """End an offer whose time is up and pass the place on; False if there is nothing to end."""
    booking, event = _hold(booking_id)
    expires_at = booking.offer_expires_at
    if booking.status is not BookingStatus.OFFERED or expires_at is None or expires_at > at:
        return False
    mark_expired(booking)
    queue_offer_expired(Recipient.of(booking), event, site=site, at=at)
    record("system:booking:expire", _object(booking), at=at)
    db.session.flush()
    free_places(event.id, booking.places)
    promote(event, because=Freed.OFFER_EXPIRED, site=site, at=at)
    return True


def close_list(event_id: uuid.UUID, *, site: Site, at: datetime) -> int:
    """Tell whoever still waits for an event that is over; returns how many. Before the end it does nothing."""
    event = lock_event(event_id)
    if event.status is EventStatus.PUBLISHED and event.phase(at) is not Phase.OVER:
        return 0
    people = people_in_line(event_id)
    for booking in people:
        if booking.status is BookingStatus.OFFERED:
            free_places(event_id, booking.places)
        mark_expired(booking)
        queue_list_closed(Recipient.of(booking), event, site=site, at=at)
        record("system:booking:expire", _object(booking), at=at)
    db.session.flush()
    return len(people)


def dissolve_list(event: Event, *, reason: str, site: Site, at: datetime) -> int:
    """End the list of an event that was just cancelled, and tell each person; returns how many.

    The caller holds the event's row and sets its places.
    """
    people = people_in_line(event.id)
    for booking in people:
        mark_cancelled(booking, by=CancelledBy.EVENT, at=at)
        queue_list_closed(Recipient.of(booking), event, reason=reason, site=site, at=at)
        record("organiser:booking:cancel", _object(booking), at=at)
    db.session.flush()
    return len(people)


def follow_new_time(event: Event, *, site: Site, at: datetime) -> None:
    """Tell whoever waits that the event has moved; no offer outlasts the new start. The caller holds the row."""
    people = people_in_line(event.id)
    for booking in people:
        if booking.status is BookingStatus.OFFERED and booking.offer_expires_at is not None:
            _keep_until(booking, min(booking.offer_expires_at, event.starts_at), at=at)
            queue_offer(Recipient.of(booking), event, expires_at=booking.offer_expires_at, again=True, site=site, at=at)
        else:
            ahead = people_ahead(booking)
            queue_waiting(Recipient.of(booking), event, ahead=ahead, moved=True, again=True, site=site, at=at)
    if people:
        promise_closing(event, at=at)
    db.session.flush()


def promise_closing(event: Event, *, at: datetime) -> None:
    """See to it that the list is closed when the event is over."""
    key = f"{CLOSE_LIST}:{event.id}:{event.ends_at.isoformat()}"
    defer_once(CLOSE_LIST, at=at, run_at=event.ends_at, dedupe_key=key, event=str(event.id))


def _hold(booking_id: uuid.UUID) -> tuple[Booking, Event]:
    """Return a booking as it is now, and its event, whose row is held: nobody else changes either."""
    booking = get_booking(booking_id)
    event = lock_event(booking.event_id)
    db.session.refresh(booking)
    return booking, event


def _confirm(booking: Booking, event: Event, *, promoted: bool = False, site: Site, at: datetime) -> None:
    """Make a booking whose place is counted a confirmed one, and invite."""
    booking.status = BookingStatus.CONFIRMED
    booking.offer_expires_at = None
    db.session.flush()
    invite_party(booking, event, promoted=promoted, site=site, at=at)


def _offer(booking: Booking, event: Event, *, site: Site, at: datetime) -> None:
    """Hold a counted place for somebody for a while."""
    booking.status = BookingStatus.OFFERED
    expires_at = min(at + timedelta(minutes=site.waiting_offer_minutes), event.starts_at)
    _keep_until(booking, expires_at, at=at)
    db.session.flush()
    queue_offer(Recipient.of(booking), event, expires_at=expires_at, site=site, at=at)
    promise_closing(event, at=at)


def _keep_until(booking: Booking, expires_at: datetime, *, at: datetime) -> None:
    booking.offer_expires_at = expires_at
    key = f"{EXPIRE_OFFER}:{booking.id}:{expires_at.isoformat()}"
    defer_once(EXPIRE_OFFER, at=at, run_at=expires_at, dedupe_key=key, booking=str(booking.id))


def _object(booking: Booking) -> str:
    return f"booking:{booking.id}"
