"""What attendees and guests answer in their calendar does what their own page would do (calendar-mail 5.3)."""

import uuid
from datetime import datetime, timedelta

from engage.audit.services import record
from engage.bookings.enums import BookingOutcome, BookingStatus, CancelledBy
from engage.bookings.guest_queries import guests_of, next_position
from engage.bookings.guests import cannot_come
from engage.bookings.mails import Recipient, queue_invitation, queue_still_coming
from engage.bookings.models import Booking, Guest
from engage.bookings.party import invite_guests
from engage.bookings.queries import answers_of_booking, find_live_booking, get_booking
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.calendars.answers import live_again
from engage.calendars.enums import InviteState, PartStat
from engage.calendars.models import CalendarInvite
from engage.calendars.queries import has_living_entry
from engage.calendars.services import raise_sequences
from engage.events.enums import EventStatus
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.events.services import group_has, take_places
from engage.kernel.db import db
from engage.kernel.errors import EngageError
from engage.kernel.jobs import defer_once
from engage.kernel.settings import Site

STILL_COMING = "bookings.still-coming"
ASKED_BEFORE = timedelta(hours=24)


def answerer_of(invite: CalendarInvite) -> tuple[Booking, Guest | None, Recipient]:
    """Return the booking that an attendee's entry belongs to, the guest if it is a guest's, and whom mails go to."""
    assert invite.booking_id is not None  # noqa: S101 - the CHECK of the table: an attendee's belongs to a booking
    booking = get_booking(invite.booking_id)
    guest = None if invite.guest_id is None else db.session.get_one(Guest, invite.guest_id)
    holder = Recipient.of(booking)
    return booking, guest, holder if guest is None else holder.guest(guest)


def decline(invite: CalendarInvite, *, site: Site, at: datetime) -> None:
    """Give the place back, as its own link would; the waiting list is served. Raises TooLateToCancelError."""
    booking, guest, _ = answerer_of(invite)
    if guest is None:
        cancel_booking(booking.id, site=site, at=at, by_calendar=True)
    else:
        cannot_come(guest.id, site=site, at=at, by_calendar=True)


def may_return(invite: CalendarInvite) -> bool:
    """Tell whether an entry ended because the holder declined it in their calendar, so that they may change their mind.

    A guest's place left the booking, and a booking never grows.
    """
    booking, guest, _ = answerer_of(invite)
    ended_by_holder = booking.status is BookingStatus.CANCELLED and booking.cancelled_by is CancelledBy.ATTENDEE
    return guest is None and ended_by_holder and invite.partstat is PartStat.DECLINED


def accept_after_all(invite: CalendarInvite, event: Event, *, site: Site, at: datetime) -> BookingOutcome | None:
    """Give somebody who declined and then accepted their places again, if so many are free.

    Else they join the waiting list; None if there is none, or they have another booking by now. Without places the
    caller, who holds the event's row, takes the entry out of their calendar.
    """
    booking, _, _ = answerer_of(invite)
    is_elsewhere = find_live_booking(event.id, booking.email_normalised) is not None
    in_group = group_has(booking.group_id, event.id, booking.places)
    has_room = in_group or event.places_left() >= booking.places
    if event.takes_bookings(at) and has_room and not is_elsewhere:
        take_places(event.id, booking.places, at=at, group_id=booking.group_id if in_group else None)
        _book_again(booking, invite, event, in_group=in_group, site=site, at=at)
        return BookingOutcome.PLACE
    return None if is_elsewhere else _wait_again(booking, event, site=site, at=at)


def brings_people(invite: CalendarInvite) -> bool:
    """Tell whether guests with an address are on the booking, who are written to when it ends and when it returns."""
    booking, _, _ = answerer_of(invite)
    return any(guest.email_normalised is not None for guest in guests_of(booking.id))


def is_there_anyhow(invite: CalendarInvite) -> bool:
    """Tell whether somebody whose entry ended is at the event by another one, or waits for a place."""
    address = invite.attendee_addr
    return has_living_entry(invite.event_id, address) or find_live_booking(invite.event_id, address) is not None


def promise_asking(invite: CalendarInvite, event: Event, *, at: datetime) -> None:
    """See to it that somebody who answered "maybe" is asked a day before, once; nearer to the start nobody is."""
    run_at = event.starts_at - ASKED_BEFORE
    if run_at > at:
        key = f"{STILL_COMING}:{invite.id}:{event.starts_at.isoformat()}"
        starts = event.starts_at.isoformat()
        defer_once(STILL_COMING, at=at, run_at=run_at, dedupe_key=key, invite=str(invite.id), starts_at=starts)


def ask_still_coming(invite_id: uuid.UUID, starts_at: datetime, *, site: Site, at: datetime) -> bool:
    """Ask somebody who answered "maybe" whether they come, if they still may; tell whether they were asked."""
    invite = db.session.get(CalendarInvite, invite_id)
    if invite is None or invite.state is not InviteState.LIVE or invite.partstat is not PartStat.TENTATIVE:
        return False
    event = lock_event(invite.event_id)
    if event.status is not EventStatus.PUBLISHED or event.starts_at != starts_at or event.starts_at <= at:
        return False
    _, _, recipient = answerer_of(invite)
    queue_still_coming(recipient, event, key=f"{invite.id}:{starts_at.isoformat()}", site=site, at=at)
    return True


def _book_again(
    booking: Booking, invite: CalendarInvite, event: Event, *, in_group: bool, site: Site, at: datetime
) -> None:
    """Let a booking whose places are counted live again, under the UID that its holder's calendar accepted.

    Its guests' entries were taken back: they get new ones.
    """
    booking.status, booking.cancelled_by, booking.cancelled_at = BookingStatus.CONFIRMED, None, None
    booking.group_id = booking.group_id if in_group else None
    invite.partstat = PartStat.ACCEPTED
    live_again(invite)
    record("attendee:booking:return", f"booking:{booking.id}", at=at)
    holder = Recipient.of(booking)
    queue_invitation(holder, event, raise_sequences([invite.id], time_changed=False)[invite.id], site=site, at=at)
    again = []
    for guest in guests_of(booking.id):
        if guest.email_normalised is not None:
            guest.gone_at = at
            new = Guest(
                booking_id=booking.id,
                position=next_position(booking.id),
                name=guest.name,
                email_normalised=guest.email_normalised,
                reminders=guest.reminders,
            )
            db.session.add(new)
            db.session.flush()
            again.append(new)
    invite_guests(holder, event, again, site=site, at=at)
    db.session.flush()


def _wait_again(booking: Booking, event: Event, *, site: Site, at: datetime) -> BookingOutcome | None:
    """Put somebody who gave their places back at the end of the waiting list, if one is open."""
    if not (event.takes_bookings(at) and event.waiting_list):
        return None
    guests = tuple(GuestRequest(guest.name, guest.email_normalised) for guest in guests_of(booking.id))
    request = PlaceRequest(
        booking.name,
        booking.email_normalised,
        booking.locale,
        organisation=booking.organisation,
        places=booking.places,
        guests=guests,
        answers=answers_of_booking(booking.id),
        reminders=booking.reminders,
        is_member=True,
    )
    try:
        return book_place(event.id, request, site=site, at=at, last_place_gone=True)
    except EngageError:
        return None
