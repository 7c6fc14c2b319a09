"""Changing an event, and telling whoever booked."""

import uuid
from dataclasses import replace
from datetime import datetime

from engage.bookings.access_needs import follow_new_end
from engage.bookings.certificates import promise_certificates
from engage.bookings.enums import Freed
from engage.bookings.mail_steps import promise_steps
from engage.bookings.mails import queue_moved, queue_updated
from engage.bookings.party import invited_people
from engage.bookings.waiting import follow_new_time, promote
from engage.calendars.services import raise_sequence
from engage.events.details import EventDetails
from engage.events.enums import EventStatus
from engage.events.services import EventChange, release_before_start, update_event
from engage.events.services.life import IN_CALENDARS
from engage.kernel.db import db
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
    """Change an event; everybody who booked gets an update of their calendar entry if they would see one.

    A draft tells nobody, nor does an event that is over. Whoever waits hears of a new time, and places that come
    with a larger capacity go to them at once. Raises what `events.services.update_event` raises.
    """
    change = update_event(event_id, details, version=version, at=at, actor=actor)
    if change.time_changed or change.words_changed:
        _tell(change, site=site, at=at)
    if change.time_changed:
        release_before_start(change.event, at=at)
        follow_new_time(change.event, site=site, at=at)
        promise_steps(change.event, at=at)
        follow_new_end(change.event, site=site, at=at)
    if change.event.doors_open_at() <= at and (change.time_changed or change.words_changed):
        promise_certificates(change.event, at=at)
    moved_up = promote(change.event, because=Freed.CAPACITY_RAISED, site=site, at=at)
    return replace(change, moved_up=moved_up)


def _tell(change: EventChange, *, site: Site, at: datetime) -> None:
    event, before = change.event, change.before
    if event.status is not EventStatus.PUBLISHED or before.ends_at <= at:
        return
    for person in invited_people(event.id):
        facts, recipient = raise_sequence(person.invite, time_changed=change.time_changed), person.recipient
        if change.time_changed:
            queue_moved(
                recipient,
                event,
                facts,
                old_starts_at=before.starts_at,
                old_ends_at=before.ends_at,
                old_timezone=before.timezone,
                site=site,
                at=at,
            )
        else:
            changed = sorted(change.changed & IN_CALENDARS)
            queue_updated(recipient, event, facts, changed=changed, site=site, at=at)
    db.session.flush()
