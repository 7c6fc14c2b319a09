"""Reminders and follow-up in time: promised as jobs, sent in batches, each to everybody once (R17, R20).

A step's job is keyed by the event, the step and the instants that it rests on. When it fires it looks again: an event
that moved, a plan that changed, a start that has passed leave nothing to send. Each batch is one transaction that holds
the event's row, so whoever cancels in that moment is either told nothing or cancels after the mail was queued; how far
the batches came is kept in the job, and a mail has a logical key, so a batch that is done twice writes nothing twice.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from engage.audit.services import record
from engage.bookings.enums import BookingStatus
from engage.bookings.letters import is_letter_wanted
from engage.bookings.mail_plan import (
    EARLIEST_REMINDER,
    LATEST_FOLLOW_UP,
    MailPlan,
    Step,
    check_plan,
    read_plan,
    steps_of,
    store_plan,
)
from engage.bookings.mails import ABOUT
from engage.bookings.models import Booking, Guest
from engage.bookings.planned_mails import addressees, drafts
from engage.events.enums import EventStatus
from engage.events.errors import EventCancelledError, StaleEventError
from engage.events.models import Event
from engage.events.queries import find_event_by_id, lock_event
from engage.events.services.life import note_change
from engage.kernel.db import db
from engage.kernel.jobs import defer_once, hasten
from engage.kernel.models import Job
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.models import Message
from engage.mail.services import queue_all

SEND_STEP = "bookings.send-step"
BATCH = 200  # people in one transaction
TOO_LATE = timedelta(days=7)  # for a follow-up: a worker that was away so long, or an old backup, writes nothing
AHEAD = timedelta(days=2)  # what the daily tidying looks at, so that it stays small


@dataclass(frozen=True)
class Turn:
    """What a step's job does next: the batch `after` somebody, wait `until` a moment, or nothing more."""

    after: uuid.UUID | None = None
    until: datetime | None = None


NOTHING_MORE = Turn()


def steps_for(event: Event) -> list[Step]:
    """Return the steps of an event's plan, the first first."""
    plan = read_plan(event.mail_plan)
    return steps_of(plan, starts_at=event.starts_at, ends_at=event.ends_at, timezone=event.timezone)


def promise_steps(event: Event, *, at: datetime, until: datetime | None = None) -> int:
    """Promise the steps of a published event that are still to come, each once; returns how many are new.

    A step whose moment has passed is not made up for, unless it waits for a recording; with `until`, one that comes
    later is left for another day.
    """
    if event.status is not EventStatus.PUBLISHED:
        return 0
    to_come = (step for step in steps_for(event) if _is_to_come(event, step, at=at))
    return sum(_promise(event.id, step, at=at) for step in to_come if until is None or step.due <= until)


def promise_coming_steps(*, at: datetime) -> int:
    """Promise what comes of any event in the next two days: some are older than plans. Returns how many are new."""
    events = db.session.scalars(
        select(Event).where(
            Event.status == EventStatus.PUBLISHED,
            Event.ends_at > at - LATEST_FOLLOW_UP - AHEAD,
            Event.starts_at < at + EARLIEST_REMINDER + AHEAD,
        )
    )
    return sum(promise_steps(event, at=at, until=at + AHEAD) for event in events.all())


def forget_steps(event_id: uuid.UUID) -> None:
    """Take back what was promised of an event that is about to be deleted."""
    promised = Job.dedupe_key.startswith(f"{SEND_STEP}:{event_id}:", autoescape=True)
    db.session.execute(delete(Job).where(promised))


def note_recording(event: Event, *, at: datetime) -> None:
    """Let the mails that waited for the recording go now."""
    for step in steps_for(event):
        if step.due <= at < step.latest_without_recording():
            hasten(_job_key(event.id, step), to=at)


def change_mail_plan(
    event_id: uuid.UUID, plan: MailPlan, *, version: int, at: datetime, actor: uuid.UUID | None
) -> bool:
    """Change when reminders and follow-up are sent; tell whether anything is different now.

    `version` is the one that the organiser saw (R11). Raises StaleEventError, EventCancelledError, and
    what `mail_plan.check_plan` raises.
    """
    stored = store_plan(check_plan(plan))
    event = lock_event(event_id)
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError
    if event.version != version:
        raise StaleEventError
    if stored == event.mail_plan:
        return False
    before, event.mail_plan = event.mail_plan, stored
    note_change(event, at=at, in_calendars=False)
    record(
        "organiser:event:plan-mails",
        f"event:{event.id}",
        at=at,
        actor=actor,
        before={"mail_plan": before},
        after={"mail_plan": stored},
    )
    db.session.flush()
    promise_steps(event, at=at)
    return True


