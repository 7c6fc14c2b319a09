"""Programs that did not write what Engage writes: each reads a calendar object, or says what is wrong with it.

icalendar wrote it, so its word counts least. vobject, libical (Evolution, KDE; with its check of RFC 5546), ical.js in
strict mode (Thunderbird, Nextcloud), khal and the CalDAV server Radicale have code of their own.
"""

import ctypes
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ctypes.util import find_library
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import radicale.config
import vobject
from khal.icalendar import split_ics
from khal.khalendar import CalendarCollection
from py_mini_racer import MiniRacer
from radicale.app import Application
from werkzeug.test import Client

ICAL_JS = Path(__file__).parent.parent / "vendor" / "ical.js" / "ical.es5.min.cjs"
TICK = timedelta(seconds=1)
QUERY = """<?xml version="1.0"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{:%Y%m%dT%H%M%SZ}" end="{:%Y%m%dT%H%M%SZ}"/></C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>"""


@dataclass(frozen=True, order=True)
class Entry:
    """What a reader takes an event for; moments in UTC."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    title: str


def read_by_icalendar(data: bytes) -> list[Entry]:
    """Read with the library that Engage writes with."""
    calendar = icalendar.Calendar.from_ical(data)
    faults = [fault for component in calendar.walk() for fault in component.errors]
    assert not faults, faults
    return [
        Entry(str(event["UID"]), _utc(event["DTSTART"].dt), _utc(event["DTEND"].dt), str(event["SUMMARY"]))
        for event in calendar.events
    ]


def read_by_vobject(data: bytes) -> list[Entry]:
    """Read with vobject, which builds each zone from the VTIMEZONE in the file."""
    calendar = vobject.readOne(data.decode(), validate=True)
    return [
        Entry(event.uid.value, _utc(event.dtstart.value), _utc(event.dtend.value), event.summary.value)
        for event in calendar.vevent_list
    ]


class _Time(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        *((name, ctypes.c_int) for name in ("is_date", "is_daylight")),
        ("zone", ctypes.c_void_p),
    )


@cache
def _libical() -> Any:
    name = find_library("ical")
    assert name, "libical is not installed: make test-setup does it, or says how"
    library = ctypes.CDLL(name)
    component, text = ctypes.c_void_p, ctypes.c_char_p
    for name, result, *given in (
        ("icalparser_parse_string", component, text),
        ("icalcomponent_count_errors", ctypes.c_int, component),
        ("icalrestriction_check", ctypes.c_int, component),
        ("icalcomponent_as_ical_string", text, component),
        ("icalcomponent_string_to_kind", ctypes.c_int, text),
        ("icalcomponent_get_first_component", component, component, ctypes.c_int),
        ("icalcomponent_get_next_component", component, component, ctypes.c_int),
        ("icalcomponent_get_uid", text, component),
        ("icalcomponent_get_summary", text, component),
        ("icalcomponent_get_dtstart", _Time, component),
        ("icalcomponent_get_dtend", _Time, component),
        ("icaltime_as_timet_with_zone", ctypes.c_long, _Time, ctypes.c_void_p),
        ("icalcomponent_free", None, component),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, given
    return library


def read_by_libical(data: bytes) -> list[Entry]:
    """Read with libical, which must find no error and nothing that RFC 5546 forbids for the METHOD."""
    library = _libical()
    calendar = library.icalparser_parse_string(data)
    assert calendar, "libical reads nothing"
    try:
        errors = library.icalcomponent_count_errors(calendar)
        allowed = library.icalrestriction_check(calendar)
        written = library.icalcomponent_as_ical_string(calendar).decode()
        assert (errors, allowed) == (0, 1), [line for line in written.splitlines() if "X-LIC-ERROR" in line]
        return [
            Entry(
                library.icalcomponent_get_uid(event).decode(),
                _libical_moment(library, library.icalcomponent_get_dtstart(event)),
                _libical_moment(library, library.icalcomponent_get_dtend(event)),
                library.icalcomponent_get_summary(event).decode(),
            )
            for event in _libical_events(library, calendar)
        ]
    finally:
        library.icalcomponent_free(calendar)


def _libical_moment(library: Any, time: _Time) -> datetime:
    assert time.zone, "a floating time"
    return datetime.fromtimestamp(library.icaltime_as_timet_with_zone(time, time.zone), UTC)


def _libical_events(library: Any, calendar: Any) -> Iterator[Any]:
    kind = library.icalcomponent_string_to_kind(b"VEVENT")
    event = library.icalcomponent_get_first_component(calendar, kind)
    while event:
        yield event
        event = library.icalcomponent_get_next_component(calendar, kind)


@cache
def _ical_js() -> MiniRacer:
    context = MiniRacer()
    context.eval(f"var module = {{exports: {{}}}}, exports = module.exports; {ICAL_JS.read_text()}")
    context.eval(
        """
        var ICAL = module.exports.default || module.exports;
        function read(text) {
            if (!ICAL.design.strict) throw new Error("ical.js is not strict");
            var calendar = new ICAL.Component(ICAL.parse(text));
            return JSON.stringify(calendar.getAllSubcomponents("vevent").map(function (each) {
                var event = new ICAL.Event(each);
                return [event.uid, event.startDate.toUnixTime(), event.endDate.toUnixTime(), event.summary];
            }));
        }
        """
    )
    return context


def read_by_ical_js(data: bytes) -> list[Entry]:
    """Read with ical.js in strict mode."""
    rows = json.loads(str(_ical_js().call("read", data.decode())))
    return [
        Entry(uid, datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC), title)
        for uid, start, end, title in rows
    ]


def read_by_khal(data: bytes) -> list[Entry]:
    """Import into a calendar of khal, and look each event up again by its day."""
    locale = {"default_timezone": ZoneInfo("UTC"), "local_timezone": ZoneInfo("UTC")}
    found: dict[str, Entry] = {}
    with tempfile.TemporaryDirectory() as folder:
        calendars = {
            "c": {"name": "c", "path": f"{folder}/c", "readonly": False, "color": "", "priority": 10, "addresses": []}
        }
        collection = CalendarCollection(calendars, locale=locale, dbpath=":memory:")
        for one in split_ics(data.decode()):
            event = collection.create_event_from_ics(one, "c")
            collection.insert(event, "c")
            for each in collection.get_localized(_utc(event.start_local), _utc(event.end_local)):
                found[each.uid] = Entry(each.uid, _utc(each.start), _utc(each.end), each.summary)
        collection._backend.conn.close()  # it would warn of a connection that nobody closed
    return list(found.values())


@contextmanager
def _caldav() -> Iterator[Client]:
    with tempfile.TemporaryDirectory() as folder:
        configuration = radicale.config.load()
        values = {
            "auth": {"type": "none"},
            "rights": {"type": "authenticated"},
            "storage": {"filesystem_folder": folder},
            "logging": {"level": "critical"},
        }
        configuration.update(values, "tests")
        yield Client(Application(configuration))


def check_caldav(data: bytes, entries: Sequence[Entry]) -> None:
    """PUT a calendar object into Radicale, and find each of its events by its time, and not a second beside it.

    A program that puts an invitation into a calendar leaves METHOD out (RFC 4791 4.1).
    """
    stored = b"\r\n".join(line for line in data.split(b"\r\n") if not line.startswith(b"METHOD:"))
    signed_in = {"Authorization": "Basic bWU6"}
    with _caldav() as server:
        answer = server.open("/me/events/", method="PUT", data=stored, content_type="text/calendar", headers=signed_in)
        assert answer.status_code == 201, answer.text
        for entry in entries:
            for start, end, expected in (
                (entry.starts_at, entry.starts_at + TICK, True),
                (entry.ends_at - TICK, entry.ends_at, True),
                (entry.starts_at - TICK, entry.starts_at, False),
                (entry.ends_at, entry.ends_at + TICK, False),
            ):
                query = QUERY.format(start, end)
                answer = server.open("/me/events/", method="REPORT", data=query, headers={"Depth": "1", **signed_in})
                assert answer.status_code == 207
                unfolded = answer.text.replace("\r\n ", "").replace("\n ", "")
                assert (f"UID:{entry.uid}" in unfolded) is expected, (start, end)


READERS: dict[str, Callable[[bytes], list[Entry]]] = {
    "icalendar": read_by_icalendar,
    "vobject": read_by_vobject,
    "libical": read_by_libical,
    "ical.js": read_by_ical_js,
    "khal": read_by_khal,
}


def check_readers(data: bytes, *, caldav: bool = True) -> list[Entry]:
    """Return what every reader takes a calendar object for: all of them alike, and Radicale finds it by its times."""
    read = {name: sorted(reader(data)) for name, reader in READERS.items()}
    entries = read["icalendar"]
    assert entries
    assert {name: found for name, found in read.items() if found != entries} == {}
    if caldav:
        check_caldav(data, entries)
    return entries


def _utc(moment: datetime) -> datetime:
    assert moment.tzinfo is not None, "a floating time"
    return moment.astimezone(UTC)
