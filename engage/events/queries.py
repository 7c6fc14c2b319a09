"""Reading events. Lists have a total order; what several events need comes in one query for all."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, literal_column, select

from engage.consultations.enums import ConsultationStatus
from engage.consultations.models import Consultation, Question
from engage.events.enums import NOT_SPEAKING, AccessKind, AppearanceRole, EventStatus
from engage.events.errors import EventNotFoundError, GroupNotFoundError
from engage.events.models import AccessProvision, Appearance, Event, EventQuestion, PlaceGroup
from engage.kernel.db import db, table_of
from engage.kernel.plain import run_plain
from engage.kernel.settings import Site
from engage.kernel.tokens import read_row_id, sign_row, verify_row
from engage.speakers.models import Speaker

PASS = "pass"  # noqa: S105 - a purpose, not a secret
GROUP = "group"


@dataclass(frozen=True)
class LineUpEntry:
    """Somebody in a line-up, as the page shows them."""

    appearance_id: uuid.UUID
    name: str
    role_title: str | None
    organisation: str | None
    role: AppearanceRole
    is_sample: bool

    @property
    def line(self) -> str:
        """Return them in one line, such as "Ada Lovelace, Analytical Society"."""
        return f"{self.name}, {self.organisation}" if self.organisation else self.name


@dataclass(frozen=True)
class DiscussedQuestion:
    """A question that an event discusses; it is public when its consultation is."""

    question_id: uuid.UUID
    number: int
    text: str
    consultation_slug: str
    consultation_title: str
    is_public: bool


def get_event(slug: str) -> Event:
    """Return an event, drafts as well. Raises EventNotFoundError."""
    return _found(db.session.scalar(select(Event).where(Event.slug == slug)))


def get_event_by_id(event_id: uuid.UUID) -> Event:
    """Return an event, drafts as well. Raises EventNotFoundError."""
    return _found(db.session.get(Event, event_id))


def find_event_by_id(event_id: uuid.UUID) -> Event | None:
    """Return an event, drafts as well, if there is one."""
    return db.session.get(Event, event_id)


def get_public_event(slug: str) -> Event:
    """Return an event that was published, whatever became of it. Raises EventNotFoundError."""
    return _found(db.session.scalar(_PUBLIC_EVENT, {"slug": slug}))


def get_public_event_id(slug: str) -> uuid.UUID:
    """Return the id of an event that was published, without loading it. Raises EventNotFoundError."""
    found = run_plain(_PUBLIC_EVENT_ID, {"slug": slug})
    if not found:
        raise EventNotFoundError
    event_id: uuid.UUID = found[0].id
    return event_id


def lock_event(event_id: uuid.UUID) -> Event:
    """Return an event as it is now and hold it until the transaction ends. Raises EventNotFoundError.

    PostgreSQL locks the row in the mode that lets foreign keys through (bookings being made wait only at
    their own last step); SQLite has locked everything already.
    """
    statement = select(Event).where(Event.id == event_id).with_for_update(key_share=True)
    return _found(db.session.scalar(statement, execution_options={"populate_existing": True}))


def event_pass(event: Event, site: Site) -> str:
    """Return the event's pass: the same for everybody who may comment, so it names nobody (rule 15, P10)."""
    return sign_row(site.link_secrets, PASS, event.id, event.nonce)


def upcoming_events(at: datetime) -> list[Event]:
    """Return public events that are not over, cancelled ones too, soonest first."""
    return _list(select(Event).where(_is_public(), Event.ends_at > at).order_by(Event.starts_at, Event.id))


def past_events(at: datetime, *, limit: int = 50) -> list[Event]:
    """Return published events that are over, latest first."""
    over = select(Event).where(Event.status == EventStatus.PUBLISHED, Event.ends_at <= at)
    return _list(over.order_by(Event.starts_at.desc(), Event.id).limit(limit))


def find_next_event(at: datetime) -> Event | None:
    """Return the next event that takes place (or is taking place), if there is one."""
    coming = select(Event).where(Event.status == EventStatus.PUBLISHED, Event.ends_at > at)
    return db.session.scalars(coming.order_by(Event.starts_at, Event.id).limit(1)).first()


def every_event(*, limit: int = 200) -> list[Event]:
    """Return all events with drafts, latest start first, for the organisers' desk."""
    return _list(select(Event).order_by(Event.starts_at.desc(), Event.id).limit(limit))


def event_titles(*, also: Event | None = None, limit: int = 200) -> list[tuple[str, str]]:
    """Return the slug and title of the latest events, drafts too, and of one more, for lists to choose from."""
    latest = select(Event.slug, Event.title).order_by(Event.starts_at.desc(), Event.id).limit(limit)
    titles = {row.slug: row.title for row in db.session.execute(latest)}
    return list(({also.slug: also.title} | titles if also else titles).items())


def latest_published(*, limit: int = 30) -> list[Event]:
    """Return public events by the moment of their publication, latest first, for the news feed."""
    return _list(select(Event).where(_is_public()).order_by(Event.published_at.desc(), Event.id).limit(limit))


def line_up(event_id: uuid.UUID) -> list[LineUpEntry]:
    """Return an event's line-up in its order, without those who declined or were taken out."""
    return line_ups([event_id])[event_id]


def line_ups(event_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[LineUpEntry]]:
    """Return the line-ups of several events by one query; each event has a list."""
    found: dict[uuid.UUID, list[LineUpEntry]] = defaultdict(list)
    rows = db.session.execute(_LINE_UPS, {"events": list(event_ids)})
    for row in rows:
        found[row[0]].append(LineUpEntry(*row[1:]))
    return found


