"""Wall times, instants and their words (R19)."""

from datetime import UTC, date, datetime, time
from zoneinfo import available_timezones

import pytest

from engage.kernel.when import (
    AmbiguousTimeError,
    GapTimeError,
    UnknownZoneError,
    YearOutOfRangeError,
    abbreviation,
    clock_words,
    date_in_words,
    known_zone,
    local_time,
    place_name,
    resolve_local,
    short_when,
    time_words,
    zone,
    zone_data,
    zone_names,
    zone_words,
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_a_wall_time_has_one_instant() -> None:
    assert resolve_local(date(2026, 7, 15), time(18), "Europe/Berlin") == utc(2026, 7, 15, 16)
    assert resolve_local(date(2026, 1, 15), time(18), "Europe/London") == utc(2026, 1, 15, 18)
    assert resolve_local(date(2026, 7, 15), time(18), "Asia/Kolkata", fold=1) == utc(2026, 7, 15, 12, 30)


@pytest.mark.parametrize(
    ("zone_name", "day", "clock"),
    [
        ("Europe/London", date(2027, 3, 28), time(1, 30)),
        ("America/New_York", date(2027, 3, 14), time(2, 0)),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15)),
        ("Africa/Cairo", date(2026, 4, 24), time(0, 30)),
        ("Pacific/Apia", date(2011, 12, 30), time(12)),
    ],
)
@pytest.mark.parametrize("fold", [None, 0, 1])
def test_a_time_that_the_clocks_jump_over_is_refused(zone_name: str, day: date, clock: time, fold: int | None) -> None:
    with pytest.raises(GapTimeError) as caught:
        resolve_local(day, clock, zone_name, fold)
    assert caught.value.field == "start_time"
    assert f"{clock:%H:%M}" in str(caught.value)


@pytest.mark.parametrize(
    ("zone_name", "day", "clock", "first", "second"),
    [
        ("Europe/London", date(2026, 10, 25), time(1, 30), utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30)),
        ("America/New_York", date(2026, 11, 1), time(1), utc(2026, 11, 1, 5), utc(2026, 11, 1, 6)),
        ("Australia/Lord_Howe", date(2027, 4, 4), time(1, 45), utc(2027, 4, 3, 14, 45), utc(2027, 4, 3, 15, 15)),
    ],
)
def test_a_time_that_comes_twice_is_asked_about(
    zone_name: str, day: date, clock: time, first: datetime, second: datetime
) -> None:
    with pytest.raises(AmbiguousTimeError) as caught:
        resolve_local(day, clock, zone_name)
    assert (caught.value.first, caught.value.second) == (first, second)
    assert caught.value.field == "fold"
    assert resolve_local(day, clock, zone_name, fold=0) == first
    assert resolve_local(day, clock, zone_name, fold=1) == second
    assert [local_time(instant, zone_name).fold for instant in (first, second)] == [0, 1]
    assert local_time(second, zone_name).time() == clock


@pytest.mark.parametrize("year", [1999, 2101])
def test_years_outside_the_rules_are_refused(year: int) -> None:
    with pytest.raises(YearOutOfRangeError) as caught:
        resolve_local(date(year, 6, 1), time(12), "Europe/London")
    assert "2000" in str(caught.value)
    assert "2100" in str(caught.value)


def test_the_first_and_last_year_are_taken() -> None:
    assert resolve_local(date(2000, 1, 1), time(0), "UTC") == utc(2000, 1, 1)
    assert resolve_local(date(2100, 12, 31), time(23, 59), "UTC") == utc(2100, 12, 31, 23, 59)


def test_every_zone_name_is_known_and_works() -> None:
    assert len(zone_names()) > 590
    noon = utc(2026, 7, 1, 12)
    for name in zone_names():
        assert known_zone(name)
        assert zone(name).key == name
        assert zone_data(name).startswith(b"TZif")
        assert local_time(noon, name) == noon
        assert zone_words(name)
        assert time_words(noon, utc(2026, 7, 1, 13), name)


