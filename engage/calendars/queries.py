"""Reading invitations."""

import uuid

from sqlalchemy import select

from engage.calendars.enums import InviteState
from engage.calendars.models import CalendarInvite
from engage.kernel.db import db


def find_invite(booking_id: uuid.UUID) -> CalendarInvite | None:
    """Return the invitation of a booking's holder."""
    holder = (CalendarInvite.booking_id == booking_id, CalendarInvite.guest_id.is_(None))
    return db.session.scalar(select(CalendarInvite).where(*holder))


def live_invites(event_id: uuid.UUID) -> dict[uuid.UUID, CalendarInvite]:
    """Return the invitations of an event's holders of bookings that still stand, by booking."""
    live = (CalendarInvite.event_id == event_id, CalendarInvite.state == InviteState.LIVE)
    found = db.session.scalars(select(CalendarInvite).where(*live, CalendarInvite.guest_id.is_(None)))
    return {invite.booking_id: invite for invite in found}
