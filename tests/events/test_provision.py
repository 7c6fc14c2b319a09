"""What an event provides so that people can take part: stated once, arranged by a day, kept or not."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.events.enums import AccessKind
from engage.events.errors import (
    DueTooLateError,
    EventCancelledError,
    ProvisionNoteError,
    ProvisionNoteLengthError,
    ProvisionNotFoundError,
    ProvisionTwiceError,
    StaleEventError,
    TooManyProvisionsError,
    UnprovidedYetError,
)
from engage.events.models import Event
from engage.events.provided import provided_words
from engage.events.queries import provided_at, provisions_of_coming_events
from engage.events.services import (
    add_provision,
    change_provision,
    mark_cancelled,
    remove_provision,
    tick_arranged,
    tick_provided,
)
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("clock")


def state(event: Event, kind: AccessKind, note: str | None = None, due_on: date | None = None) -> None:
    add_provision(event.id, kind, note=note, due_on=due_on, at=NOW, actor=None)


def words(event: Event) -> list[str]:
    return [provided_words(each.kind, each.note) for each in provided_at(event.id)]


def test_what_is_stated_stands_in_the_order_of_the_kinds_and_counts_as_a_change_of_the_event(unit: Unit) -> None:
    with unit():
        event = make_event()
        version = event.version
        state(event, AccessKind.OTHER, "A quiet room")
        state(event, AccessKind.BREAKS)
        state(event, AccessKind.CAPTIONS, "typed by a person")

        assert words(event) == ["Live captions: typed by a person", "Breaks", "A quiet room"]
        assert event.version == version + 3


def test_each_kind_is_stated_once_and_something_else_as_often_as_it_has_words(unit: Unit) -> None:
    with unit():
        event = make_event()
        state(event, AccessKind.BSL)
        with pytest.raises(ProvisionTwiceError):
            state(event, AccessKind.BSL, "again")
        with pytest.raises(ProvisionNoteError):
            state(event, AccessKind.OTHER, "  ")
        with pytest.raises(ProvisionNoteLengthError, match="300"):
            state(event, AccessKind.OTHER, "x" * 301)
        for number in range(19):
            state(event, AccessKind.OTHER, f"Thing {number}")
        with pytest.raises(TooManyProvisionsError, match="20"):
            state(event, AccessKind.OTHER, "One too many")


def test_it_is_due_by_the_day_of_the_event_where_the_event_is(unit: Unit) -> None:
    """R19: at 20:00 UTC it is the next day in Auckland."""
    with unit():
        event = make_event(starts_at=datetime(2026, 9, 20, 20, 0, tzinfo=UTC), timezone="Pacific/Auckland")
        state(event, AccessKind.BSL, due_on=date(2026, 9, 21))
        with pytest.raises(DueTooLateError):
            state(event, AccessKind.CAPTIONS, due_on=date(2026, 9, 22))


def test_a_change_of_what_somebody_else_changed_is_refused(unit: Unit) -> None:
    """R11."""
    with unit():
        event = make_event()
        state(event, AccessKind.OTHER, "A quiet room")
        (provision,) = provided_at(event.id)
        seen = event.version
        state(event, AccessKind.BSL)
        change = {"note": "Two quiet rooms", "due_on": None, "at": NOW, "actor": None}
        with pytest.raises(StaleEventError):
            change_provision(event.id, provision.id, version=seen, **change)
        change_provision(event.id, provision.id, version=seen + 1, **change)
        assert words(event)[-1] == "Two quiet rooms"


def test_ticks_are_set_and_taken_back_and_noted_once(unit: Unit) -> None:
    with unit() as session:
        event = make_event()
        state(event, AccessKind.BSL)
        (provision,) = provided_at(event.id)
        for arranged in (True, True, False, True):
            tick_arranged(provision.id, arranged=arranged, at=NOW, actor=None)
        with pytest.raises(UnprovidedYetError):
            tick_provided(provision.id, kept=True, at=event.starts_at - timedelta(seconds=1), actor=None)
        for kept in (True, True, False):
            tick_provided(provision.id, kept=kept, at=event.starts_at, actor=None)

        assert (provision.arranged_at, provision.kept_at) == (NOW, None)
        acts = [act.rpartition(":")[2] for act in session.scalars(select(AuditEntry.act))]
        assert [acts.count(act) for act in ("arrange", "unarrange", "keep-provision", "unkeep-provision")] == [
            2,
            1,
            1,
            1,
        ]
        with pytest.raises(ProvisionNotFoundError):
            tick_arranged(uuid4(), arranged=True, at=NOW, actor=None)


def test_only_an_event_s_own_provisions_are_taken_out_and_none_of_a_cancelled_one(unit: Unit) -> None:
    with unit():
        event, other = make_event(), make_event()
        state(event, AccessKind.BSL)
        (provision,) = provided_at(event.id)
        with pytest.raises(ProvisionNotFoundError):
            remove_provision(other.id, provision.id, at=NOW, actor=None)
        remove_provision(event.id, provision.id, at=NOW, actor=None)
        assert words(event) == []
        mark_cancelled(event.id, reason="Rain.", at=NOW, actor=None)
        with pytest.raises(EventCancelledError):
            state(event, AccessKind.BSL)


def test_what_is_to_be_arranged_comes_by_the_day_it_is_due(unit: Unit) -> None:
    with unit():
        later, soon, over = make_event(), make_event(published=False), make_event()
        state(later, AccessKind.BSL, due_on=date(2026, 9, 5))
        state(soon, AccessKind.OTHER, "undated")
        state(soon, AccessKind.CAPTIONS, due_on=date(2026, 9, 3))
        state(over, AccessKind.BREAKS, due_on=date(2026, 9, 1))
        mark_cancelled(over.id, reason="Rain.", at=NOW, actor=None)

        found = [provision.kind.value for provision, _ in provisions_of_coming_events(NOW)]
        assert found == ["captions", "bsl", "other"]
        assert provisions_of_coming_events(later.ends_at) == []
