"""How people book: who may change it, to what, and what is kept of the change."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.events.errors import EventCancelledError, EventOverError, MembersUntilError, StaleEventError
from engage.events.models import Event
from engage.events.services import BookingRules, mark_cancelled, set_booking_rules
from engage.kernel.when import AmbiguousTimeError, GapTimeError, WallTime
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
START = datetime(2026, 11, 5, 12, 30, tzinfo=UTC)
USUAL = BookingRules(waiting_list=True, places_shown=True, members_until=None)


@pytest.fixture(autouse=True)
def stopped(clock: time_machine.Traveller) -> None:
    """Stop the clock."""


@pytest.fixture
def event(unit: Unit) -> Event:
    """Give a published webinar in November."""
    with unit() as session:
        made = make_event(starts_at=START)
        session.flush()
        session.expunge(made)
        return made


def change(unit: Unit, event: Event, rules: BookingRules, *, version: int | None = None, at: datetime = AT) -> bool:
    """Set the rules as somebody who saw the event as it is."""
    with unit() as session:
        current = session.get_one(Event, event.id)
        seen = current.version if version is None else version
        return set_booking_rules(event.id, rules, version=seen, at=at, actor=None)


def kept(unit: Unit, event: Event) -> Event:
    """Return the event as it is stored."""
    with unit() as session:
        found = session.get_one(Event, event.id)
        session.expunge(found)
        return found


def test_a_new_event_lets_everybody_book_shows_its_places_and_has_a_waiting_list(event: Event) -> None:
    """Sensible defaults."""
    assert (event.waiting_list, event.places_shown, event.members_only_until) == (True, True, None)


def test_rules_are_kept_with_the_wall_time_in_the_events_zone_and_an_audit_entry(unit: Unit, event: Event) -> None:
    """R19, S36: 9am in London in October is 8 o'clock UTC; the entry says what was and what is."""
    rules = BookingRules(False, False, WallTime(date(2026, 10, 1), time(9)))

    assert change(unit, event, rules)

    now = kept(unit, event)
    until = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
    assert (now.waiting_list, now.places_shown, now.members_only_until) == (False, False, until)
    assert now.version == event.version + 1
    with unit() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:event:set-booking-rules")).one()
        assert entry.before == {"members_only_until": None, "places_shown": True, "waiting_list": True}
        assert entry.after == {"members_only_until": until.isoformat(), "places_shown": False, "waiting_list": False}


def test_the_same_rules_again_change_nothing(unit: Unit, event: Event) -> None:
    """Neither version nor audit."""
    assert not change(unit, event, USUAL)

    assert kept(unit, event).version == event.version


def test_rules_written_on_an_old_page_are_refused(unit: Unit, event: Event) -> None:
    """R11."""
    with pytest.raises(StaleEventError):
        change(unit, event, replace(USUAL, waiting_list=False), version=event.version - 1)

    assert kept(unit, event).waiting_list


@pytest.mark.parametrize(
    "until",
    [WallTime(date(2026, 9, 1), time(10)), WallTime(date(2026, 11, 5), time(12, 31))],
    ids=["now", "after the start"],
)
def test_members_come_first_for_a_time_before_the_start_that_is_still_to_come(
    unit: Unit, event: Event, until: WallTime
) -> None:
    """Ten in London is this very moment."""
    with pytest.raises(MembersUntilError):
        change(unit, event, replace(USUAL, members_until=until))


def test_a_time_that_has_passed_meanwhile_does_not_stop_other_changes(unit: Unit, event: Event) -> None:
    """What is not changed is not asked again."""
    until = WallTime(date(2026, 9, 2), time(9))
    change(unit, event, replace(USUAL, members_until=until))

    assert change(unit, event, BookingRules(False, True, until), at=AT + timedelta(days=3))


def test_an_hour_that_does_not_exist_is_refused_and_one_that_comes_twice_is_asked(unit: Unit) -> None:
    """R19."""
    with unit():
        made = make_event(slug="spring", starts_at=datetime(2027, 4, 20, 12, tzinfo=UTC))
        set_until = partial(set_booking_rules, made.id, version=made.version, at=AT, actor=None)
        gap = replace(USUAL, members_until=WallTime(date(2027, 3, 28), time(1, 30)))
        with pytest.raises(GapTimeError):
            set_until(gap)
        twice = WallTime(date(2026, 10, 25), time(1, 30))
        with pytest.raises(AmbiguousTimeError):
            set_until(replace(USUAL, members_until=twice))
        set_until(replace(USUAL, members_until=replace(twice, fold=1)))
        assert made.members_only_until == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_nothing_is_arranged_at_an_event_that_is_over_or_cancelled(unit: Unit, event: Event) -> None:
    """Both are refused by name."""
    with pytest.raises(EventOverError):
        change(unit, event, replace(USUAL, waiting_list=False), at=START + timedelta(hours=2))
    with unit():
        mark_cancelled(event.id, reason="Ill.", at=AT, actor=None)
    with pytest.raises(EventCancelledError):
        change(unit, event, replace(USUAL, waiting_list=False))
