"""The plan of an event's mails as the desk shows it: what went, what comes when, to how many."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select

from engage.bookings.mail_about import about_bookings
from engage.bookings.mail_plan import Step
from engage.bookings.mail_steps import steps_for
from engage.bookings.planned_mails import count_addressees
from engage.events.enums import Phase
from engage.events.models import Event
from engage.kernel.db import db
from engage.mail.enums import PLANNED, MessageKind, MessageState
from engage.mail.models import Message


class StepState(StrEnum):
    """Where a step is: to come, waiting for the recording, gone, or passed with nobody to write to."""

    COMING = "coming"
    WAITS = "waits"
    GONE = "gone"
    PASSED = "passed"


@dataclass(frozen=True)
class PlannedStep:
    """A step of an event's plan. `people` is how many got it, or would get it now; None while nobody can know."""

    step: Step
    state: StepState
    people: int | None


def planned_steps(event: Event, *, written_kinds: Collection[MessageKind] = PLANNED, at: datetime) -> list[PlannedStep]:
    """Return the steps of an event's plan, the first first.

    Whoever knows which kinds of mail were written about the event says so: without any of a plan none is counted.
    """
    steps = steps_for(event)
    written = {} if PLANNED.isdisjoint(written_kinds) else _written(event.id)
    to_come = [step for step in steps if step.kind is MessageKind.REMINDER and at < step.due]
    # As things are each of them writes to the same people.
    reminded = count_addressees(event.id, to_come[0]) if to_come else 0
    return [
        _planned(event, step, written.get((step.key, step.rests_on.isoformat()), 0), reminded, at=at) for step in steps
    ]


def _planned(event: Event, step: Step, written: int, reminded: int, *, at: datetime) -> PlannedStep:
    if written:
        return PlannedStep(step, StepState.GONE, written)
    if at < step.due:
        if step.kind is MessageKind.REMINDER:
            return PlannedStep(step, StepState.COMING, reminded)
        known = event.phase(at) is Phase.OVER
        return PlannedStep(step, StepState.COMING, count_addressees(event.id, step) if known else None)
    if event.recording_url is None and at < step.latest_without_recording():
        return PlannedStep(step, StepState.WAITS, count_addressees(event.id, step))
    return PlannedStep(step, StepState.PASSED, 0)


def _written(event_id: uuid.UUID) -> dict[tuple[str, str], int]:
    """Return how many mails of each step were queued and not dropped."""
    step, rests_on = Message.facts["step"].as_string(), Message.facts["rests_on"].as_string()
    counted = db.session.execute(
        select(step, rests_on, func.count())
        .where(about_bookings(event_id), Message.kind.in_(PLANNED), Message.state != MessageState.DROPPED)
        .group_by(step, rests_on)
    )
    return {(row[0], row[1]): row[2] for row in counted}
