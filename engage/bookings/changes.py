"""What somebody does with a booking of their own: its details, handing it over, its links, erasing it."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from engage.audit.services import record
from engage.bookings.access_needs import forget_access_needs
from engage.bookings.also_speaking import speakers_among
from engage.bookings.certificates import erase_certificates
from engage.bookings.endings import mark_cancelled
from engage.bookings.enums import BookingStatus, CancelledBy, Freed
from engage.bookings.errors import (
    BookingCancelledError,
    BookingNotFoundError,
    NameMissingError,
    OverError,
    OwnAddressError,
    StillNeededError,
)
from engage.bookings.guest_queries import guests_of, next_position
from engage.bookings.guests import forget_guests, take_off_guests
from engage.bookings.mails import ABOUT, LinksOf, Recipient, queue_booking_cancelled, queue_invitation, queue_links
from engage.bookings.models import Booking, Guest
from engage.bookings.own_answers import forget_answers
from engage.bookings.party import invite_guests, invited_party, take_back_invitations
from engage.bookings.queries import get_booking
from engage.bookings.requests import PlaceRequest, checked_address
from engage.bookings.services import (
    REMINDERS_A_DAY,
    event_and_booking,
    remind,
)
from engage.bookings.waiting import promote
from engage.bookings.writing import insert_booking
from engage.calendars.feeds import forget_feeds
from engage.calendars.queries import find_invite
from engage.calendars.services import end_invite, issue_invite, mask_attendee, move_guest_invites
from engage.events.enums import EventStatus, Phase
from engage.events.models import Event
from engage.events.queries import get_event_by_id, lock_event
from engage.events.services import free_places
from engage.kernel.db import db
from engage.kernel.errors import UnavailableError
from engage.kernel.i18n import N_
from engage.kernel.settings import Site
from engage.kernel.tokens import new_nonce
from engage.mail.enums import MessageKind
from engage.mail.faults import forget_fault
from engage.mail.queries import count_to
from engage.mail.received import forget_inbound
from engage.mail.services import erase_messages

ERASED_NAME = N_("Erased")
MOST_LINKS = 20  # bookings in one mail
STANDING = (BookingStatus.CONFIRMED, BookingStatus.OFFERED, BookingStatus.WAITING)


def change_details(booking_id: uuid.UUID, *, name: str, organisation: str | None, at: datetime) -> None:
    """Change the name and the organisation of a live booking; the audit knows which changed, not the words.

    Raises BookingNotFoundError, NameMissingError, BookingCancelledError, OverError.
    """
    if not name.strip():
        raise NameMissingError
    booking = _held_booking(booking_id)
    if not booking.is_live():
        raise BookingCancelledError
    if get_event_by_id(booking.event_id).phase(at) is Phase.OVER:
        raise OverError
    given = {"name": name, "organisation": organisation or None}
    changed = [field for field, value in given.items() if getattr(booking, field) != value]
    if not changed:
        return
    for field in changed:
        setattr(booking, field, given[field])
    record("attendee:booking:change", f"booking:{booking_id}", at=at, after={"changed": changed})
    db.session.flush()


def hand_over(booking_id: uuid.UUID, *, name: str, email: str, site: Site, at: datetime) -> None:
    """Give a place to somebody else, who gets a booking and an invitation of their own; it is never free.

    The old invitation is taken back and every link to the old booking ends; guests stay on the booking. Nothing
    tells whether the address is known at the event (rule 16). Somebody who waits for no more places than these is
    given them and leaves the line, since they were never free for others. Whoever has a place already, or waits for
    more, keeps that and gets its links; what is handed over is then free, since nobody holds two. The new row comes
    first and the event's lock after it, as when a place is booked. Raises BookingNotFoundError, NameMissingError,
    AddressInvalidError, OwnAddressError, BookingCancelledError, OverError; nothing is then kept of the transaction.
    """
    booking = get_booking(booking_id)
    request = PlaceRequest(name, email, booking.locale, places=1, group_id=booking.group_id).checked()
    address = request.email
    if address == booking.email_normalised:
        raise OwnAddressError
    recipient = Recipient(uuid.uuid4(), new_nonce(), name, address, booking.locale)
    is_new = insert_booking(recipient, booking.event_id, request, at=at)
    event = lock_event(booking.event_id)
    db.session.refresh(booking)
    if not booking.is_live():
        raise BookingCancelledError
    if event.status is not EventStatus.PUBLISHED or event.phase(at) is Phase.OVER:
        raise OverError
    _leave(booking, event, site=site, at=at)
    take_off_guests(address, booking, event, site=site, at=at)
    if is_new:
        new_id = recipient.booking_id
        carried = address not in speakers_among(event.id, [address])
        invite = issue_invite(
            event_id=event.id, booking_id=new_id, attendee_addr=address, carried=carried, site=site, at=at
        )
        holder = replace(recipient, places=booking.places)
        queue_invitation(holder, event, invite, site=site, at=at, handed_over=True)
        record("attendee:booking:create", f"booking:{new_id}", at=at)
        _bring_party_along(booking, new_id)
        return
    known = event_and_booking(event.id, address)
    if known.booking_id is None:  # given back in this very moment
        raise UnavailableError
    receiver = get_booking(known.booking_id)
    if receiver.is_in_line() and _fits(receiver, booking):
        _give(booking, receiver, event, site=site, at=at)
        return
    remind(known, address, site=site, at=at)
    take_back_invitations(invited_party(booking.id), event, site=site, at=at)
    free_places(event.id, booking.places, group_id=booking.group_id)
    promote(event, because=Freed.CANCELLED, site=site, at=at)


def mail_links(email: str, *, site: Site, at: datetime) -> None:
    """Mail an address the links of its places, turns and offers at coming events, as a holder and as a guest.

    Nothing happens for an address without any, or after three such mails in a day (S19, S31). Raises
    AddressInvalidError.
    """
    address = checked_address(email)
    coming = (Event.status == EventStatus.PUBLISHED, Event.ends_at > at)
    of_holder = (Booking.email_normalised == address, Booking.status.in_(STANDING))
    bookings = db.session.execute(
        select(Booking, Event)
        .join(Event, Event.id == Booking.event_id)
        .where(*of_holder, *coming)
        .order_by(Event.starts_at, Event.id)
        .limit(MOST_LINKS)
    ).all()
    of_guest = (Guest.email_normalised == address, Guest.gone_at.is_(None), Booking.status == BookingStatus.CONFIRMED)
    guests = db.session.execute(
        select(Booking, Guest, Event)
        .join(Guest, Guest.booking_id == Booking.id)
        .join(Event, Event.id == Booking.event_id)
        .where(*of_guest, *coming)
        .order_by(Event.starts_at, Event.id)
        .limit(MOST_LINKS)
    ).all()
    found = [
        *(LinksOf(Recipient.of(each), event, each.status, each.offer_expires_at) for each, event in bookings),
        *(LinksOf(Recipient.of(each).guest(guest), event, each.status) for each, guest, event in guests),
    ]
    sent = count_to(MessageKind.ALREADY_BOOKED, address, since=at - timedelta(days=1))
    if not found or sent >= REMINDERS_A_DAY:
        return
    queue_links(found, site=site, at=at)
    for each in found:
        record("visitor:booking:find", f"booking:{each.recipient.booking_id}", at=at)


def may_be_erased(booking: Booking, event: Event, *, at: datetime) -> bool:
    """Tell whether nobody needs a booking's name and address any more."""
    return not (booking.is_live() or booking.is_in_line()) or event.phase(at) is Phase.OVER


