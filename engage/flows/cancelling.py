"""Cancelling an event, and telling whoever booked or was asked to speak."""

import uuid
from datetime import datetime

from engage.bookings.services import cancel_every_booking
from engage.events.queries import get_event_by_id
from engage.events.services import mark_cancelled
from engage.flows.line_up import cancel_for_speakers
from engage.kernel.settings import Site


def cancel_event(event_id: uuid.UUID, *, reason: str, site: Site, at: datetime, actor: uuid.UUID | None) -> int:
    """Cancel an event and every booking; each person is told once (R38). Returns how many were told.

    The event's row is changed first, so that a booking made in the same moment either is there to be told or
    is refused. A second time changes nothing. Raises ReasonMissingError, EventOverError.
    """
    if not mark_cancelled(event_id, reason=reason, at=at, actor=actor):
        return 0
    speakers = cancel_for_speakers(get_event_by_id(event_id), reason=reason, site=site, at=at)
    return speakers + cancel_every_booking(event_id, reason=reason, site=site, at=at)
