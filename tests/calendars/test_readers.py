"""Whatever Engage writes is read alike by programs that did not write it, and each of them can say no."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.calendars.enums import InviteKind, PartStat
from engage.calendars.objects.feeds import event_ics
from engage.calendars.objects.invitation import invitation_ics
from engage.calendars.objects.parts import zone_text_for
from engage.kernel.text import normalise_email
from engage.kernel.when import zone_names
from tests.calendars.makers import GOLDEN, ORGANIZER, UID, feed, feed_event, invitation_facts
from tests.calendars.readers import READERS, Entry, check_caldav, check_readers, read_by_libical
from tests.calendars.test_invitation import hostile

START = datetime(2027, 7, 15, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
REQUEST = invitation_ics(invitation_facts(reads_replies=True), "REQUEST")
TITLE = "Knives and boards, part 2; with Jo’s grandmother"


@pytest.mark.parametrize("name", READERS)
def test_each_reads_an_invitation(name: str) -> None:
    assert READERS[name](REQUEST) == [Entry(UID, START, START + HOUR, TITLE)]


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("icalendar", lambda text: text.replace("DTSTART;TZID=Europe/Berlin:2027", "DTSTART;TZID=Europe/Berlin:x")),
        ("vobject", lambda text: text.replace("END:VEVENT\r\n", "")),
        ("libical", lambda text: text.replace('ORGANIZER;CN="Kochschule, Berlin":mailto:', "X-ORGANIZER:")),
        ("libical", lambda text: text.replace("SUMMARY:", "X-SUMMARY:")),
        ("libical", lambda text: text.replace("DTSTART;TZID=Europe/Berlin:2027", "DTSTART;TZID=Europe/Berlin:x")),
        ("ical.js", lambda text: text.replace("COLOR:teal", "COLOR")),
        ("khal", lambda text: text.replace("DTSTART;", "X-START;")),
    ],
)
def test_each_refuses_what_is_damaged(name: str, damage: Callable[[str], str]) -> None:
    damaged = damage(REQUEST.decode())
    assert damaged != REQUEST.decode()
    assert not _takes(name, damaged.encode())


def _takes(name: str, data: bytes) -> bool:
    """Tell whether a reader takes something for the invitation; each complains in its own way."""
    try:
        return READERS[name](data) == [Entry(UID, START, START + HOUR, TITLE)]
    except Exception:  # noqa: BLE001, RUF100
        return False


def test_the_calendar_server_refuses_and_misses_what_is_wrong() -> None:
    with pytest.raises(AssertionError):
        check_caldav(REQUEST.replace(b"END:VEVENT\r\n", b""), [])
    with pytest.raises(AssertionError):
        check_caldav(REQUEST, [Entry(UID, START + HOUR, START + 2 * HOUR, TITLE)])


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("**/*.ics")), ids=lambda path: path.stem)
def test_every_golden_file_is_read_alike(path: Path) -> None:
    check_readers(path.read_bytes())


@pytest.mark.parametrize("kind", InviteKind)
@pytest.mark.parametrize("partstat", PartStat)
def test_every_way_of_inviting_is_allowed(kind: InviteKind, partstat: PartStat) -> None:
    for tentative in (False, True):
        facts = invitation_facts(kind=kind, partstat=partstat, tentative=tentative, reads_replies=tentative, sequence=3)
        for method in ("REQUEST", "CANCEL"):
            assert read_by_libical(invitation_ics(facts, method)) == [Entry(UID, START, START + HOUR, TITLE)]


def test_an_invitation_with_next_to_nothing_in_it_is_read_alike() -> None:
    empty = dict.fromkeys(("title", "summary", "attendee_name", "organizer_name", "event_url", "join_url"), "")
    bare = invitation_facts(**empty, manage_url="", contact_email="", speakers=())
    for method in ("REQUEST", "CANCEL"):
        assert check_readers(invitation_ics(bare, method)) == [Entry(UID, START, START + HOUR, "Event")]


def test_feeds_and_single_events_are_read_alike() -> None:
    zones = ("Europe/Berlin", "Asia/Kolkata", "America/New_York", "Africa/Cairo", "Etc/UTC")
    events = [
        feed_event(uid=f"event-{number}@events.example.org", timezone=zone, cancelled=zone == "Asia/Kolkata")
        for number, zone in enumerate(zones)
    ]
    entries = check_readers(feed(*events))
    assert {(entry.starts_at, entry.ends_at) for entry in entries} == {(START, START + HOUR)}
    assert [entry.uid for entry in entries] == [event.uid for event in events]
    for event in events:
        assert [entry.uid for entry in check_readers(event_ics(event, ORGANIZER))] == [event.uid]


# Midwinter, midsummer, the hours around changes of clocks in both halves of the world, and the ends of three years.
DATES = [
    datetime(year, month, day, hour, minute, tzinfo=UTC)
    for year in (2026, 2027, 2028)
    for month, day, hour, minute in ((1, 15, 12, 0), (4, 2, 16, 0), (7, 15, 12, 0), (12, 31, 23, 30))
]


@cache
def every_rule(start: datetime) -> list[str]:
    """Return a zone of each rule there is for a date; `test_timezones` looks at every name by itself."""
    by_rule = {(zone_text_for(start, start + HOUR, zone) or "").replace(zone, ""): zone for zone in zone_names()}
    assert 30 < len(by_rule) < 150
    return sorted(by_rule.values())


@pytest.mark.parametrize("name", ["vobject", "libical", "ical.js"])
def test_every_rule_of_every_zone_is_the_same_instant_on_every_date(name: str) -> None:
    for start in DATES:
        times = {"starts_at": start, "ends_at": start + HOUR}
        events = [feed_event(uid=zone, timezone=zone, title=zone, **times) for zone in every_rule(start)]
        read = READERS[name](feed(*events))
        assert len(read) == len(events)
        assert [entry for entry in read if (entry.starts_at, entry.ends_at) != (start, start + HOUR)] == [], start


def is_taken(address: str) -> bool:
    """Tell whether the forms would take an address."""
    try:
        return bool(normalise_email(address))
    except ValueError:
        return False


@settings(max_examples=12)
@given(hostile, st.emails().filter(is_taken).map(normalise_email))
def test_whatever_people_type_every_reader_reads_the_same(text: str, address: str) -> None:
    facts = invitation_facts(
        title=text,
        summary=text,
        attendee_name=text,
        organizer_name=text,
        speakers=(text,),
        reason=text,
        attendee_addr=address,
        event_url=f"https://events.example.org/events/{text}",
    )
    for method in ("REQUEST", "CANCEL"):
        (entry,) = check_readers(invitation_ics(facts, method), caldav=False)
        assert (entry.uid, entry.starts_at, entry.ends_at) == (UID, START, START + HOUR)
    check_readers(
        event_ics(feed_event(title=text, summary=text, speakers=(text,), notes=(text,)), ORGANIZER), caldav=False
    )
