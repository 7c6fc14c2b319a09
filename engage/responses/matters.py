"""What a response is about."""

from engage.consultations.models import Consultation
from engage.events.models import Event
from engage.kernel.db import db
from engage.responses.models import Response


def matter_of(response: Response) -> Consultation | Event:
    """Return the event or consultation whose rules hold for a response: a comment has those of its event."""
    if response.event_id is not None:
        return db.session.get_one(Event, response.event_id)
    return db.session.get_one(Consultation, response.consultation_id)
