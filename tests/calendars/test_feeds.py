"""Public feeds and the file of one event."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.calendars.objects.feeds import event_ics
from tests.calendars.makers import (
    STAMP,
    check_golden,
    content_lines,
    feed,
    feed_event,
    only_event,
    property_names,
    read,
)

OTHER_EVENTS = (
    feed_event(uid="event-2@events.example.org", title="Bread", timezone="Asia/Kolkata"),
    feed_event(uid="event-3@events.example.org", title="Salt", timezone="Africa/Cairo", speakers=()),
    feed_event(uid="event-4@events.example.org", title="Smoke", cancelled=True),
)


def _one(**changes: object) -> bytes:
    return event_ics(
        feed_event(**changes), organizer_name="Kochschule", organizer_addr="kochschule@invites.example.org"
    )


def test_the_bytes_are_those_that_were_read_by_eye() -> None:
    check_golden("feed.ics", feed(feed_event(), *OTHER_EVENTS))
    check_golden("event.ics", _one())


def test_the_head_of_a_feed() -> None:
    lines = content_lines(feed(feed_event()))
    assert lines[: lines.index("BEGIN:VTIMEZONE")] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//engage//engage 1.0//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "DESCRIPTION:Webinars of Kochschule.",
        "X-WR-CALDESC:Webinars of Kochschule.",
        "NAME:Kochschule: events",
        "X-WR-CALNAME:Kochschule: events",
        "COLOR:teal",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "SOURCE;VALUE=URI:https://events.example.org/events.ics",
        "UID:events@events.example.org",
        "URL:https://events.example.org/events",
        "X-PUBLISHED-TTL:PT1H",
    ]


def test_an_event_of_a_feed_names_the_organiser_and_nobody_else() -> None:
    for event in read(feed(feed_event(), *OTHER_EVENTS)).events:
        assert str(event["ORGANIZER"]) == "mailto:kochschule@invites.example.org"
        assert not {"ATTENDEE", "CONFERENCE"} & set(event)
        assert not event.subcomponents
        assert event["SEQUENCE"] == 3


def test_the_stamp_comes_from_the_data_so_an_unchanged_feed_has_equal_bytes() -> None:
    data = feed(feed_event(), *OTHER_EVENTS)
    assert feed(feed_event(), *OTHER_EVENTS) == data
    for event in read(data).events:
        assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == STAMP
    assert feed(feed_event(modified_at=STAMP + timedelta(seconds=1)), *OTHER_EVENTS) != data


def test_each_zone_stands_there_once_and_before_the_events() -> None:
    names = [component.name for component in read(feed(feed_event(), *OTHER_EVENTS)).subcomponents]
    assert names == ["VTIMEZONE", "VTIMEZONE", "VEVENT", "VEVENT", "VEVENT", "VEVENT"]
    zones = [str(zone["TZID"]) for zone in read(feed(feed_event(), *OTHER_EVENTS)).timezones]
    assert zones == ["Asia/Kolkata", "Europe/Berlin"]


def test_a_zone_with_rules_in_flux_goes_utc() -> None:
    salt = read(feed(*OTHER_EVENTS)).events[1]
    assert str(salt["SUMMARY"]) == "Salt"
    assert (salt["DTSTART"].dt, salt["DTSTART"].dt.tzname()) == (datetime(2027, 7, 15, 16, tzinfo=UTC), "UTC")


def test_a_cancelled_event_says_so_in_its_title_and_takes_no_time() -> None:
    event = only_event(_one(cancelled=True))
    assert (str(event["STATUS"]), str(event["TRANSP"])) == ("CANCELLED", "TRANSPARENT")
    assert str(event["SUMMARY"]) == "Cancelled: Knives and boards, part 2"


def test_one_event_to_download_is_the_same_as_in_the_feed() -> None:
    assert _one() == _one()
    in_feed, alone = only_event(feed(feed_event())), only_event(_one())
    for name in set(alone) - {"ORGANIZER"}:
        assert in_feed[name] == alone[name]
    assert str(read(_one())["METHOD"]) == "PUBLISH"
    assert "NAME" not in read(_one())


def test_an_empty_feed_is_a_calendar_without_events() -> None:
    assert content_lines(feed())[-1] == "END:VCALENDAR"
    assert not icalendar.Calendar.from_ical(feed()).events


def test_a_floating_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        feed_event(modified_at=datetime(2027, 1, 1))  # noqa: DTZ001 - the fault itself


@settings(max_examples=60)
@given(st.text(st.one_of(st.characters(), st.sampled_from('\r\n\v\x85\u2028\0;:,"\\😀א')), max_size=300))
def test_no_text_adds_or_takes_a_line(text: str) -> None:
    data = _one(title=text, summary=text, location=text, speakers=(text,))
    assert property_names(data) == property_names(_one())
    only_event(data)
