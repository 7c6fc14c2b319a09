"""What organisers do with the bookings of others: adding somebody, removing somebody."""

import uuid
from datetime import datetime

from engage.audit.services import record
from engage.bookings.endings import mark_cancelled
from engage.bookings.enums import BookingOutcome, BookingStatus, CancelledBy, Freed
from engage.bookings.errors import BookingEndedError, KnownAddressError, NotEnoughFreeError, OverError, WouldWaitError
from engage.bookings.mails import Recipient, queue_removed
from engage.bookings.models import Booking
from engage.bookings.party import invited_party, take_back_invitations
from engage.bookings.queries import find_live_booking, get_booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place
from engage.bookings.waiting import promote
from engage.calendars.queries import find_invite
from engage.calendars.services import end_invite
from engage.events.enums import Phase
from engage.events.errors import EventFullError
from engage.events.queries import lock_event
from engage.events.services import free_count, free_places
from engage.kernel.db import db
from engage.kernel.settings import Site


def add_booking(
    event_id: uuid.UUID,
    request: PlaceRequest,
    *,
    or_wait: bool,
    site: Site,
    at: datetime,
    last_place_gone: bool = False,
) -> Booking:
    """Book for somebody, who gets the invitation; or, if `or_wait`, put them on the list of an event that is full.

    An organiser may know what a stranger may not: that an address has a booking already. Raises KnownAddressError,
    NotEnoughFreeError, WouldWaitError, and what `book_place` raises, whose `last_place_gone` it has too: nothing is
    then kept of the transaction.
    """
    request = request.checked()
    _refuse_known(event_id, request.email)
    try:
        outcome = book_place(event_id, request, site=site, at=at, last_place_gone=last_place_gone)
    except EventFullError as error:
        if not last_place_gone:
            raise
        raise NotEnoughFreeError(asked=request.places, free=free_count(event_id)) from error
    if outcome is BookingOutcome.WAITING and not or_wait:
        raise WouldWaitError(asked=request.places, free=free_count(event_id))
    booking = find_live_booking(event_id, request.email)
    if booking is None or (booking.source, booking.created_at) != (request.source, at):  # somebody else was quicker
        raise KnownAddressError(reference="" if booking is None else booking.reference)
    return booking


def remove_booking(
    booking_id: uuid.UUID, *, message: str, site: Site, at: datetime, actor: uuid.UUID | None
) -> Booking:
    """End a booking, or somebody's wait, and tell them, with what the organiser says to them.

    A place that comes free goes to the waiting list at once. Raises BookingNotFoundError, BookingEndedError,
    OverError.
    """
    event = lock_event(get_booking(booking_id).event_id)
    booking = get_booking(booking_id)
    db.session.refresh(booking)  # as it is now that the event is held: nobody else ends it
    waits, held = booking.is_in_line(), booking.status is not BookingStatus.WAITING
    if not (booking.is_live() or waits):
        raise BookingEndedError
    if event.phase(at) is Phase.OVER:
        raise OverError
    mark_cancelled(booking, by=CancelledBy.ORGANISER, at=at)
    invite = None if waits else find_invite(booking_id)
    ended = None if invite is None else end_invite(invite)
    queue_removed(Recipient.of(booking), event, ended, message=message, site=site, at=at)
    take_back_invitations(invited_party(booking_id), event, site=site, at=at)  # those of guests
    record("organiser:booking:remove", f"booking:{booking_id}", at=at, actor=actor)
    db.session.flush()
    if held:
        free_places(event.id, booking.places, group_id=booking.group_id)
        promote(event, because=Freed.REMOVED, site=site, at=at)
    return booking


def _refuse_known(event_id: uuid.UUID, address: str) -> None:
    known = find_live_booking(event_id, address)
    if known is not None:
        raise KnownAddressError(reference=known.reference)
