"""Making, changing, publishing and cancelling events."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engage.events.details import EventDetails
from engage.events.enums import AppearanceRole, EventStatus
from engage.events.errors import (
    CapacityBelowBookedError,
    CapacityRangeError,
    EndsBeforeStartError,
    EventCancelledError,
    EventOverError,
    JoinUrlError,
    JoinUrlMissingError,
    OverCannotMoveError,
    ReasonMissingError,
    SlugTakenError,
    SpeakerListedError,
    StaleEventError,
    StartsInThePastError,
    TitleMissingError,
    UnknownQuestionError,
)
from engage.events.models import Event
from engage.events.queries import (
    discussed_questions,
    events_about,
    find_next_event,
    line_up,
    past_events,
    upcoming_events,
)
from engage.events.services import (
    add_speaker,
    create_event,
    mark_cancelled,
    publish_event,
    remove_speaker,
    set_questions,
    take_places,
    update_event,
)
from engage.kernel.slugs import slug_of
from engage.kernel.when import AmbiguousTimeError, GapTimeError, UnknownZoneError
from tests.factories import make_consultation, make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("clock")


BY_ASHA: dict[str, Any] = {"at": NOW, "actor": None}


def given(**changes: Any) -> EventDetails:
    """Return what an organiser gives for an event."""
    details = EventDetails(
        title="Three views over lunch",
        summary="Three guests.",
        description="Bring *one* question.",
        day=date(2027, 3, 31),
        start=time(12, 30),
        end=time(13, 30),
        timezone="Europe/London",
        capacity=20,
        join_url="https://meet.example.org/room",
    )
    return replace(details, **changes)


def test_create_event_keeps_the_instant_and_the_wall_time(unit: Unit) -> None:
    with unit():
        event = create_event(given(), **BY_ASHA)

        assert event.slug == "three-views-over-lunch"
        assert event.starts_at == datetime(2027, 3, 31, 11, 30, tzinfo=UTC)
        assert event.local_start == "2027-03-31T12:30"
        assert event.status is EventStatus.DRAFT
        assert not event.is_public()


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"title": " "}, TitleMissingError, "title"),
        ({"end": time(12, 30)}, EndsBeforeStartError, "end_time"),
        ({"end": time(11, 0)}, EndsBeforeStartError, "end_time"),
        ({"capacity": 0}, CapacityRangeError, "capacity"),
        ({"capacity": -1}, CapacityRangeError, "capacity"),
        ({"capacity": 2**63}, CapacityRangeError, "capacity"),
        ({"timezone": "Europe/Atlantis"}, UnknownZoneError, "timezone"),
        ({"join_url": "javascript:alert(1)"}, JoinUrlError, "join_url"),
        ({"day": date(2027, 3, 28), "start": time(1, 30), "end": time(2, 30)}, GapTimeError, "start_time"),
        ({"day": date(2027, 10, 31), "start": time(1, 30), "end": time(2, 30)}, AmbiguousTimeError, "fold"),
    ],
)
def test_create_event_refuses_beside_the_field(
    unit: Unit, changes: dict[str, Any], refusal: type[Exception], field: str
) -> None:
    with pytest.raises(refusal) as caught, unit():
        create_event(given(**changes), **BY_ASHA)

    assert caught.value.field == field  # type: ignore[attr-defined]
    with unit() as session:
        assert session.query(Event).count() == 0


def test_create_event_takes_the_second_of_two_equal_hours_when_told(unit: Unit) -> None:
    with unit():
        event = create_event(given(day=date(2027, 10, 31), start=time(1, 30), end=time(2, 30), fold=1), **BY_ASHA)

        assert event.starts_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_wanted_slug_that_is_taken_is_refused_and_a_made_one_is_numbered(unit: Unit) -> None:
    with unit():
        create_event(given(), slug="lunch", **BY_ASHA)
        first, second = create_event(given(), **BY_ASHA), create_event(given(), **BY_ASHA)

        assert (first.slug, second.slug) == ("three-views-over-lunch", "three-views-over-lunch-2")
        with pytest.raises(SlugTakenError, match="lunch"):
            create_event(given(), slug="lunch", **BY_ASHA)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Café & cake: what’s next?", "cafe-cake-whats-next"),
        ("日本語", "event"),
        ("=?utf-8?q?x?=", "utf-8-q-x"),
        ("x" * 300, "x" * 60),
    ],
)
def test_slug_of_keeps_letters_and_digits(title: str, slug: str) -> None:
    assert slug_of(title, "event") == slug


def test_update_event_refuses_a_stale_version_and_counts_its_own(unit: Unit) -> None:
    with unit():
        event = make_event()
        version, sequence = event.version, event.calendar_sequence

        change = update_event(event.id, given(title="Two views"), version=version, **BY_ASHA)

        assert change.words_changed
        assert event.version == version + 1
        assert event.calendar_sequence == sequence + 1
        with pytest.raises(StaleEventError):
            update_event(event.id, given(title="One view"), version=version, **BY_ASHA)


def test_update_event_that_changes_nothing_counts_nothing(unit: Unit) -> None:
    with unit():
        event = create_event(given(), **BY_ASHA)

        change = update_event(event.id, given(), version=1, **BY_ASHA)

        assert (change.changed, event.version) == (frozenset(), 1)


def test_a_new_join_address_is_not_seen_in_calendars(unit: Unit) -> None:
    with unit():
        event = create_event(given(), **BY_ASHA)
        publish_event(event.id, at=NOW, actor=None)

        change = update_event(event.id, given(join_url="https://meet.example.org/other"), version=2, **BY_ASHA)

        assert (change.time_changed, change.words_changed, event.calendar_sequence) == (False, False, 0)


def test_capacity_below_what_is_booked_is_refused_with_the_number(unit: Unit) -> None:
    with unit():
        event = make_event(capacity=5)
        for _ in range(3):
            take_places(event.id, 1, at=NOW)
        with pytest.raises(CapacityBelowBookedError, match="3 places"):
            update_event(event.id, given(capacity=2), version=event.version, **BY_ASHA)


def test_an_event_that_is_over_keeps_its_time(unit: Unit) -> None:
    with unit():
        event = make_event(starts_at=NOW - timedelta(days=1))

        with pytest.raises(OverCannotMoveError):
            update_event(event.id, given(day=date(2026, 10, 1)), version=event.version, **BY_ASHA)


def test_publish_event_needs_a_start_to_come_and_a_way_in(unit: Unit) -> None:
    with unit():
        past = create_event(given(day=date(2026, 8, 31)), **BY_ASHA)
        doorless = create_event(given(join_url=""), **BY_ASHA)

        with pytest.raises(StartsInThePastError):
            publish_event(past.id, at=NOW, actor=None)
        with pytest.raises(JoinUrlMissingError):
            publish_event(doorless.id, at=NOW, actor=None)


def test_mark_cancelled_asks_why_and_works_once(unit: Unit) -> None:
    with unit():
        event = make_event()
        with pytest.raises(ReasonMissingError):
            mark_cancelled(event.id, reason=" ", at=NOW, actor=None)

        assert mark_cancelled(event.id, reason="The speaker is ill.", at=NOW, actor=None)
        assert not mark_cancelled(event.id, reason="Again", at=NOW, actor=None)

        assert event.cancel_reason == "The speaker is ill."
        with pytest.raises(EventCancelledError):
            update_event(event.id, given(), version=event.version, **BY_ASHA)


def test_an_event_that_is_over_cannot_be_cancelled(unit: Unit) -> None:
    with unit():
        event = make_event(starts_at=NOW - timedelta(days=2))
        with pytest.raises(EventOverError):
            mark_cancelled(event.id, reason="Too late", at=NOW, actor=None)


def test_the_line_up_keeps_its_order_and_lists_nobody_twice(unit: Unit) -> None:
    with unit():
        event = make_event()
        who = {"role_title": "Analyst", "organisation": "Sample Ltd", "at": NOW, "actor": None}
        ada = add_speaker(event.id, name="Ada", role=AppearanceRole.SPEAKER, **who)
        add_speaker(event.id, name="Ben", role=AppearanceRole.SPEAKER, **who)
        add_speaker(event.id, name="Ada", role=AppearanceRole.CHAIR, **who)

        with pytest.raises(SpeakerListedError, match="Ada"):
            add_speaker(event.id, name="Ada", role=AppearanceRole.SPEAKER, **who)
        assert [(each.name, each.role.value) for each in line_up(event.id)] == [
            ("Ada", "speaker"),
            ("Ben", "speaker"),
            ("Ada", "chair"),
        ]

        remove_speaker(event.id, appearance_id=ada.id, at=NOW, actor=None)
        assert [each.name for each in line_up(event.id)] == ["Ben", "Ada"]


def test_set_questions_joins_event_and_question_both_ways(unit: Unit) -> None:
    with unit():
        event = make_event()
        questions = make_consultation().questions
        set_questions(event.id, question_ids=[questions[2].id, questions[0].id], at=NOW, actor=None)

        assert [each.number for each in discussed_questions(event.id)] == [3, 1]
        assert events_about(questions[0].id) == [event]
        with pytest.raises(UnknownQuestionError):
            set_questions(event.id, question_ids=[event.id], at=NOW, actor=None)


def test_lists_part_what_comes_from_what_is_over(unit: Unit) -> None:
    with unit():
        later = make_event(title="Later", starts_at=NOW + timedelta(days=9))
        soon = make_event(title="Soon", starts_at=NOW + timedelta(days=2))
        over = make_event(title="Over", starts_at=NOW - timedelta(days=2))
        make_event(title="Draft", published=False)
        mark_cancelled(soon.id, reason="No room", at=NOW, actor=None)

        assert upcoming_events(NOW) == [soon, later]
        assert past_events(NOW) == [over]
        assert find_next_event(NOW) == later
