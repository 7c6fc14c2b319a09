"""Publishing an event, and promising its reminders and follow-up."""

import uuid
from datetime import datetime

from engage.bookings.mail_steps import note_recording, promise_steps
from engage.events import services
from engage.events.models import Event


def publish_event(event_id: uuid.UUID, *, at: datetime, actor: uuid.UUID | None) -> Event:
    """Let everybody see and book it, and promise what its plan of mails says. A second time changes nothing.

    Raises what `events.services.publish_event` raises.
    """
    event = services.publish_event(event_id, at=at, actor=actor)
    promise_steps(event, at=at)
    return event


def set_recording(event_id: uuid.UUID, *, recording_url: str, at: datetime, actor: uuid.UUID | None) -> Event:
    """Say where the recording is; the mails that waited for it go out. Empty takes it away.

    Raises what `events.services.set_recording` raises.
    """
    event = services.set_recording(event_id, recording_url=recording_url, at=at, actor=actor)
    if event.recording_url is not None:
        note_recording(event, at=at)
    return event
