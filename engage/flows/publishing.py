"""Publishing an event: its speakers are invited, its reminders and follow-up promised."""

import uuid
from datetime import datetime

from engage.bookings.mail_steps import note_recording, promise_steps
from engage.events import services
from engage.events.enums import EventStatus
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.flows.line_up import invite_line_up
from engage.kernel.settings import Site


def publish_event(event_id: uuid.UUID, *, site: Site, at: datetime, actor: uuid.UUID | None) -> Event:
    """Let everybody see and book it, ask the line-up to speak, and promise what its plan of mails says.

    A second time changes nothing.

    Raises what `events.services.publish_event` raises.
    """
    was_published = lock_event(event_id).status is EventStatus.PUBLISHED
    event = services.publish_event(event_id, at=at, actor=actor)
    if not was_published:
        invite_line_up(event, site=site, at=at)
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
