"""Public feeds and the file of one event."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.calendars.objects.feeds import Organizer, event_ics
from tests.calendars import by_icalendar
from tests.calendars.makers import (
    ORGANIZER,
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
    return event_ics(feed_event(**changes), Organizer("Kochschule", "kochschule@invites.example.org"))


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


ANY_TEXT = st.text(st.one_of(st.characters(), st.sampled_from('\r\n\v\x85\u2028\0;:,"\\^😀א é')), max_size=300)
# icalendar takes a backslash and an N that somebody typed for a line break; we keep what was typed.
TYPED = ANY_TEXT.filter(lambda text: "\\N" not in text)


@settings(max_examples=300)
@given(
    title=TYPED,
    summary=TYPED,
    speakers=st.lists(TYPED, max_size=3),
    place=TYPED,
    zone=st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "Africa/Cairo", "UTC", "Etc/UTC", "Australia/Lord_Howe"]),
    starts_at=st.integers(946_800_000, 4_102_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    state=st.sampled_from([{}, {"cancelled": True}, {"tentative": True}]),
)
def test_every_event_is_written_as_icalendar_would_write_it(
    title: str,
    summary: str,
    speakers: list[str],
    place: str,
    zone: str,
    starts_at: datetime,
    state: dict[str, bool],
) -> None:
    event = feed_event(
        title=title,
        summary=summary,
        speakers=tuple(speakers),
        location=place,
        timezone=zone,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        join_url="https://events.example.org/join/AbC",
        **state,
    )
    data = event_ics(event, ORGANIZER)

    written = data[data.index(b"BEGIN:VEVENT") :].removesuffix(b"END:VCALENDAR\r\n")
    assert written == by_icalendar.vevent(event, ORGANIZER)


def test_a_backslash_before_an_n_stays_what_was_typed() -> None:
    lines = content_lines(_one(title=r"C:\New, and \n"))
    assert r"SUMMARY:C:\\New\, and \\n" in lines


def test_what_may_come_to_nothing_is_tentative_and_takes_no_time() -> None:
    event = only_event(_one(tentative=True))
    assert (str(event["STATUS"]), str(event["TRANSP"])) == ("TENTATIVE", "TRANSPARENT")
    assert str(event["SUMMARY"]) == "Knives and boards, part 2"


def test_an_entry_of_a_private_feed_keeps_the_invitations_organiser_and_its_way_in() -> None:
    event = only_event(_one(organizer_addr="old@invites.example.org", join_url="https://events.example.org/join/AbC"))
    assert str(event["ORGANIZER"]) == "mailto:old@invites.example.org"
    assert str(event["LOCATION"]) == "https://events.example.org/join/AbC"
    assert str(event["DESCRIPTION"]).startswith("Join: https://events.example.org/join/AbC\n\n")


def test_an_address_that_is_no_web_address_is_left_out() -> None:
    assert "URL" not in only_event(_one(url="javascript:alert(1)"))
    assert str(only_event(_one(url="https://bücher.example/ä"))["URL"]) == "https://xn--bcher-kva.example/%C3%A4"
