"""A booking's calendar entry, property by property (RFC 5545, 5546 3.2, 7986)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engage.calendars.enums import InviteKind, PartStat
from engage.calendars.objects.invitation import InvitationFacts, Method, invitation_ics
from tests.calendars.by_icalendar import invitation_vevent
from tests.calendars.makers import (
    CREATED,
    STAMP,
    UID,
    check_golden,
    content_lines,
    invitation_facts,
    only_event,
    property_names,
    read,
)

hostile = st.text(
    st.one_of(st.characters(), st.sampled_from('\r\n\v\x85\u2028\u2029\0\u202e;:,"\\^=?😀א\t')), max_size=300
)
INJECTIONS = [
    "\\",
    "x\r\nATTENDEE:mailto:evil@example.org",
    "x\nEND:VEVENT",
    "x\rX-A:1",
    "x\x85X-A:1",
    "x\u2028X-A:1",
    "x\vX-A:1",
    "x\0y",
    'x";X-A=1:y',
    "x\\nX-A:1",
    "א\u202eב" * 100,
    "😀" * 300,
    "=?utf-8?q?x=0D=0AX-A:1?=",
]


@settings(max_examples=200)
@given(
    title=hostile,
    summary=hostile,
    name=hostile,
    location=hostile,
    join=st.sampled_from(["", "https://events.example.org/join/" + "AbC" * 30, "javascript:alert(1)"]),
    method=st.sampled_from(get_args(Method)),
    kind=st.sampled_from(InviteKind),
    zone=st.sampled_from(["Europe/Berlin", "UTC", "Africa/Cairo"]),
)
@example("a\\;b", "c,\\d", 'e"f', "", "", "REQUEST", InviteKind.ATTENDEE, "UTC")
def test_the_lines_are_those_that_icalendar_writes(
    title: str, summary: str, name: str, location: str, join: str, method: Method, kind: InviteKind, zone: str
) -> None:
    facts = invitation_facts(
        title=title,
        summary=summary,
        reason=summary,
        attendee_name=name,
        location=location,
        join_url=join,
        kind=kind,
        timezone=zone,
    )
    by_library = invitation_vevent(facts, method)
    if rb"\N" not in by_library:  # typed so; the library takes it for an escape of its own
        assert by_library in invitation_ics(facts, method)


@pytest.mark.parametrize(("method", "sequence"), [("REQUEST", 0), ("CANCEL", 1)])
def test_the_bytes_are_those_that_were_read_by_eye(method: Method, sequence: int) -> None:
    facts = invitation_facts(sequence=sequence, reason="The kitchen is closed." if method == "CANCEL" else "")
    check_golden(f"{method.lower()}.ics", invitation_ics(facts, method))


def test_the_calendar_object_of_a_request() -> None:
    calendar = read(invitation_ics(invitation_facts(), "REQUEST"))
    assert [str(calendar[name]) for name in ("VERSION", "CALSCALE", "METHOD")] == ["2.0", "GREGORIAN", "REQUEST"]
    assert str(calendar["PRODID"]).startswith("-//engage//engage ")
    assert set(calendar) == {"VERSION", "PRODID", "CALSCALE", "METHOD"}
    assert [component.name for component in calendar.subcomponents] == ["VTIMEZONE", "VEVENT"]


def test_a_request_property_by_property() -> None:
    event = only_event(invitation_ics(invitation_facts(sequence=4), "REQUEST"))
    texts = {
        "UID": UID,
        "SEQUENCE": "4",
        "STATUS": "CONFIRMED",
        "TRANSP": "OPAQUE",
        "CLASS": "PUBLIC",
        "SUMMARY": "Knives and boards, part 2; with Jo’s grandmother",
        "LOCATION": "https://events.example.org/join/AbC",
        "URL": "https://events.example.org/events/knives",
        "CONFERENCE": "https://events.example.org/join/AbC",
        "COLOR": "teal",
        "ORGANIZER": "mailto:kochschule@invites.example.org",
        "ATTENDEE": "mailto:jo@example.com",
        "X-MICROSOFT-CDO-BUSYSTATUS": "BUSY",
        "X-MICROSOFT-DISALLOW-COUNTER": "TRUE",
    }
    assert {name: str(event[name]) for name in texts} == texts
    assert set(event) - set(texts) == {
        *("DTSTAMP", "CREATED", "LAST-MODIFIED", "DTSTART", "DTEND", "DESCRIPTION", "CATEGORIES")
    }
    assert event.categories == ["Webinar"]
    assert (event["DTSTAMP"].dt, event["LAST-MODIFIED"].dt, event["CREATED"].dt) == (STAMP, STAMP, CREATED)
    assert event["DTSTART"].dt == datetime(2027, 7, 15, 18, tzinfo=ZoneInfo("Europe/Berlin"))
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=1)


def test_who_invites_and_who_is_invited() -> None:
    event = only_event(invitation_ics(invitation_facts(), "REQUEST"))
    assert dict(event["ORGANIZER"].params) == {"CN": "Kochschule, Berlin"}
    assert dict(event["ATTENDEE"].params) == {
        "CN": "Jo Öztürk",
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "FALSE",  # nobody reads replies: a button that answers into the void would be a lie
    }


def test_where_replies_are_read_one_is_asked_for_and_the_text_says_what_declining_does() -> None:
    facts = invitation_facts(reads_replies=True, partstat=PartStat.TENTATIVE)
    event = only_event(invitation_ics(facts, "REQUEST"))
    assert {name: event["ATTENDEE"].params[name] for name in ("PARTSTAT", "RSVP")} == {
        "PARTSTAT": "TENTATIVE",
        "RSVP": "TRUE",
    }
    words = str(event["DESCRIPTION"])
    assert "Declining in your calendar cancels your booking." in words
    assert "does not reach us" not in words
    for_guest = only_event(invitation_ics(replace(facts, for_guest=True), "REQUEST"))
    assert "Declining in your calendar gives your place back." in str(for_guest["DESCRIPTION"])


@pytest.mark.parametrize(
    ("reads_replies", "chairs", "sentence"),
    [
        (True, False, "Declining in your calendar tells us that you cannot speak."),
        (False, False, "Please say on your own page whether you will speak: https://events.example.org/booking/XyZ"),
        (True, True, "Declining in your calendar tells us that you cannot chair it."),
        (False, True, "Please say on your own page whether you can chair it: https://events.example.org/booking/XyZ"),
    ],
)
def test_a_speaker_is_reminded_earlier_and_asked_whether_they_will_speak(
    reads_replies: bool, chairs: bool, sentence: str
) -> None:
    facts = invitation_facts(kind=InviteKind.SPEAKER, tentative=True, reads_replies=reads_replies, chairs=chairs)
    event = only_event(invitation_ics(facts, "REQUEST"))
    (alarm,) = event.subcomponents
    assert alarm["TRIGGER"].dt == timedelta(minutes=-30)
    assert str(event["STATUS"]) == "TENTATIVE"
    assert sentence in str(event["DESCRIPTION"])
    assert str(only_event(invitation_ics(facts, "CANCEL"))["STATUS"]) == "CANCELLED"


def test_a_title_of_which_nothing_is_left_is_still_one() -> None:
    assert str(only_event(invitation_ics(invitation_facts(title="\u202e\0"), "REQUEST"))["SUMMARY"]) == "Event"


def test_an_address_with_a_per_cent_sign_is_one_uri() -> None:
    event = only_event(invitation_ics(invitation_facts(attendee_addr="50%off+a@example.com"), "REQUEST"))
    assert str(event["ATTENDEE"]) == "mailto:50%25off+a@example.com"


def test_no_name_falls_back_to_the_address() -> None:
    event = only_event(invitation_ics(invitation_facts(attendee_name=""), "REQUEST"))
    assert event["ATTENDEE"].params["CN"] == "jo@example.com"


def test_the_way_in_is_offered_in_every_way() -> None:
    data = invitation_ics(invitation_facts(), "REQUEST")
    line = next(line for line in content_lines(data) if line.startswith("CONFERENCE"))
    assert line == "CONFERENCE;FEATURE=AUDIO,VIDEO;LABEL=Join;VALUE=URI:https://events.example.org/join/AbC"
    words = str(only_event(data)["DESCRIPTION"])
    assert words.startswith("Join: https://events.example.org/join/AbC\n\n")
    assert "Thursday 15 July 2027, 6pm to 7pm, Berlin time (CEST)" in words
    assert "Speakers: Ada Lovelace, Analytical Society; Grace Hopper" in words
    assert "https://events.example.org/booking/XyZ\nAnswering in your calendar does not reach us." in words
    assert "Questions: help@example.org" in words


def test_a_place_stands_where_places_stand() -> None:
    event = only_event(invitation_ics(invitation_facts(location="Hall 2, Mill Lane"), "REQUEST"))
    assert str(event["LOCATION"]) == "Hall 2, Mill Lane"


def test_the_one_alarm_is_shown_a_quarter_of_an_hour_before() -> None:
    (alarm,) = only_event(invitation_ics(invitation_facts(), "REQUEST")).subcomponents
    assert set(alarm) == {"ACTION", "TRIGGER", "DESCRIPTION"}
    assert (str(alarm["ACTION"]), alarm["TRIGGER"].dt) == ("DISPLAY", timedelta(minutes=-15))
    assert str(alarm["DESCRIPTION"]).startswith("Knives and boards")


def test_a_cancellation_keeps_what_identifies_and_loses_every_way_in() -> None:
    facts = invitation_facts(reason="The kitchen\nis closed.")
    before = only_event(invitation_ics(facts, "REQUEST"))
    later = invitation_facts(sequence=1, stamp=STAMP + timedelta(days=1), reason=facts.reason)
    data = invitation_ics(later, "CANCEL")
    event = only_event(data)
    assert str(read(data)["METHOD"]) == "CANCEL"
    for name in ("UID", "ORGANIZER", "ATTENDEE", "DTSTART", "DTEND", "SUMMARY", "CREATED"):
        assert event[name] == before[name]
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CANCELLED", 1)
    assert event["DTSTAMP"].dt == STAMP + timedelta(days=1)
    assert str(event["DESCRIPTION"]) == "The kitchen is closed."
    assert not event.subcomponents
    assert b"/join/" not in data
    assert b"/booking/" not in data


def test_a_cancellation_without_a_reason_says_so_in_a_line() -> None:
    event = only_event(invitation_ics(invitation_facts(), "CANCEL"))
    assert str(event["DESCRIPTION"]) == "This entry was cancelled."


def test_times_that_a_wall_clock_cannot_tell_are_in_utc() -> None:
    repeated = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for start, zone_name in ((repeated, "Europe/Berlin"), (datetime(2027, 7, 15, 16, tzinfo=UTC), "Africa/Cairo")):
        data = invitation_ics(
            invitation_facts(starts_at=start, ends_at=start + timedelta(hours=3), timezone=zone_name), "REQUEST"
        )
        event = only_event(data)
        assert b"VTIMEZONE" not in data
        assert content_lines(data).count(f"DTSTART:{start:%Y%m%dT%H%M%SZ}") == 1
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (start, start + timedelta(hours=3))


def test_a_floating_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        invitation_facts(starts_at=datetime(2027, 7, 15, 16))  # noqa: DTZ001 - the fault itself


def test_facts_outlive_json() -> None:
    facts = invitation_facts(location="Hall 2")
    stored = json.loads(json.dumps(facts.to_json() | {"a name of tomorrow": 1}))
    assert InvitationFacts.from_json(stored) == facts
    assert invitation_ics(InvitationFacts.from_json(stored), "REQUEST") == invitation_ics(facts, "REQUEST")
    assert facts.with_links(join_url="https://x.example/j", manage_url="").join_url == "https://x.example/j"


def check_shape(text: str) -> None:
    """Put a text everywhere at once: the same lines come out as for a harmless one."""
    plain = invitation_ics(_with_text("plain"), "REQUEST")
    data = invitation_ics(_with_text(text), "REQUEST")
    assert property_names(data) == property_names(plain)
    assert str(only_event(data)["SUMMARY"])
    calendar = icalendar.Calendar.from_ical(data)
    assert [component.name for component in calendar.walk()] == [
        *("VCALENDAR", "VTIMEZONE", "DAYLIGHT", "STANDARD", "VEVENT", "VALARM")
    ]
    (event,) = calendar.events
    assert len(event["SUMMARY"]) <= 200
    assert str(event["ATTENDEE"]) == "mailto:jo@example.com"
    assert set(event["ATTENDEE"].params) == {"CN", "CUTYPE", "ROLE", "PARTSTAT", "RSVP"}
    assert str(vobject.readOne(data.decode()).vevent.uid.value) == UID
    assert not set(data.decode()) & set("\0\v\x85\u2028\u2029\u202e")


def _with_text(text: str) -> InvitationFacts:
    return invitation_facts(
        title=text,
        summary=text,
        organizer_name=text,
        attendee_name=text,
        location=text,
        speakers=(text, text),
        contact_email=text,
        join_url=f"https://events.example.org/join/{'x' if text == 'plain' else 'y'}",
    )


@pytest.mark.parametrize("text", INJECTIONS)
def test_known_injections_stay_text(text: str) -> None:
    check_shape(text)


@settings(max_examples=60)
@given(hostile)
def test_no_text_adds_or_takes_a_line(text: str) -> None:
    check_shape(text)


@settings(max_examples=60)
@given(hostile)
def test_no_address_adds_a_line(text: str) -> None:
    data = invitation_ics(invitation_facts(join_url=f"https://x.example/{text}", event_url=text), "REQUEST")
    names = property_names(data)
    assert set(names) <= set(property_names(invitation_ics(invitation_facts(), "REQUEST")))
    assert names.count("CONFERENCE") <= 1
    only_event(data)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://a@b.example/", "//x.example/"])
def test_an_address_of_another_kind_is_left_out(url: str) -> None:
    event = only_event(invitation_ics(invitation_facts(join_url=url, event_url=url, location="Hall"), "REQUEST"))
    assert not {"URL", "CONFERENCE"} & set(event)