def send_step(arguments: dict[str, Any], *, site: Site, at: datetime) -> Turn:
    """Queue the next mails of a step, at most BATCH, and tell what its job does next."""
    event = lock_event(uuid.UUID(arguments["event"]))
    step = _find_step(event, arguments)
    if step is None:
        return NOTHING_MORE
    if _is_too_late(event, step, at=at):
        record("system:event:drop-mail", f"event:{event.id}", at=at, after={"step": step.key})
        return NOTHING_MORE
    waits_until = step.latest_without_recording()
    if event.recording_url is None and at < waits_until:
        return Turn(until=waits_until)
    if event.recording_url is None and step.kind is MessageKind.WAITED:
        return NOTHING_MORE
    after = arguments.get("after")
    people = addressees(event.id, step, after=uuid.UUID(after) if after else None, limit=BATCH)
    with_kinds = [(kind, person) for person in people if (kind := _kind_for(event, step, person.came, at=at))]
    written = queue_all(drafts(with_kinds, event, step), site=site, at=at)
    if written:
        about = {"step": step.key, "people": written}
        record("system:event:send-mail", f"event:{event.id}", at=at, after=about)
    return Turn(after=people[-1].cursor) if len(people) == BATCH else NOTHING_MORE


def is_still_wanted(message: Message, *, at: datetime) -> bool:
    """Tell whether an optional mail that was queued may be sent now: mail can wait long for a server (R17).

    Not once somebody cancelled or stopped such mails, nor when the event is cancelled or has moved; a reminder not
    once the event has begun.
    """
    if message.kind is MessageKind.LETTER:
        return is_letter_wanted(message)
    guest = None if message.about_type == ABOUT else db.session.get(Guest, message.about_id)
    booking = db.session.get(Booking, guest.booking_id if guest else message.about_id)
    if booking is None or not (guest or booking).reminders or (guest is not None and guest.gone_at is not None):
        return False
    event = find_event_by_id(booking.event_id)
    if event is None or event.status is not EventStatus.PUBLISHED:
        return False
    is_reminder = message.kind is MessageKind.REMINDER
    if datetime.fromisoformat(message.facts["rests_on"]) != (event.starts_at if is_reminder else event.ends_at):
        return False
    if message.kind is MessageKind.WAITED:
        return booking.status is BookingStatus.EXPIRED
    return booking.is_live() and not (is_reminder and event.starts_at <= at)


def _kind_for(event: Event, step: Step, came: bool, *, at: datetime) -> MessageKind | None:
    """Return which mail a step brings somebody.

    Who came late to our knowledge, by a report of the next day, still gets the mail for those who came.
    """
    if step.kind not in (MessageKind.CAME, MessageKind.MISSED):
        return step.kind
    if not came:
        return MessageKind.MISSED if step.kind is MessageKind.MISSED else None
    is_asked = read_plan(event.mail_plan).came is not None and event.takes_comments(at)
    return MessageKind.CAME if is_asked else None


def _is_to_come(event: Event, step: Step, *, at: datetime) -> bool:
    """Tell whether a step may still be sent: its moment has not passed, or it would wait for a recording."""
    return at < step.due or (event.recording_url is None and at < step.latest_without_recording())


def _find_step(event: Event, arguments: dict[str, Any]) -> Step | None:
    """Return the step of a job if it is still what it was; None if event or plan changed."""
    if event.status is not EventStatus.PUBLISHED:
        return None
    wanted = (arguments["step"], arguments["rests_on"], arguments["due"])
    same = (step for step in steps_for(event) if _names(step) == wanted)
    return next(same, None)


def _is_too_late(event: Event, step: Step, *, at: datetime) -> bool:
    """Tell whether a step has had its day: after the start, after a later reminder that is due, or days later."""
    if step.kind is not MessageKind.REMINDER:
        return at >= step.latest_without_recording() + TOO_LATE
    steps = steps_for(event)
    later = [other for other in steps[steps.index(step) + 1 :] if other.kind is MessageKind.REMINDER]
    return at >= event.starts_at or any(other.due <= at for other in later)


def _promise(event_id: uuid.UUID, step: Step, *, at: datetime) -> bool:
    name, rests_on, due = _names(step)
    return defer_once(
        SEND_STEP,
        at=at,
        run_at=step.due,
        dedupe_key=_job_key(event_id, step),
        event=str(event_id),
        step=name,
        rests_on=rests_on,
        due=due,
    )


def _job_key(event_id: uuid.UUID, step: Step) -> str:
    return ":".join((SEND_STEP, str(event_id), *_names(step)))


def _names(step: Step) -> tuple[str, str, str]:
    return step.key, step.rests_on.isoformat(), step.due.isoformat()