def discussed_questions(event_id: uuid.UUID) -> list[DiscussedQuestion]:
    """Return the questions that an event discusses, in its order."""
    return discussed_at([event_id])[event_id]


def discussed_at(event_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[DiscussedQuestion]]:
    """Return the questions of several events by one query; each event has a list."""
    found: dict[uuid.UUID, list[DiscussedQuestion]] = defaultdict(list)
    rows = db.session.execute(_DISCUSSED, {"events": list(event_ids)})
    for row in rows:
        found[row[0]].append(DiscussedQuestion(*row[1:]))
    return found


def provided_at(event_id: uuid.UUID) -> list[AccessProvision]:
    """Return what an event provides so that people can take part, in the order of the kinds."""
    found = db.session.scalars(select(AccessProvision).where(AccessProvision.event_id == event_id))
    return sorted(found, key=lambda each: (_KINDS.index(each.kind), each.created_at, each.id))


def provisions_of_coming_events(at: datetime) -> list[tuple[AccessProvision, Event]]:
    """Return what events that are to come provide, drafts as well: by the day it is due, undated ones last."""
    coming = and_(Event.status != EventStatus.CANCELLED, Event.ends_at > at)
    rows = db.session.execute(
        select(AccessProvision, Event).join(Event, Event.id == AccessProvision.event_id).where(coming)
    ).all()
    found = [(provision, event) for provision, event in rows]
    return sorted(
        found, key=lambda pair: (pair[0].due_on or date.max, pair[1].starts_at, pair[0].created_at, pair[0].id)
    )


def events_by_id(event_ids: Collection[uuid.UUID]) -> list[Event]:
    """Return events, drafts as well, soonest first."""
    return _list(select(Event).where(Event.id.in_(event_ids)).order_by(Event.starts_at, Event.id))


def events_about(question_id: uuid.UUID) -> list[Event]:
    """Return the public events that discuss a question, soonest first."""
    return events_about_any([question_id])


def events_about_any(question_ids: Collection[uuid.UUID]) -> list[Event]:
    """Return the public events that discuss at least one of several questions, soonest first."""
    joined = select(EventQuestion.event_id).where(EventQuestion.question_id.in_(question_ids))
    return _list(select(Event).where(Event.id.in_(joined), _is_public()).order_by(Event.starts_at, Event.id))


def groups_of(event_id: uuid.UUID) -> list[PlaceGroup]:
    """Return the groups for which places of an event are or were kept, in the order they were made."""
    made = select(PlaceGroup).where(PlaceGroup.event_id == event_id).order_by(PlaceGroup.created_at, PlaceGroup.id)
    return list(db.session.scalars(made))


def get_group(group_id: uuid.UUID, *, event_id: uuid.UUID) -> PlaceGroup:
    """Return a group of an event. Raises GroupNotFoundError."""
    group = db.session.get(PlaceGroup, group_id)
    if group is None or group.event_id != event_id:
        raise GroupNotFoundError
    return group


def find_group_by_token(token: str, *, event_id: uuid.UUID, site: Site) -> PlaceGroup | None:
    """Return the group of an event whose private link it is.

    None for a forged, revoked or unknown one, and for another event's, all alike.
    """
    group_id = read_row_id(token)
    group = None if group_id is None else db.session.get(PlaceGroup, group_id)
    if group is None or group.event_id != event_id:
        return None
    return group if verify_row(site.link_secrets, token, GROUP, group.id, group.nonce) else None


def get_group_by_token(token: str, *, event_id: uuid.UUID, site: Site) -> PlaceGroup:
    """Return the same. Raises GroupNotFoundError."""
    group = find_group_by_token(token, event_id=event_id, site=site)
    if group is None:
        raise GroupNotFoundError
    return group


def group_token(group: PlaceGroup, site: Site) -> str:
    """Return the token of a group's private link to the booking form."""
    return sign_row(site.link_secrets, GROUP, group.id, group.nonce)


def _is_public() -> ColumnElement[bool]:
    return Event.published_at.is_not(None)


def _list(statement: Select[Any]) -> list[Event]:
    return list(db.session.scalars(statement))


def _found(event: Event | None) -> Event:
    if event is None:
        raise EventNotFoundError
    return event


_KINDS = list(AccessKind)
# Made once: they stand in the path of the busiest page and of every booking.
_PUBLIC_EVENT = select(Event).where(Event.slug == bindparam("slug"), _is_public())
_COLUMNS = table_of(Event).c
_PUBLIC_EVENT_ID = select(_COLUMNS.id).where(_COLUMNS.slug == bindparam("slug"), _COLUMNS.published_at.is_not(None))
_LINE_UPS = (
    select(
        Appearance.event_id,
        Appearance.id,
        Speaker.name,
        Speaker.role_title,
        Speaker.organisation,
        Appearance.role,
        Speaker.is_sample,
    )
    .join(Speaker, Speaker.id == Appearance.speaker_id)
    .where(
        Appearance.event_id.in_(bindparam("events", expanding=True)),
        Appearance.status.not_in([literal_column(f"'{status}'") for status in sorted(NOT_SPEAKING)]),
    )
    .order_by(Appearance.position, Appearance.id)
)
_DISCUSSED = (
    select(
        EventQuestion.event_id,
        Question.id,
        Question.number,
        Question.text,
        Consultation.slug,
        Consultation.title,
        Consultation.status != ConsultationStatus.DRAFT,
    )
    .join(Question, Question.id == EventQuestion.question_id)
    .join(Consultation, Consultation.id == Question.consultation_id)
    .where(EventQuestion.event_id.in_(bindparam("events", expanding=True)))
    .order_by(EventQuestion.position, EventQuestion.id)
)
