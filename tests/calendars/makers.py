"""An invitation and an event with fixed uids and stamps, what is read back from bytes, and golden files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest
import vobject

from engage.calendars.objects.feeds import FeedEvent, FeedHead, Organizer, feed_ics
from engage.calendars.objects.invitation import InvitationFacts

GOLDEN = Path(__file__).parent / "golden"
STAMP = datetime(2027, 1, 10, 9, 0, tzinfo=UTC)
CREATED = datetime(2027, 1, 9, 8, 30, tzinfo=UTC)
UID = "5c2f6a0e-6a7b-4d5e-9a36-0f6b7f0a1c11@events.example.org"


def invitation_facts(**changes: Any) -> InvitationFacts:
    """Return an invitation to an evening in Berlin."""
    values: dict[str, Any] = {
        "uid": UID,
        "sequence": 0,
        "stamp": STAMP,
        "created": CREATED,
        "starts_at": datetime(2027, 7, 15, 16, tzinfo=UTC),
        "ends_at": datetime(2027, 7, 15, 17, tzinfo=UTC),
        "timezone": "Europe/Berlin",
        "title": "Knives and boards, part 2; with Jo’s grandmother",
        "summary": "How to keep ten fingers.",
        "organizer_name": "Kochschule, Berlin",
        "organizer_addr": "kochschule@invites.example.org",
        "attendee_name": "Jo Öztürk",
        "attendee_addr": "jo@example.com",
        "event_url": "https://events.example.org/events/knives",
        "join_url": "https://events.example.org/join/AbC",
        "manage_url": "https://events.example.org/booking/XyZ",
        "speakers": ("Ada Lovelace, Analytical Society", "Grace Hopper"),
        "contact_email": "help@example.org",
    }
    return InvitationFacts(**values | changes)


def feed_event(**changes: Any) -> FeedEvent:
    """Return the same evening as everybody may see it."""
    values: dict[str, Any] = {
        "uid": "event-0f6b7f0a@events.example.org",
        "sequence": 3,
        "created_at": CREATED,
        "modified_at": STAMP,
        "starts_at": datetime(2027, 7, 15, 16, tzinfo=UTC),
        "ends_at": datetime(2027, 7, 15, 17, tzinfo=UTC),
        "timezone": "Europe/Berlin",
        "title": "Knives and boards, part 2",
        "url": "https://events.example.org/events/knives",
        "summary": "How to keep ten fingers.",
        "speakers": ("Ada Lovelace, Analytical Society", "Grace Hopper"),
    }
    return FeedEvent(**values | changes)


ORGANIZER = Organizer("Kochschule, Berlin", "kochschule@invites.example.org")
HEAD = FeedHead(
    name="Kochschule: events",
    description="Webinars of Kochschule.",
    uid="events@events.example.org",
    source_url="https://events.example.org/events.ics",
    home_url="https://events.example.org/events",
)


def feed(*events: FeedEvent) -> bytes:
    """Return a feed of these events."""
    return feed_ics(HEAD, events, ORGANIZER)


def read(data: bytes) -> icalendar.Calendar:
    """Return a calendar object that two independent readers take without complaint."""
    calendar = icalendar.Calendar.from_ical(data)
    faults = [fault for component in calendar.walk() for fault in component.errors]
    assert not faults
    other = vobject.readOne(data.decode())
    assert len(other.vevent_list) == len(calendar.events)
    return calendar


def only_event(data: bytes) -> icalendar.Event:
    """Return the one event in it."""
    (event,) = read(data).events
    return event


def content_lines(data: bytes) -> list[str]:
    """Return the unfolded lines, once the bytes keep RFC 5545 3.1: CRLF, at most 75 octets, whole characters."""
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    return data.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def property_names(data: bytes) -> list[str]:
    """Return the name of each line in order, as the grammar reads it."""
    return [line.replace(";", ":").partition(":")[0] for line in content_lines(data)]


def check_golden(name: str, data: bytes) -> None:
    """Compare with a file kept under golden/."""
    compare_with_file(GOLDEN / name, data)


def compare_with_file(path: Path, data: bytes) -> None:
    """Compare with a file that was read by eye. Delete a file to have it written anew, then read its diff."""
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        pytest.fail(f"{path} was written: read it, keep it, and run again")
    assert data.decode() == path.read_bytes().decode()
