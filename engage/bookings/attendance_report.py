"""Reading the attendance report of a meeting tool: who was there, and for how long. Bytes in, rows out; nothing else.

Zoom, Teams and Meet write a table of people, some with tables of other things above and below it. A table begins with
a row of headings that names an e-mail address and a duration; where any of them names people as well, the others (a
meeting's own e-mail and length) are left out. Rows of one person in one table add up: they left and came back. Where
several tables hold the same person (Teams repeats everybody under "Activities"), the longest counts.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engage.kernel.errors import InvalidError
from engage.kernel.i18n import N_
from engage.kernel.tables import Row, read_rows
from engage.kernel.text import normalise_email

LONGEST_S = 24 * 3600  # one row of more than a day is a mistake

EMAIL_HEADINGS = frozenset({"email", "user email", "email address", "attendee email", "participant email"})
LOGIN_HEADINGS = frozenset({"participant id", "upn", "user principal name"})  # of Teams: mostly an address
NAME_HEADINGS = frozenset(
    {"name", "full name", "user name", "username", "display name", "participant", "participant name"}
)
NAME_PARTS = frozenset({"first name", "last name", "surname"})
MINUTES_HEADINGS = frozenset(
    {
        *("minutes", "duration", "total duration", "in-meeting duration", "attendance duration", "meeting duration"),
        *("time in session", "time in call", "time in meeting", "duration in meeting"),
    }
)
ATTENDED_HEADINGS = frozenset({"attended"})
ABSENT_WORDS = frozenset({"no", "n", "false"})

IN_BRACKETS = re.compile(r"\(.*?\)")
NUMBER = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,6})?")
CLOCK = re.compile(r"([0-9]{1,3}):([0-5]?[0-9]):([0-5]?[0-9])(?:[.,][0-9]{1,6})?")
PARTS = re.compile(r"([0-9]{1,6})\s*([a-z]+)\.?,?\s*")
UNITS = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
}


class ReportHeadingsError(InvalidError):
    """No row of headings says where to look."""

    message = N_(
        "We found no row of headings with an e-mail address and a duration. The file needs a column such as “Email” "
        "and one such as “Duration” or “Minutes”."
    )
    field = "file"


class Fault(StrEnum):
    """Why a row cannot be used."""

    NO_ADDRESS = "no address"
    BAD_ADDRESS = "bad address"
    BAD_DURATION = "bad duration"


@dataclass(frozen=True)
class Attendee:
    """One person of a report: the address, the name there, whole minutes (one that has begun counts alone), lines."""

    email: str
    name: str
    minutes: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class UnusableRow:
    """A row that says nothing we can use, as it stands in the file."""

    line: int
    name: str
    email: str
    duration: str
    fault: Fault


@dataclass(frozen=True)
class AttendanceReport:
    """What a report says, each in the order of the file."""

    attendees: tuple[Attendee, ...]
    unusable: tuple[UnusableRow, ...]


@dataclass(frozen=True)
class _Columns:
    """Where a table keeps what; `unit` is how many seconds a bare number of its duration means."""

    emails: tuple[int, ...]
    names: tuple[int, ...]
    duration: int
    attended: int | None
    unit: int


@dataclass(frozen=True)
class _Stay:
    """One row: somebody, for some seconds."""

    line: int
    email: str
    name: str
    seconds: int


def read_report(data: bytes) -> AttendanceReport:
    """Return what a report says. Raises ReportHeadingsError, and what `kernel.tables.read_rows` raises."""
    tables = _tables(read_rows(data))
    if not tables:
        raise ReportHeadingsError
    of_people = [table for table in tables if table[0].names]
    stays: list[list[_Stay]] = []
    unusable: dict[int, UnusableRow] = {}
    for columns, rows in of_people or tables:
        found = [_read(columns, row) for row in rows]
        stays.append([each for each in found if isinstance(each, _Stay)])
        unusable.update((each.line, each) for each in found if isinstance(each, UnusableRow))
    return AttendanceReport(tuple(_added_up(stays)), tuple(unusable.values()))


def seconds_of(duration: str, *, unit: int = 60) -> int:
    """Return the seconds of "52", "52 min", "00:52:10" or "1h 2m 3s"; `unit` is what a bare number counts.

    Raises ValueError for anything else, two-part clocks among them ("52:10" may be minutes or hours), and for more
    than a day.
    """
    text = duration.strip().lower()
    if NUMBER.fullmatch(text):
        seconds = int(float(text.replace(",", ".")) * unit)
    elif clock := CLOCK.fullmatch(text):
        hours, minutes, rest = (int(part) for part in clock.groups())
        seconds = hours * 3600 + minutes * 60 + rest
    else:
        seconds = _sum_of_parts(text)
    if seconds > LONGEST_S:
        raise ValueError("longer than a day")
    return seconds


def _sum_of_parts(text: str) -> int:
    seconds, end, seen = 0, 0, set()
    while end < len(text):
        part = PARTS.match(text, end)
        unit = UNITS.get(part[2]) if part else None
        if part is None or unit is None or unit in seen:
            raise ValueError("no duration")
        seconds, end = seconds + int(part[1]) * unit, part.end()
        seen.add(unit)
    if not seen:
        raise ValueError("no duration")
    return seconds


def _tables(rows: Sequence[Row]) -> list[tuple[_Columns, list[Row]]]:
    """Return each table under its headings. A title right above the headings of another table belongs to none."""
    found: list[tuple[_Columns, list[Row]]] = []
    for row in rows:
        columns = _columns(row)
        if columns is not None:
            if found and found[-1][1] and _is_title(found[-1][1][-1]):
                found[-1][1].pop()
            found.append((columns, []))
        elif found:
            found[-1][1].append(row)
    return found


def _columns(row: Row) -> _Columns | None:
    """Return where the columns are if a row is one of headings."""
    plain = [" ".join(IN_BRACKETS.sub("", cell).lower().replace("e-mail", "email").split()) for cell in row.cells]

    def where(headings: frozenset[str]) -> tuple[int, ...]:
        return tuple(place for place, heading in enumerate(plain) if heading in headings)

    emails, durations, attended = where(EMAIL_HEADINGS), where(MINUTES_HEADINGS), where(ATTENDED_HEADINGS)
    logins = where(LOGIN_HEADINGS)
    if not (emails or logins) or not durations:
        return None
    return _Columns(
        emails=emails + logins,
        names=where(NAME_HEADINGS) or where(NAME_PARTS),
        duration=durations[0],
        attended=attended[0] if attended else None,
        unit=1 if "second" in row.cells[durations[0]].lower() else 60,
    )


def _is_title(row: Row) -> bool:
    return sum(map(bool, row.cells)) == 1 and bool(row.cells[0]) and "@" not in row.cells[0]


def _read(columns: _Columns, row: Row) -> _Stay | UnusableRow:
    def cell(place: int) -> str:
        return row.cells[place] if place < len(row.cells) else ""

    written = next(filter(None, (cell(place) for place in columns.emails)), "")
    name = " ".join(filter(None, dict.fromkeys(cell(place) for place in columns.names)))[:200]
    duration = cell(columns.duration)
    absent = columns.attended is not None and cell(columns.attended).lower() in ABSENT_WORDS

    def unusable(fault: Fault) -> UnusableRow:
        return UnusableRow(row.line, name, written[:254], duration[:60], fault)

    if not written:
        return unusable(Fault.NO_ADDRESS)
    try:
        email = normalise_email(written)
    except ValueError:
        return unusable(Fault.BAD_ADDRESS)
    try:
        seconds = 0 if absent else seconds_of(duration, unit=columns.unit)
    except ValueError:
        return unusable(Fault.BAD_DURATION)
    return _Stay(row.line, email, name, seconds)


def _added_up(tables: Sequence[Sequence[_Stay]]) -> Iterator[Attendee]:
    longest: dict[str, int] = {}
    names: dict[str, str] = {}
    lines: dict[str, list[int]] = defaultdict(list)
    for table in tables:
        sums: dict[str, int] = defaultdict(int)
        for stay in table:
            sums[stay.email] += stay.seconds
            lines[stay.email].append(stay.line)
            names[stay.email] = names.get(stay.email) or stay.name
        for email, seconds in sums.items():
            longest[email] = max(longest.get(email, 0), seconds)
    for email, seconds in longest.items():
        yield Attendee(email, names[email], _minutes(seconds), tuple(lines[email]))


def _minutes(seconds: int) -> int:
    return seconds // 60 if seconds >= 60 else min(1, seconds)
