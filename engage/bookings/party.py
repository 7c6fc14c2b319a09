"""Everybody whom a booking is for: its holder, and the guests who gave an address.

One place that knows them all, so that nobody is forgotten when something is told. Guests are invited once their
booking holds places, each under a UID of their own; who has no address hears by the holder.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from engage.bookings.also_speaking import speakers_among
from engage.bookings.guest_queries import guests_of
from engage.bookings.mails import Recipient, Told, queue_booking_cancelled, queue_invitation, queue_no_longer_booked
from engage.bookings.models import Booking, Guest
from engage.calendars.enums import InviteState
from engage.calendars.models import CalendarInvite
from engage.calendars.services import end_invite, end_silently, issue_invite
from engage.events.models import Event
from engage.kernel.db import db
from engage.kernel.settings import Site

BY_BOOKING = (Booking.created_at, Booking.reference, func.coalesce(Guest.position, 0))


@dataclass(frozen=True)
class Invited:
    """One person in whose calendar the event stands."""

    booking: Booking
    guest: Guest | None
    invite: CalendarInvite

    @property
    def recipient(self) -> Recipient:
        """Return whom a mail goes to."""
        holder = Recipient.of(self.booking)
        return holder if self.guest is None else holder.guest(self.guest)


def invited_people(event_id: uuid.UUID, *, after: uuid.UUID | None = None, limit: int | None = None) -> list[Invited]:
    """Return everybody whose invitation to an event stands: each holder, and the guests of theirs after them.

    With `limit` it is so many, from behind the invitation `after` on, in the order of invitations.
    """
    which = CalendarInvite.event_id == event_id
    if limit is None:
        return _invited(which, *BY_BOOKING)
    return _invited(which if after is None else and_(which, CalendarInvite.id > after), CalendarInvite.id, limit=limit)


def invited_party(booking_id: uuid.UUID) -> list[Invited]:
    """Return everybody on one booking whose invitation stands, its holder first."""
    return _invited(CalendarInvite.booking_id == booking_id, *BY_BOOKING)


def invite_party(
    booking: Booking,
    event: Event,
    *,
    promoted: bool = False,
    handed_over: bool = False,
    site: Site,
    at: datetime,
) -> None:
    """Invite the holder of a booking whose places are counted, and the guests who have an address."""
    holder = Recipient.of(booking)
    carried = holder.email not in speakers_among(event.id, [holder.email])
    invite = issue_invite(
        event_id=event.id, booking_id=booking.id, attendee_addr=holder.email, carried=carried, site=site, at=at
    )
    queue_invitation(holder, event, invite, promoted=promoted, handed_over=handed_over, site=site, at=at)
    invite_guests(holder, event, guests_of(booking.id), site=site, at=at)


def invite_guests(holder: Recipient, event: Told, guests: Sequence[Guest], *, site: Site, at: datetime) -> None:
    """Invite those guests of a holder who have an address; none of them has an invitation yet."""
    speaking = speakers_among(event.id, [guest.email_normalised for guest in guests if guest.email_normalised])
    for guest in guests:
        if guest.email_normalised is not None:
            recipient = holder.guest(guest)
            invite = issue_invite(
                event_id=event.id,
                booking_id=holder.booking_id,
                guest_id=guest.id,
                attendee_addr=recipient.email,
                carried=recipient.email not in speaking,
                site=site,
                at=at,
            )
            queue_invitation(recipient, event, invite, site=site, at=at)


def take_back_invitations(people: Sequence[Invited], event: Told, *, site: Site, at: datetime) -> None:
    """Take the event out of the calendars of people who have no place any more, and tell them."""
    for person in people:
        queue_booking_cancelled(person.recipient, event, end_invite(person.invite), site=site, at=at)


def let_go(invite: CalendarInvite | None, recipient: Recipient, event: Told, *, site: Site, at: datetime) -> None:
    """Confirm by a plain mail that somebody who declined in their calendar has no place any more.

    The entry is gone there, so nothing takes it back (RFC 5546 3.2.3).
    """
    if invite is not None and invite.state is InviteState.LIVE:
        end_silently(invite)
        db.session.flush()
        queue_no_longer_booked(recipient, event, site=site, at=at)


def _invited(which: ColumnElement[bool], *order: Any, limit: int | None = None) -> list[Invited]:
    rows = db.session.execute(
        select(Booking, Guest, CalendarInvite)
        .select_from(CalendarInvite)
        .join(Booking, Booking.id == CalendarInvite.booking_id)
        .outerjoin(Guest, Guest.id == CalendarInvite.guest_id)
        .where(which, CalendarInvite.state == InviteState.LIVE)
        .order_by(*order)
        .limit(limit)
    ).all()
    return [Invited(booking, guest, invite) for booking, guest, invite in rows]
