"""Reading invitations."""

import uuid

from sqlalchemy import select

from engage.calendars.enums import InviteState
from engage.calendars.models import CalendarInvite
from engage.kernel.db import db


def find_invite(booking_id: uuid.UUID) -> CalendarInvite | None:
    """Return the invitation of a booking."""
    return db.session.scalar(select(CalendarInvite).where(CalendarInvite.booking_id == booking_id))


def live_invites(event_id: uuid.UUID) -> dict[uuid.UUID, CalendarInvite]:
    """Return an event's invitations that still stand, by booking."""
    found = db.session.scalars(
        select(CalendarInvite).where(CalendarInvite.event_id == event_id, CalendarInvite.state == InviteState.LIVE)
    )
    return {invite.booking_id: invite for invite in found}