def erase_booking(booking_id: uuid.UUID, *, at: datetime) -> None:
    """Take a person out of a booking that is cancelled or over, and out of its mails; counts stay (P18).

    Every link to it ends. Raises BookingNotFoundError, StillNeededError.
    """
    booking = _held_booking(booking_id)
    if not may_be_erased(booking, get_event_by_id(booking.event_id), at=at):
        raise StillNeededError
    address, masked = booking.email_normalised, f"erased-{uuid.uuid4().hex}@erased.invalid"  # RFC 2606: no such place
    booking.name, booking.organisation = ERASED_NAME, None
    booking.email_normalised = masked
    booking.nonce = new_nonce()
    booking.reminders = False
    forget_access_needs(booking_id)
    forget_answers(booking_id)
    invite = find_invite(booking_id)
    if invite is not None:
        mask_attendee(invite, masked=masked)
    erase_messages(ABOUT, booking_id, address=address, masked=masked)
    forget_inbound(ABOUT, booking_id, address=address)
    forget_fault(address)
    erase_certificates(booking_id)
    forget_guests(booking_id)
    forget_feeds(address)
    record("attendee:booking:erase", f"booking:{booking_id}", at=at)
    db.session.flush()


def _held_booking(booking_id: uuid.UUID) -> Booking:
    """Return a booking as it is now; nobody else changes it until the transaction ends."""
    found = db.session.get(Booking, booking_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise BookingNotFoundError
    return found


def _leave(booking: Booking, event: Event, *, site: Site, at: datetime) -> None:
    """End the booking of somebody who hands their place over. What they get anew leads to nobody else's."""
    mark_cancelled(booking, by=CancelledBy.ATTENDEE, at=at)
    booking.nonce = new_nonce()
    invite = find_invite(booking.id)
    if invite is not None:
        queue_booking_cancelled(Recipient.of(booking), event, end_invite(invite), site=site, at=at, handed_over=True)
    record("attendee:booking:hand-over", f"booking:{booking.id}", at=at)
    db.session.flush()


def _bring_party_along(old: Booking, new_id: uuid.UUID) -> None:
    """Give all places of a booking, and the guests on them, to the one that takes it over."""
    new = get_booking(new_id)
    new.places_asked, new.places = old.places_asked, old.places
    _move(guests_of(old.id), new_id, first_position=1)


def _fits(receiver: Booking, giver: Booking) -> bool:
    """Tell whether a party that waits finds room in a booking beside the guests who are named there."""
    return receiver.places + len(_named_guests(giver)) <= giver.places


def _give(giver: Booking, receiver: Booking, event: Event, *, site: Site, at: datetime) -> None:
    """Let somebody who waits have all places of a booking, and the guests on them; their own guests come as well."""
    own, named = guests_of(receiver.id), _named_guests(giver)
    unnamed = [guest for guest in guests_of(giver.id) if guest not in named]
    for guest in unnamed[: len(own)]:  # their places are those of the receiver's own guests
        guest.gone_at = at
    _move([*named, *unnamed[len(own) :]], receiver.id, first_position=next_position(receiver.id))
    if receiver.status is BookingStatus.OFFERED:
        free_places(event.id, receiver.places, group_id=receiver.group_id)
    receiver.status, receiver.offer_expires_at = BookingStatus.CONFIRMED, None
    receiver.places, receiver.group_id = giver.places, giver.group_id
    receiver.places_asked = max(receiver.places_asked, receiver.places)
    record("attendee:booking:receive", f"booking:{receiver.id}", at=at)
    db.session.flush()
    holder = Recipient.of(receiver)
    carried = holder.email not in speakers_among(event.id, [holder.email])
    invite = issue_invite(
        event_id=event.id, booking_id=receiver.id, attendee_addr=holder.email, carried=carried, site=site, at=at
    )
    queue_invitation(holder, event, invite, site=site, at=at, handed_over=True)
    invite_guests(holder, event, own, site=site, at=at)
    promote(event, because=Freed.CANCELLED, site=site, at=at)


def _named_guests(booking: Booking) -> list[Guest]:
    return [guest for guest in guests_of(booking.id) if guest.name or guest.email_normalised]


def _move(guests: Sequence[Guest], booking_id: uuid.UUID, *, first_position: int) -> None:
    """Put guests on another booking; whoever left before stays where they were."""
    for position, guest in enumerate(guests, start=first_position):
        guest.booking_id, guest.position = booking_id, position
    db.session.flush()
    move_guest_invites([guest.id for guest in guests], booking_id)
