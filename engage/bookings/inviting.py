"""What organisers do when mail about a booking does not arrive: send it again, or correct the address."""

import uuid
from datetime import datetime

from sqlalchemy import delete, select

from engage.audit.services import record
from engage.bookings.also_speaking import speakers_among
from engage.bookings.enums import BookingStatus
from engage.bookings.errors import (
    AddressStillBadError,
    AddressWorksError,
    BookingEndedError,
    KnownAddressError,
    MailWaitsError,
    OverError,
    SameAddressError,
)
from engage.bookings.guest_queries import find_guest
from engage.bookings.guests import take_off_guests
from engage.bookings.mails import (
    ABOUT,
    Recipient,
    queue_invitation,
    queue_invitation_again,
    queue_offer,
    queue_waiting,
)
from engage.bookings.models import Booking
from engage.bookings.queries import find_live_booking, get_booking, people_ahead
from engage.bookings.requests import checked_address
from engage.calendars.enums import InviteState
from engage.calendars.models import CalendarInvite
from engage.calendars.queries import find_guest_invite, find_invite
from engage.calendars.services import facts_of, issue_invite
from engage.events.enums import Phase
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import new_nonce
from engage.mail.again import FAILED, TELLS_STATE, drop_undelivered
from engage.mail.enums import MessageState
from engage.mail.errors import AddressBadError
from engage.mail.faults import is_bad
from engage.mail.models import Message


def invite_again(
    booking_id: uuid.UUID, *, guest_id: uuid.UUID | None = None, site: Site, at: datetime, actor: uuid.UUID | None
) -> None:
    """Write once more to the holder of a booking, or to a guest on it, how they stand.

    It is the same entry under its UID; what waits to be told of a change comes by its own mail. Raises
    BookingNotFoundError, BookingEndedError, OverError, AddressBadError, MailWaitsError.
    """
    booking, event = _hold(booking_id, at=at)
    guest = None if guest_id is None else find_guest(booking_id, guest_id)
    if guest_id is not None and (guest is None or guest.email_normalised is None):
        raise BookingEndedError
    holder = Recipient.of(booking)
    recipient = holder if guest is None else holder.guest(guest)
    if is_bad(recipient.email):
        raise AddressBadError
    if _waits(*recipient.about):
        raise MailWaitsError
    if booking.is_live():
        invite = find_invite(booking_id) if guest is None else find_guest_invite(guest.id)
        if invite is None or invite.state is not InviteState.LIVE:
            raise BookingEndedError
        queue_invitation_again(recipient, event, facts_of(invite), site=site, at=at)
    elif guest is not None:
        raise BookingEndedError  # guests hear of an event once they have a place
    else:
        _tell_of_waiting(booking, event, site=site, at=at)
    record("organiser:booking:invite-again", f"booking:{booking_id}", at=at, actor=actor)
    db.session.flush()


def may_correct_address(booking: Booking) -> bool:
    """Tell whether mail about a booking does not reach its holder, so that the address may be wrong."""
    if is_bad(booking.email_normalised):
        return True
    about = (Message.about_type == ABOUT, Message.about_id == booking.id, Message.kind.in_(TELLS_STATE))
    last = db.session.scalar(
        select(Message.state).where(*about, Message.to_addr == booking.email_normalised).order_by(Message.id.desc())
    )
    return last in FAILED


def correct_address(booking_id: uuid.UUID, *, email: str, site: Site, at: datetime, actor: uuid.UUID | None) -> None:
    """Give a booking whose mail does not arrive another address, and send there what the old one did not get.

    Links that were mailed to the old address end, mails that wait for it are dropped, and the entry that never came
    to stand in a calendar is replaced by one of its own UID. Raises AddressInvalidError, SameAddressError,
    AddressWorksError, AddressStillBadError, KnownAddressError, BookingEndedError, OverError, BookingNotFoundError.
    """
    address = checked_address(email)
    booking, event = _hold(booking_id, at=at)
    old = booking.email_normalised
    if address == old:
        raise SameAddressError
    if not may_correct_address(booking):
        raise AddressWorksError
    if is_bad(address):
        raise AddressStillBadError
    known = find_live_booking(event.id, address)
    if known is not None:
        raise KnownAddressError(reference=known.reference)
    take_off_guests(address, booking, event, site=site, at=at)
    drop_undelivered(ABOUT, booking_id, to=old)
    booking.email_normalised, booking.nonce = address, new_nonce()
    db.session.flush()
    if booking.is_live():
        holder = (CalendarInvite.booking_id == booking_id, CalendarInvite.guest_id.is_(None))
        db.session.execute(delete(CalendarInvite).where(*holder))
        carried = address not in speakers_among(event.id, [address])
        invite = issue_invite(
            event_id=event.id, booking_id=booking_id, attendee_addr=address, carried=carried, site=site, at=at
        )
        queue_invitation(Recipient.of(booking), event, invite, site=site, at=at)
    else:
        _tell_of_waiting(booking, event, site=site, at=at)
    record("organiser:booking:correct-address", f"booking:{booking_id}", at=at, actor=actor)
    db.session.flush()


def can_be_written_to(booking: Booking, event: Event, *, at: datetime) -> bool:
    """Tell whether there is anything to write about a booking: it stands, and the event is not over."""
    return (booking.is_live() or booking.is_in_line()) and event.phase(at) is not Phase.OVER


def _hold(booking_id: uuid.UUID, *, at: datetime) -> tuple[Booking, Event]:
    """Return a booking that stands as it is now, and its event, whose row is held."""
    event = lock_event(get_booking(booking_id).event_id)
    booking = get_booking(booking_id)
    db.session.refresh(booking)
    if not (booking.is_live() or booking.is_in_line()):
        raise BookingEndedError
    if event.phase(at) is Phase.OVER:
        raise OverError
    return booking, event


def _tell_of_waiting(booking: Booking, event: Event, *, site: Site, at: datetime) -> None:
    recipient = Recipient.of(booking)
    if booking.status is BookingStatus.OFFERED and booking.offer_expires_at is not None:
        queue_offer(recipient, event, expires_at=booking.offer_expires_at, again=True, site=site, at=at)
    else:
        queue_waiting(recipient, event, ahead=people_ahead(booking), again=True, site=site, at=at)


def _waits(about_type: str, about_id: uuid.UUID) -> bool:
    """Tell whether a mail that says how somebody stands is in the queue."""
    about = (Message.about_type == about_type, Message.about_id == about_id, Message.kind.in_(TELLS_STATE))
    waiting = select(Message.id).where(*about, Message.state == MessageState.QUEUED).limit(1)
    return db.session.scalar(waiting) is not None
