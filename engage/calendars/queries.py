"""Reading invitations."""

import uuid
from collections.abc import Collection

from sqlalchemy import select

from engage.calendars.enums import InviteState
from engage.calendars.models import CalendarInvite
from engage.kernel.db import db


def find_invite(booking_id: uuid.UUID) -> CalendarInvite | None:
    """Return the invitation of a booking's holder."""
    holder = (CalendarInvite.booking_id == booking_id, CalendarInvite.guest_id.is_(None))
    return db.session.scalar(select(CalendarInvite).where(*holder))


def invites_of(booking_ids: Collection[uuid.UUID]) -> dict[tuple[uuid.UUID, uuid.UUID | None], CalendarInvite]:
    """Return the invitations of some bookings by booking and guest; None stands for the holder."""
    found = db.session.scalars(select(CalendarInvite).where(CalendarInvite.booking_id.in_(booking_ids)))
    return {(each.booking_id, each.guest_id): each for each in found if each.booking_id is not None}


def find_guest_invite(guest_id: uuid.UUID) -> CalendarInvite | None:
    """Return the invitation of a guest."""
    return db.session.scalar(select(CalendarInvite).where(CalendarInvite.guest_id == guest_id))


def has_living_entry(event_id: uuid.UUID, address: str) -> bool:
    """Tell whether an event stands in the calendar of an address, as an attendee's, a guest's or a speaker's."""
    living = (CalendarInvite.event_id == event_id, CalendarInvite.state == InviteState.LIVE)
    theirs = select(CalendarInvite.id).where(*living, CalendarInvite.attendee_addr == address)
    return db.session.scalar(theirs.limit(1)) is not None


def is_in_calendars(event_id: uuid.UUID) -> bool:
    """Tell whether an invitation to an event stands in anybody's calendar."""
    living = (CalendarInvite.event_id == event_id, CalendarInvite.state == InviteState.LIVE)
    return db.session.scalar(select(CalendarInvite.id).where(*living).limit(1)) is not None
