"""The plan of an event's reminders and follow-up: which mails there are, and the moment of each (P12, R19, R20).

Pure: what an organiser chose and the times of an event go in, steps come out. A number of days keeps the wall time of
the event's zone, hours and minutes are counted on the clock (docs/decisions/0005-reminder-times.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from engage.bookings.errors import (
    FollowUpRangeError,
    ReminderRangeError,
    SameReminderError,
    TooManyRemindersError,
)
from engage.kernel.when import same_wall_time
from engage.mail.enums import MessageKind

MOST_REMINDERS = 5
EARLIEST_REMINDER, LATEST_REMINDER = timedelta(days=60), timedelta(minutes=10)
LATEST_FOLLOW_UP = timedelta(days=21)
WAIT_FOR_RECORDING = timedelta(days=7)
NEEDS_RECORDING = frozenset({MessageKind.MISSED, MessageKind.WAITED})


class Unit(StrEnum):
    """What a span is counted in."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True)
class Span:
    """A length of time as people say it, such as 7 days or 1 hour; never negative."""

    number: int
    unit: Unit

    @property
    def key(self) -> str:
        """Return "7d", "1h" or "30m"."""
        return f"{self.number}{self.unit[0]}"

    def length(self) -> timedelta:
        """Return about how long it is: a day with a change of the clocks has another length."""
        return timedelta(**{self.unit.value: self.number})


@dataclass(frozen=True)
class MailPlan:
    """What an organiser chose; a follow-up that is None is switched off.

    `reminders` come before the start. After the end `came` goes to who came, `missed` to who did not, `waited` to who
    waited and got no place.
    """

    reminders: tuple[Span, ...]
    came: Span | None
    missed: Span | None
    waited: Span | None


USUAL = MailPlan(
    reminders=(Span(7, Unit.DAYS), Span(1, Unit.DAYS), Span(1, Unit.HOURS)),
    came=Span(1, Unit.HOURS),
    missed=Span(1, Unit.DAYS),
    waited=Span(1, Unit.DAYS),
)
FOLLOW_UPS = (MessageKind.CAME, MessageKind.MISSED, MessageKind.WAITED)


@dataclass(frozen=True)
class Step:
    """One mail of a plan at its moment. `rests_on` is the start of the event, or its end for a follow-up."""

    kind: MessageKind
    span: Span
    rests_on: datetime
    due: datetime

    @property
    def key(self) -> str:
        """Return what tells it from the other steps of its event, such as "reminder-7d" or "came"."""
        return f"{self.kind}-{self.span.key}" if self.kind is MessageKind.REMINDER else self.kind.value

    def latest_without_recording(self) -> datetime:
        """Return until when it waits for a recording; a step that needs none does not wait."""
        return max(self.due, self.rests_on + WAIT_FOR_RECORDING) if self.kind in NEEDS_RECORDING else self.due


def read_plan(stored: Mapping[str, Any] | None) -> MailPlan:
    """Return the plan that an event stores; the usual one if it stores none."""
    if stored is None:
        return USUAL
    follow_ups = {kind.value: _read_span(stored[kind]) for kind in FOLLOW_UPS}
    return MailPlan(reminders=tuple(_span(each) for each in stored["reminders"]), **follow_ups)


def store_plan(plan: MailPlan) -> dict[str, Any] | None:
    """Return what an event stores of a plan; None for the usual one."""
    if plan == USUAL:
        return None
    follow_ups = {kind.value: _stored(getattr(plan, kind)) for kind in FOLLOW_UPS}
    return {"reminders": [_stored(span) for span in plan.reminders], **follow_ups}


def check_plan(plan: MailPlan) -> MailPlan:
    """Return a plan with its reminders in the order in which they are sent.

    Raises TooManyRemindersError, SameReminderError, ReminderRangeError, FollowUpRangeError.
    """
    if len(plan.reminders) > MOST_REMINDERS:
        raise TooManyRemindersError(most=MOST_REMINDERS)
    if len({span.length() for span in plan.reminders}) < len(plan.reminders):
        raise SameReminderError
    if any(not LATEST_REMINDER <= span.length() <= EARLIEST_REMINDER for span in plan.reminders):
        raise ReminderRangeError(minutes=LATEST_REMINDER.seconds // 60, days=EARLIEST_REMINDER.days)
    for kind in FOLLOW_UPS:
        span = getattr(plan, kind)
        if span is not None and not timedelta() <= span.length() <= LATEST_FOLLOW_UP:
            raise FollowUpRangeError(kind, days=LATEST_FOLLOW_UP.days)
    reminders = tuple(sorted(plan.reminders, key=Span.length, reverse=True))
    return MailPlan(reminders, plan.came, plan.missed, plan.waited)


def steps_of(plan: MailPlan, *, starts_at: datetime, ends_at: datetime, timezone: str) -> list[Step]:
    """Return the steps of a plan for an event, the first first. Raises UnknownZoneError."""
    before = [
        Step(MessageKind.REMINDER, span, starts_at, moment(starts_at, span, timezone, sign=-1))
        for span in plan.reminders
    ]
    after = [
        Step(kind, span, ends_at, moment(ends_at, span, timezone, sign=1))
        for kind in FOLLOW_UPS
        if (span := getattr(plan, kind)) is not None
    ]
    return sorted([*before, *after], key=lambda step: (step.due, step.key))


def moment(instant: datetime, span: Span, timezone: str, *, sign: int) -> datetime:
    """Return the instant that is a span after another one, or before it (`sign` -1)."""
    if span.unit is Unit.DAYS:
        return same_wall_time(instant, timezone, days=sign * span.number)
    return instant + sign * span.length()


def _read_span(stored: Mapping[str, Any] | None) -> Span | None:
    return None if stored is None else _span(stored)


def _span(stored: Mapping[str, Any]) -> Span:
    return Span(int(stored["number"]), Unit(stored["unit"]))


def _stored(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"number": span.number, "unit": span.unit.value}