def test_names_of_the_standard_library_are_known() -> None:
    assert available_timezones() - set(zone_names()) <= {"localtime", "posixrules", "Factory"}


@pytest.mark.parametrize(
    "name",
    ["Europe", "", "europe/london", "Europe/London/", "../etc/passwd", "/etc/localtime", "Europe/Berlin\0", "BST"],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    assert not known_zone(name)
    with pytest.raises(UnknownZoneError) as caught:
        zone(name)
    assert caught.value.field == "timezone"
    with pytest.raises(UnknownZoneError):
        resolve_local(date(2026, 7, 1), time(12), name)


def test_an_instant_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_time(datetime(2026, 7, 1), "Europe/London")  # noqa: DTZ001 - the fault itself


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        (time(12), "midday"),
        (time(0), "midnight"),
        (time(12, 30), "12:30pm"),
        (time(0, 5), "12:05am"),
        (time(18), "6pm"),
        (time(9, 45), "9:45am"),
    ],
)
def test_clock_words(clock: time, words: str) -> None:
    assert clock_words(clock) == words


def test_date_words() -> None:
    assert date_in_words(date(2022, 3, 31)) == "Thursday 31 March 2022"
    assert date_in_words(date(2022, 3, 31), "de") == "Donnerstag 31 März 2022"


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "zone_name", "words"),
    [
        (utc(2026, 7, 15, 11, 30), utc(2026, 7, 15, 12, 30), "Europe/London", "12:30pm to 1:30pm, UK time (BST)"),
        (utc(2026, 1, 15, 12), utc(2026, 1, 15, 13), "Europe/London", "midday to 1pm, UK time (GMT)"),
        (utc(2026, 7, 15, 16), utc(2026, 7, 15, 17), "Europe/Berlin", "6pm to 7pm, Berlin time (CEST)"),
        (utc(2026, 7, 15, 16), utc(2026, 7, 15, 17), "Asia/Kolkata", "9:30pm to 10:30pm, Kolkata time (IST)"),
        (utc(2026, 7, 15, 16), utc(2026, 7, 15, 17), "America/Sao_Paulo", "1pm to 2pm, Sao Paulo time (UTC-3)"),
        (utc(2026, 7, 15, 16), utc(2026, 7, 15, 17), "UTC", "4pm to 5pm, UTC"),
        (utc(2026, 7, 15, 22), utc(2026, 7, 15, 23), "Europe/London", "11pm to midnight, UK time (BST)"),
        (
            utc(2026, 7, 15, 22),
            utc(2026, 7, 16, 0),
            "Europe/London",
            "11pm to 1am on Thursday 16 July 2026, UK time (BST)",
        ),
        (utc(2026, 10, 25, 0), utc(2026, 10, 25, 2), "Europe/London", "1am (BST) to 2am (GMT), UK time"),
    ],
)
def test_time_words(starts_at: datetime, ends_at: datetime, zone_name: str, words: str) -> None:
    assert time_words(starts_at, ends_at, zone_name) == words


def test_short_words_for_a_subject() -> None:
    assert short_when(utc(2027, 7, 15, 16), "Europe/Berlin") == "Thu 15 Jul 18:00 (Berlin)"
    assert short_when(utc(2027, 7, 15, 16), "Europe/London") == "Thu 15 Jul 17:00 (UK)"


def test_places_and_abbreviations() -> None:
    assert place_name("America/Argentina/Buenos_Aires") == "Buenos Aires"
    assert place_name("Etc/UTC") == "UTC"
    assert place_name("Etc/GMT+3") == "GMT+3"
    assert abbreviation(local_time(utc(2026, 1, 1), "Asia/Kathmandu")) == "UTC+5:45"
    assert abbreviation(local_time(utc(2026, 1, 1), "Europe/Paris")) == "CET"
