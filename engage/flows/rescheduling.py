"""Changing an event, and telling whoever booked."""

import uuid
from dataclasses import replace
from datetime import datetime

from engage.bookings.access_needs import follow_new_end
from engage.bookings.certificates import promise_certificates
from engage.bookings.enums import Freed
from engage.bookings.mail_steps import promise_steps
from engage.bookings.waiting import follow_new_time, promote
from engage.events.details import EventDetails
from engage.events.services import EventChange, release_before_start, update_event
from engage.flows.telling import tell_soon
from engage.kernel.settings import Site


def change_event(
    event_id: uuid.UUID,
    details: EventDetails,
    *,
    version: int,
    site: Site,
    at: datetime,
    actor: uuid.UUID | None,
) -> EventChange:
    """Change an event; everybody who booked is soon told, if they would see it in their calendar.

    A draft tells nobody, nor does an event that is over. Whoever waits hears of a new time at once, and places that
    come with a larger capacity go to them. Raises what `events.services.update_event` raises.
    """
    change = update_event(event_id, details, version=version, at=at, actor=actor)
    in_calendars = change.time_changed or change.words_changed
    is_told = in_calendars and tell_soon(change.event, site=site, at=at)
    if change.time_changed:
        release_before_start(change.event, at=at)
        follow_new_time(change.event, site=site, at=at)
        promise_steps(change.event, at=at)
        follow_new_end(change.event, site=site, at=at)
    if change.event.doors_open_at() <= at and (change.time_changed or change.words_changed):
        promise_certificates(change.event, at=at)
    moved_up = promote(change.event, because=Freed.CAPACITY_RAISED, site=site, at=at)
    return replace(change, moved_up=moved_up, is_told=is_told)
