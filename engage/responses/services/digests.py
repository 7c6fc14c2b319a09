"""What moderators are told once a day: how much waits in which collection, and nothing of what it says or who said it.

One mail for all collections, and only of what came before today: a mail for each response would tell the minute of an
anonymous one (P4, P7).
"""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, func, select

from engage.accounts.enums import RoleName
from engage.accounts.models import Person, Role
from engage.consultations.models import Consultation
from engage.events.models import Event
from engage.kernel.db import db
from engage.kernel.jobs import defer_once
from engage.kernel.settings import Site
from engage.kernel.when import local_time, next_at
from engage.mail.services import queue_all
from engage.responses.enums import ResponseStatus
from engage.responses.mails import ToRead, to_read_draft
from engage.responses.models import Flag, Response, Submission
from engage.responses.piles import Pile, in_pile

TO_READ = "responses.to-read"
AT = time(8)  # in the site's own zone
Numbers = Counter[tuple[uuid.UUID | None, uuid.UUID | None]]


def promise_to_read(*, site: Site, at: datetime) -> datetime:
    """Promise the next telling, once for each day whoever promises it (R20); returns when it is."""
    run_at = next_at(AT, site.default_timezone, after=at)
    defer_once(TO_READ, at=at, run_at=run_at, dedupe_key=f"{TO_READ}:{_day(run_at, site)}")
    return run_at


def send_to_read(*, site: Site, at: datetime) -> int:
    """Tell each moderator what waits to be read, once a day; returns how many mails. None if nothing waits."""
    collections = _what_waits(before=at.astimezone(UTC).date())
    if not collections:
        return 0
    day = _day(at, site)
    drafts = [to_read_draft(person, collections, day=day, locale=site.languages[0]) for person in _moderators()]
    return queue_all(drafts, site=site, at=at)


def _day(moment: datetime, site: Site) -> date:
    return local_time(moment, site.default_timezone).date()


def _moderators() -> Sequence[Person]:
    """Return the moderators; where nobody has that role, those who may moderate in their place."""
    return _people([RoleName.MODERATOR]) or _people([RoleName.ORGANISER, RoleName.ADMINISTRATOR])


def _people(roles: Collection[RoleName]) -> Sequence[Person]:
    having = select(Role.person_id).where(Role.role.in_(roles))
    return db.session.scalars(
        select(Person).where(Person.disabled_at.is_(None), Person.id.in_(having)).order_by(Person.email)
    ).all()


def _what_waits(*, before: date) -> list[ToRead]:
    """Count what came before a day and waits, by what it is about: an event or a consultation."""
    open_flags = select(Flag.response_id).where(Flag.resolved_at.is_(None), Flag.flagged_on < before)
    waiting = _count(in_pile(Pile.TO_READ), Response.received_on < before)
    flagged = _count(Response.id.in_(open_flags), Response.status == ResponseStatus.PUBLISHED)
    found = [
        ToRead(
            *_named(consultation_id, event_id), waiting[consultation_id, event_id], flagged[consultation_id, event_id]
        )
        for consultation_id, event_id in waiting | flagged
    ]
    return sorted(found, key=lambda each: (each.title, each.slug))


def _count(*where: ColumnElement[bool]) -> Numbers:
    """Return how many responses there are about each consultation or event; those of the sample need nobody."""
    rows = db.session.execute(
        select(Submission.consultation_id, Submission.event_id, func.count())
        .join(Response, Response.submission_id == Submission.id)
        .where(~Submission.is_sample, *where)
        .group_by(Submission.consultation_id, Submission.event_id)
    )
    return Counter({(consultation_id, event_id): number for consultation_id, event_id, number in rows})


def _named(consultation_id: uuid.UUID | None, event_id: uuid.UUID | None) -> tuple[str, str, str]:
    about: Event | Consultation
    if event_id is not None:
        about = db.session.get_one(Event, event_id)
    else:
        about = db.session.get_one(Consultation, consultation_id)
    return about.__tablename__, about.slug, about.title
