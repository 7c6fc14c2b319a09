"""Telling people that an event changed: collected for a while, then one mail to each whom it concerns.

Editing queues no mail. It promises one job, and when that runs it compares, for each living invitation, what its
person was last told (the facts of the latest mail with a calendar part) with what is true by then. So several edits
make one mail, and a time that was moved and moved back makes none. Each batch is one transaction that holds the
event's row, so whoever books or cancels in that moment does so before it or after it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, Self

from sqlalchemy import select, tuple_

from engage.bookings.mails import Addressee, Change, change_draft
from engage.bookings.party import invited_people
from engage.calendars.models import CalendarInvite
from engage.calendars.queries import is_in_calendars
from engage.calendars.services import raise_sequences
from engage.events.enums import EventStatus
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.flows.speaking import InvitedSpeaker, ask_anew, invited_speakers
from engage.kernel.db import db
from engage.kernel.jobs import defer
from engage.kernel.models import Job, JobState
from engage.kernel.settings import Site
from engage.mail.models import Message
from engage.mail.services import Draft, queue_new

TELL = "calendars.tell"
BATCH = 200  # people in one transaction
WORDS = ("title", "summary")  # in the order in which a mail names them


class Person(Protocol):
    """Somebody in whose calendar the event stands, who comes or speaks."""

    @property
    def invite(self) -> CalendarInvite: ...
    @property
    def recipient(self) -> Addressee: ...


@dataclass(frozen=True)
class Told:
    """What somebody's calendar entry says, as far as a change of the event changes it."""

    starts_at: datetime
    ends_at: datetime
    timezone: str
    words: tuple[str, ...]

    @classmethod
    def now(cls, event: Event) -> Self:
        """Return what an entry would say now."""
        words = tuple(getattr(event, name) for name in WORDS)
        return cls(event.starts_at, event.ends_at, event.timezone, words)

    @classmethod
    def by(cls, facts: dict[str, Any]) -> Self:
        """Return what a mail said, by its frozen facts."""
        event = facts["event"]
        starts_at, ends_at = (datetime.fromisoformat(event[name]) for name in ("starts_at", "ends_at"))
        return cls(starts_at, ends_at, event["timezone"], tuple(event[name] for name in WORDS))

    def change_to(self, other: "Told") -> Change | None:
        """Return what is to be told to whom was told this, or None."""
        times = (self.starts_at, self.ends_at, self.timezone)
        moved = times != (other.starts_at, other.ends_at, other.timezone)
        changed = [name for name, was, now in zip(WORDS, self.words, other.words, strict=True) if was != now]
        return Change(times if moved else None, tuple(changed)) if moved or changed else None


def tell_soon(event: Event, *, site: Site, at: datetime) -> bool:
    """Promise to tell what changed of an event, which the caller holds; at once if the site collects nothing.

    A job that waits already is enough: it compares when it runs. Returns whether there is anybody to tell.
    """
    if not _is_told(event, at=at) or not is_in_calendars(event.id):
        return False
    if site.calendar_collect_seconds:
        if when_told(event.id, at=at) is None:
            run_at = at + timedelta(seconds=site.calendar_collect_seconds)
            key = f"{TELL}:{event.id}:{event.version}"
            defer(TELL, at=at, run_at=run_at, dedupe_key=key, event=str(event.id))
            db.session.flush()
        return True
    after: uuid.UUID | None = None
    while (after := tell_changes(event.id, after=after, site=site, at=at)) is not None:
        pass
    return True


def tell_changes(event_id: uuid.UUID, *, after: uuid.UUID | None, site: Site, at: datetime) -> uuid.UUID | None:
    """Tell the next people, at most BATCH, what changed for them; returns the last invitation if more may follow.

    An event that is over, cancelled or not published tells nobody anything.
    """
    event = lock_event(event_id)
    if not _is_told(event, at=at):
        return None
    people = invited_people(event_id, after=after, limit=BATCH)
    more_may_follow = len(people) == BATCH
    everybody: list[Person] = [*people, *([] if more_may_follow else invited_speakers(event_id))]
    queue_new(_drafts(everybody, event, site=site, at=at), site=site, at=at)
    db.session.flush()
    return people[-1].invite.id if more_may_follow else None


def when_told(event_id: uuid.UUID, *, at: datetime) -> datetime | None:
    """Return when the job runs that waits to tell of changes, or None. One that began or is due is no longer open."""
    promised = Job.dedupe_key.startswith(f"{TELL}:{event_id}:", autoescape=True)
    jobs = db.session.scalars(select(Job).where(promised, Job.state == JobState.DUE, Job.run_at > at))
    return min((job.run_at for job in jobs if "after" not in job.arguments), default=None)


def _is_told(event: Event, *, at: datetime) -> bool:
    return event.status is EventStatus.PUBLISHED and at < event.ends_at


def _drafts(people: Sequence[Person], event: Event, *, site: Site, at: datetime) -> list[Draft]:
    """Return a mail for each person to whom something is new, their SEQUENCE raised.

    What speakers answered to another time counts no more.
    """
    told, now = last_told(people), Told.now(event)
    changes = {
        person.invite.id: change
        for person in people
        if person.invite.id in told and (change := told[person.invite.id].change_to(now)) is not None
    }
    moved = [invite_id for invite_id, change in changes.items() if change.old_times is not None]
    ask_anew([each.appearance.id for each in people if isinstance(each, InvitedSpeaker) and each.invite.id in moved])
    raised = {
        **raise_sequences(moved, time_changed=True),
        **raise_sequences([invite_id for invite_id in changes if invite_id not in moved], time_changed=False),
    }
    return [
        change_draft(person.recipient, event, raised[person.invite.id], changes[person.invite.id], site=site, at=at)
        for person in people
        if person.invite.id in raised
    ]


def last_told(people: Sequence[Person]) -> dict[uuid.UUID, Told]:
    """Return what each person's latest mail with a calendar part said, by invitation."""
    uids = {person.invite.uid: person.invite.id for person in people}
    about = [person.recipient.about for person in people]
    ours = tuple_(Message.about_type, Message.about_id).in_(about)
    told: dict[uuid.UUID, Told] = {}
    for facts in db.session.scalars(select(Message.facts).where(ours).order_by(Message.id)):
        uid = facts.get("calendar", {}).get("uid")
        if uid in uids and "event" in facts:
            told[uids[uid]] = Told.by(facts)
    return told
