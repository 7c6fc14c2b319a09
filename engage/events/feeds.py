"""Reading events for calendar feeds: thousands at once, so only what a feed shows, by the driver.

The window: what is over stays 90 days, what was cancelled 60 (Outlook shows it as active otherwise), all that comes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    type_coerce,
)

from engage.events.enums import NOT_SPEAKING, EventStatus
from engage.events.models import Appearance, Event
from engage.kernel.db import table_of
from engage.kernel.plain import run_plain
from engage.speakers.models import Speaker

KEEP_PAST = timedelta(days=90)
KEEP_CANCELLED = timedelta(days=60)

_EVENT = table_of(Event).c
_APPEARANCE = table_of(Appearance).c
_SPEAKER = table_of(Speaker).c
_CANCELLED = _EVENT.cancelled_at
_SPEAKS = and_(*(_APPEARANCE.status != status for status in sorted(NOT_SPEAKING)))
_ENDS_AFTER: BindParameter[datetime] = bindparam("ends_after")
_CANCELLED_AFTER: BindParameter[datetime] = bindparam("cancelled_after")


class FeedVersion(NamedTuple):
    """What decides a feed. `rows` mean nothing but that they are equal or not; `changed_at` is for Last-Modified."""

    rows: tuple[Any, ...]
    changed_at: datetime | None


def public_events(at: datetime) -> list[Any]:
    """Return what the public calendar holds at a moment, soonest first: rows with names as in `Event`."""
    return run_plain(_EVENTS[True], _window(at))


def every_event_in_feed(at: datetime) -> list[Any]:
    """Return what the organisers' calendar holds: the same, and drafts."""
    return run_plain(_EVENTS[False], _window(at))


def speakers_in_feed(at: datetime) -> Mapping[object, Sequence[str]]:
    """Return "name, organisation" of who is shown in the line-up of each event of the window, in order.

    The keys are the `key` of the rows of events.
    """
    line_ups = run_plain(_LINE_UPS, _window(at))
    # Read second, so that whoever joins a line-up meanwhile is known or not yet in it; who left both is left out.
    names = {
        key: f"{name}, {organisation}" if organisation else name for key, name, organisation in run_plain(_SPEAKERS, {})
    }
    found: dict[object, list[str]] = {}
    for event, speaker in line_ups:
        if speaker in names:
            found.setdefault(event, []).append(names[speaker])
    return found


def feed_version(at: datetime, *, public: bool) -> FeedVersion:
    """Return what changes whenever a feed would, by one statement that reads no words.

    Each change of an event or its line-up counts up the event's version (`note_change`); what comes into the window
    or leaves it changes the count, the sum and the edges. Ids are random: no other site's, or restored, says the same.
    """
    ((*rows, updated_at, ended, cancelled),) = run_plain(_VERSIONS[public], _window(at))
    moments = [updated_at, ended and ended + KEEP_PAST, cancelled and cancelled + KEEP_CANCELLED]
    changed_at = max((moment for moment in moments if moment is not None), default=None)
    return FeedVersion((*rows, updated_at), changed_at)


def _window(at: datetime) -> dict[str, datetime]:
    return {"ends_after": at - KEEP_PAST, "cancelled_after": at - KEEP_CANCELLED}


def _is_shown(*, public: bool) -> ColumnElement[bool]:
    is_cancelled = _EVENT.status == EventStatus.CANCELLED
    held = or_(and_(~is_cancelled, _EVENT.ends_at > _ENDS_AFTER), and_(is_cancelled, _CANCELLED > _CANCELLED_AFTER))
    return and_(_EVENT.published_at.is_not(None), held) if public else held


def _key(column: ColumnElement[Any], name: str = "key") -> ColumnElement[Any]:
    """Return an id as the driver gives it: to make tens of thousands of UUIDs would take longer than to read them."""
    return type_coerce(column, String).label(name)


def _events(*, public: bool) -> Select[Any]:
    names = (
        *("slug", "title", "summary", "starts_at", "ends_at", "timezone", "status", "members_only_until"),
        *("feed_uid", "calendar_sequence", "created_at", "updated_at"),
    )
    is_draft = _EVENT.published_at.is_(None).label("is_draft")
    shown = select(_key(_EVENT.id), is_draft, *(_EVENT[name] for name in names)).where(_is_shown(public=public))
    return shown.order_by(_EVENT.starts_at, _EVENT.id)


def _version(*, public: bool) -> Select[Any]:
    """Count and add up the window; last come the moments at which it last changed."""
    shown = _is_shown(public=public)
    is_cancelled = _EVENT.status == EventStatus.CANCELLED
    gone = select(func.max(_EVENT.ends_at)).where(~is_cancelled, _EVENT.ends_at <= _ENDS_AFTER)
    gone_cancelled = select(func.max(_CANCELLED)).where(is_cancelled, _CANCELLED <= _CANCELLED_AFTER)
    return select(
        func.count(_EVENT.id).label("events"),
        func.sum(_EVENT.version).label("versions"),
        func.sum(case((is_cancelled, 1), else_=0)).label("cancelled"),
        func.min(_EVENT.starts_at).label("first"),
        func.min(cast(_EVENT.feed_uid, String)).label("lowest"),
        func.max(cast(_EVENT.feed_uid, String)).label("highest"),
        func.max(_EVENT.updated_at).label("changed"),
        gone.scalar_subquery().label("gone"),
        gone_cancelled.scalar_subquery().label("gone_cancelled"),
    ).where(shown)


_EVENTS = {public: _events(public=public) for public in (True, False)}
_VERSIONS = {public: _version(public=public) for public in (True, False)}
# Of one speaker in hundreds of line-ups the name is read once: a join would look it up for each of them.
_SPEAKERS = select(_key(_SPEAKER.id), _SPEAKER.name, _SPEAKER.organisation)
_LINE_UPS = (
    select(_key(_APPEARANCE.event_id), _key(_APPEARANCE.speaker_id, "speaker"))
    .where(_APPEARANCE.event_id.in_(select(_EVENT.id).where(_is_shown(public=False))), _SPEAKS)
    .order_by(_APPEARANCE.event_id, _APPEARANCE.position, _APPEARANCE.id)
)
