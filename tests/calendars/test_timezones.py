"""Every zone's VTIMEZONE, worked out as a calendar program does, says what the zone itself says."""

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from io import StringIO

import icalendar
import pytest
from dateutil.tz import tzical

from engage.calendars.objects.parts import zone_text_for
from engage.calendars.objects.timezones import vtimezone
from engage.kernel.when import local_time, zone_names

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
# Midwinter, midsummer, the hours around changes of clocks in Europe and America, and the end of a year.
INSTANTS = [
    datetime(2026, 1, 15, 12, tzinfo=UTC),
    datetime(2026, 7, 15, 12, tzinfo=UTC),
    datetime(2027, 3, 28, 1, tzinfo=UTC),
    datetime(2027, 11, 7, 8, tzinfo=UTC),
    datetime(2028, 4, 1, 16, tzinfo=UTC),
    datetime(2028, 12, 31, 23, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 3, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
    datetime(2027, 3, 14, 11, tzinfo=UTC),
    datetime(2027, 7, 15, 12, tzinfo=UTC),
    datetime(2028, 1, 15, 12, tzinfo=UTC),
    datetime(2028, 10, 29, 3, tzinfo=UTC),
]


class Rules:
    """A reader of VTIMEZONE that knows yearly rules alone, as Outlook does, and nothing of our code."""

    def __init__(self, text: str) -> None:
        component = icalendar.Timezone.from_ical(text)
        self.observances = component.subcomponents
        assert 1 <= len(self.observances) <= 2
        assert len({part.name for part in self.observances}) == len(self.observances)
        for part in self.observances:
            assert not {"RDATE", "EXDATE"} & set(part)
            assert ("RRULE" in part) == (len(self.observances) == 2)

    def offset(self, wall: datetime) -> timedelta:
        """Return the offset of a wall time: that of the last change before it."""
        onsets = [
            (onset, part["TZOFFSETTO"].td)
            for part in self.observances
            for year in (wall.year - 1, wall.year)
            for onset in [_onset(part, year)]
            if onset <= wall
        ]
        return max(onsets)[1]


@cache
def _onset_day(year: int, month: int, byday: str) -> int:
    week, weekday = int(byday[:-2]), WEEKDAYS.index(byday[-2:])
    days = [row[weekday] for row in calendar.monthcalendar(year, month) if row[weekday]]
    return days[week if week < 0 else week - 1]


def _onset(part: icalendar.Component, year: int) -> datetime:
    first: datetime = part["DTSTART"].dt
    if "RRULE" not in part:
        return first
    rule = part["RRULE"]
    assert set(rule) == {"FREQ", "BYMONTH", "BYDAY"}
    (month,), (byday,) = rule["BYMONTH"], rule["BYDAY"]
    assert first.day == _onset_day(first.year, int(month), str(byday))
    return first.replace(year=year, month=int(month), day=_onset_day(year, int(month), str(byday)))


@cache
def rules(text: str) -> Rules:
    return Rules(text)


def events(zone_name: str) -> Iterator[tuple[datetime, str | None]]:
    for instant in INSTANTS:
        yield instant, zone_text_for(instant, instant + timedelta(hours=1), zone_name)


def test_every_zone_at_every_instant() -> None:
    in_utc, wrong = set(), []
    for name in zone_names():
        for instant, text in events(name):
            if text is None:
                in_utc.add(name)
                continue
            for moment in (instant, instant + timedelta(hours=1)):
                local = local_time(moment, name)
                wall = local.replace(tzinfo=None)
                if wall - rules(text).offset(wall) != moment.replace(tzinfo=None):
                    wrong.append((name, moment))
    assert wrong == []
    always = {name for name in in_utc if all(vtimezone(name, instant, instant) is None for instant in INSTANTS)}
    assert 10 <= len(always) <= 60
    assert {"Africa/Cairo", "America/Nuuk", "Asia/Jerusalem"} <= always
    assert not {"Europe/London", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"} & in_utc


@pytest.mark.parametrize(
    "name",
    [
        *("Europe/London", "Europe/Berlin", "Europe/Dublin", "America/New_York", "Australia/Sydney", "Asia/Kolkata"),
        *("Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Chatham", "Asia/Kathmandu", "UTC"),
    ],
)
def test_another_reader_agrees(name: str) -> None:
    for instant, text in events(name):
        if text is None:
            assert name == "Australia/Sydney"  # the hour that comes twice
            continue
        read = tzical(StringIO(text)).get(name)
        local = local_time(instant, name)
        assert local.replace(tzinfo=read).utcoffset() == local.utcoffset()


def test_both_halves_begin_at_the_wall_time_before_the_change() -> None:
    text = vtimezone("Europe/Berlin", INSTANTS[0], INSTANTS[0])
    assert text == "\r\n".join(
        [
            *("BEGIN:VTIMEZONE", "TZID:Europe/Berlin"),
            *("BEGIN:DAYLIGHT", "DTSTART:19700329T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZNAME:CEST"),
            *("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT"),
            *("BEGIN:STANDARD", "DTSTART:19701025T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "TZNAME:CET"),
            *("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD"),
            *("END:VTIMEZONE", ""),
        ]
    )


def test_a_zone_without_changes_has_one_half_and_no_rule() -> None:
    text = vtimezone("Asia/Kolkata", INSTANTS[0], INSTANTS[0])
    assert text is not None
    assert "RRULE" not in text
    assert text.count("BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0530\r\nTZOFFSETTO:+0530") == 1


def test_winter_time_in_dublin_is_the_standard_half_whatever_the_zone_calls_it() -> None:
    text = vtimezone("Europe/Dublin", INSTANTS[0], INSTANTS[0])
    assert text is not None
    assert text.index("BEGIN:DAYLIGHT") < text.index("TZNAME:IST") < text.index("BEGIN:STANDARD")


def test_the_past_of_a_zone_that_changed_its_rules_is_in_utc() -> None:
    before_the_end_of_summer_time = datetime(2016, 1, 15, tzinfo=UTC)
    assert vtimezone("America/Sao_Paulo", before_the_end_of_summer_time, before_the_end_of_summer_time) is None
    assert vtimezone("America/Sao_Paulo", INSTANTS[0], INSTANTS[0]) is not None


def test_an_end_in_the_repeated_hour_goes_utc_too() -> None:
    end = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert zone_text_for(end - timedelta(hours=2), end, "Europe/London") is None
    assert zone_text_for(end - timedelta(hours=2), end + timedelta(hours=2), "Europe/London") is not None
