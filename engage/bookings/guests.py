"""What changes about guests: named, put in another's place, taken off, or gone by their own wish."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engage.audit.services import record
from engage.bookings.certificates import erase_certificates
from engage.bookings.enums import Freed
from engage.bookings.errors import (
    BookingCancelledError,
    OverError,
    PartyChangedError,
    TooLateToCancelError,
)
from engage.bookings.guest_queries import get_guest, guests_of, next_position
from engage.bookings.mails import ABOUT_GUEST, Recipient, queue_guest_left
from engage.bookings.models import Booking, Guest
from engage.bookings.party import invite_guests, invited_party, let_go, take_back_invitations
from engage.bookings.queries import get_booking
from engage.bookings.requests import GuestRequest, checked_rows
from engage.bookings.waiting import promote
from engage.calendars.answers import note_answered
from engage.calendars.feeds import forget_feeds
from engage.calendars.queries import find_guest_invite
from engage.calendars.services import end_silently, mask_attendee
from engage.events.enums import EventStatus, Phase
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.events.services import free_places
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import new_nonce
from engage.mail.faults import forget_fault
from engage.mail.received import forget_inbound
from engage.mail.services import erase_messages


@dataclass(frozen=True)
class GuestChange:
    """What the holder of a booking says of the guest at one position."""

    position: int
    name: str | None
    email: str | None
    is_gone: bool = False


def change_party(booking_id: uuid.UUID, changes: Sequence[GuestChange], *, site: Site, at: datetime) -> None:
    """Name guests, change them, or take them off the booking, whose places then go to the waiting list.

    A booking never grows: whoever waits would be overtaken. Another address is another person: the old one's
    invitation is taken back and the new one gets their own. A party that waits and becomes smaller may have its
    places at once. Raises BookingNotFoundError, BookingCancelledError, OverError, PartyChangedError for other
    guests than the booking has, and what `checked_rows` raises.
    """
    booking, event = _hold(booking_id)
    if not (booking.is_live() or booking.is_in_line()):
        raise BookingCancelledError
    if event.status is not EventStatus.PUBLISHED or event.phase(at) is Phase.OVER:
        raise OverError
    guests = {guest.position: guest for guest in guests_of(booking_id)}
    if set(guests) != {change.position for change in changes}:
        raise PartyChangedError
    staying = {each.position: GuestRequest(each.name, each.email) for each in changes if not each.is_gone}
    wanted = checked_rows(staying, holder=booking.email_normalised)
    different = [at_position for at_position, want in wanted.items() if want != _said(guests[at_position])]
    leaving = [guests[change.position] for change in changes if change.is_gone]
    if not different and not leaving:
        return
    places_before = booking.places
    _end(leaving, booking, event, site=site, at=at)
    new = [
        _name(guests[at_position], wanted[at_position], booking, event, site=site, at=at) for at_position in different
    ]
    db.session.flush()
    if booking.is_live():
        invite_guests(Recipient.of(booking), event, [guest for guest in new if guest is not None], site=site, at=at)
    changed = [*(["guests"] if different else []), *(["places"] if leaving else [])]
    record(
        "attendee:booking:change",
        f"booking:{booking_id}",
        at=at,
        before={"places": places_before},
        after={"places": booking.places, "changed": changed},
    )
    if leaving:
        _pass_on(len(leaving), booking, event, site=site, at=at)


def cannot_come(guest_id: uuid.UUID, *, site: Site, at: datetime, by_calendar: bool = False) -> None:
    """Give a guest's place back, which goes to the waiting list at once; the holder is told. Twice changes nothing.

    `by_calendar` says that the guest declined in their calendar, which has taken the entry out itself. Raises
    BookingNotFoundError, TooLateToCancelError.
    """
    guest, booking, event = _hold_guest(guest_id)
    if guest.gone_at is not None or not booking.is_live():
        return
    if event.phase(at) is Phase.OVER:
        raise TooLateToCancelError
    if by_calendar:
        let_go(find_guest_invite(guest_id), Recipient.of(booking).guest(guest), event, site=site, at=at)
    else:
        note_answered(find_guest_invite(guest_id), at=at)
    _end([guest], booking, event, site=site, at=at)
    queue_guest_left(Recipient.of(booking), event, guest, site=site, at=at)
    record("guest:booking:leave", f"booking:{booking.id}", at=at, after={"places": booking.places})
    _pass_on(1, booking, event, site=site, at=at)


def stop_mails(guest_id: uuid.UUID, *, at: datetime) -> None:
    """Write to a guest no more, and forget who they are; their place stays with the booking, for the holder to give.

    Every link of theirs ends. Raises BookingNotFoundError.
    """
    guest, booking, _ = _hold_guest(guest_id)
    if guest.email_normalised is not None:
        forget_feeds(guest.email_normalised)
    if guest.gone_at is None and (booking.is_live() or booking.is_in_line()):
        _vacate(guest, booking, at=at)
    _forget(guest)
    record("guest:booking:erase", f"booking:{booking.id}", at=at)
    db.session.flush()


def take_off_guests(address: str, booking: Booking, event: Event, *, site: Site, at: datetime) -> None:
    """Take a guest off a booking that they are to hold themselves: nobody is on it twice. Their place stays with it.

    The caller holds the event. The entry in their calendar goes, since a holder's comes.
    """
    theirs = [person for person in invited_party(booking.id) if person.guest is not None]
    take_back_invitations(
        [person for person in theirs if person.invite.attendee_addr == address], event, site=site, at=at
    )
    for guest in guests_of(booking.id):
        if guest.email_normalised == address:
            _vacate(guest, booking, at=at)
    db.session.flush()


def forget_guests(booking_id: uuid.UUID) -> None:
    """Take every guest of a booking out of it and out of the mails, those who are gone as well (P18)."""
    for guest in db.session.scalars(select(Guest).where(Guest.booking_id == booking_id)):
        _forget(guest)


def _hold(booking_id: uuid.UUID) -> tuple[Booking, Event]:
    """Return a booking as it is now, and its event, whose row is held."""
    booking = get_booking(booking_id)
    event = lock_event(booking.event_id)
    db.session.refresh(booking)
    return booking, event


def _hold_guest(guest_id: uuid.UUID) -> tuple[Guest, Booking, Event]:
    guest = get_guest(guest_id)
    booking, event = _hold(guest.booking_id)
    db.session.refresh(guest)
    if guest.booking_id != booking.id:  # handed over in this moment
        booking = get_booking(guest.booking_id)
        db.session.refresh(booking)
    return guest, booking, event


def _said(guest: Guest) -> GuestRequest:
    return GuestRequest(guest.name, guest.email_normalised)


def _end(guests: Sequence[Guest], booking: Booking, event: Event, *, site: Site, at: datetime) -> None:
    """Take guests off a booking with their places, and tell those who were invited."""
    gone = {guest.id for guest in guests}
    people = [person for person in invited_party(booking.id) if person.guest is not None and person.guest.id in gone]
    take_back_invitations(people, event, site=site, at=at)
    for guest in guests:
        guest.gone_at = at
    booking.places -= len(guests)
    db.session.flush()


def _name(
    guest: Guest, wanted: GuestRequest, booking: Booking, event: Event, *, site: Site, at: datetime
) -> Guest | None:
    """Say who a guest is; returns whom to invite, if they have no invitation yet."""
    if guest.email_normalised is None or guest.email_normalised == wanted.email:
        is_new = guest.email_normalised != wanted.email
        guest.name, guest.email_normalised = wanted.name, wanted.email
        return guest if is_new else None
    people = [person for person in invited_party(booking.id) if person.guest is guest]
    take_back_invitations(people, event, site=site, at=at)
    guest.gone_at = at
    other = Guest(
        booking_id=booking.id,
        position=next_position(booking.id),
        name=wanted.name,
        email_normalised=wanted.email,
        reminders=booking.reminders,
    )
    db.session.add(other)
    db.session.flush()
    return other


def _pass_on(places: int, booking: Booking, event: Event, *, site: Site, at: datetime) -> None:
    """Give places that a booking held to the waiting list; one that waits itself may fit now."""
    if booking.holds_places():
        free_places(event.id, places, group_id=booking.group_id)
    promote(event, because=Freed.FEWER_PLACES, site=site, at=at)


def _vacate(guest: Guest, booking: Booking, *, at: datetime) -> None:
    """Note that a guest is gone, and leave their place to somebody without a name."""
    guest.gone_at = at
    db.session.add(Guest(booking_id=booking.id, position=next_position(booking.id), reminders=booking.reminders))


def _forget(guest: Guest) -> None:
    """Take a person out of a guest's row, their calendar entry, the mails to them and their certificate."""
    address, masked = guest.email_normalised, f"erased-{uuid.uuid4().hex}@erased.invalid"
    guest.name = guest.email_normalised = None
    guest.nonce = new_nonce()
    invite = find_guest_invite(guest.id)
    if invite is not None:
        end_silently(invite)
        mask_attendee(invite, masked=masked)
    erase_messages(ABOUT_GUEST, guest.id, address=address or masked, masked=masked)
    forget_inbound(ABOUT_GUEST, guest.id, address=address or masked)
    forget_fault(address or masked)
    erase_certificates(guest.booking_id, guest.id)
