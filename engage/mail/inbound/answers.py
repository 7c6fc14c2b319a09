"""What a calendar answered (RFC 5546 3.2.3, 3.2.6, 3.2.7), read line by line.

Only what a reply is about is read, and its VTIMEZONE never: icalendar keeps zones that a file defines in one table for
the whole process, so that a hostile mail would say what a zone means in the next one.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar.parser import Contentline, Parameters

from engage.kernel.text import clean, normalise_email
from engage.kernel.when import FIRST_YEAR, LAST_YEAR

METHODS = frozenset({"REPLY", "COUNTER", "REFRESH"})  # others are an organiser's, and we are that
PARTSTATS = frozenset({"NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED", "DELEGATED"})
LONGEST_COMMENT = 1000
LONGEST_UID = 200
HIGHEST_SEQUENCE = 2**31 - 1
DEEPEST = 5
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,40})[;:]")
_FOLD = re.compile(r"\n[ \t]")
_MOMENT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z?")
_WANTED = frozenset(
    {"UID", "ATTENDEE", "SEQUENCE", "DTSTAMP", "COMMENT", "X-RESPONSE-COMMENT", "RECURRENCE-ID", "DTSTART"}
)


@dataclass(frozen=True)
class Answerer:
    """One ATTENDEE of an answer: who, in their own words, and to whom they hand it."""

    address: str
    partstat: str
    comment: str = ""
    delegated_to: str = ""


@dataclass(frozen=True)
class Answer:
    """What a calendar sent us about one entry.

    `stamp` is when it was written (UTC), None if it does not say. `proposed` is the start that a COUNTER asks for, as
    it stands there: a wall time, and the name of a zone or "" or "Z".
    """

    method: str
    uid: str
    answerers: tuple[Answerer, ...]
    sequence: int
    stamp: datetime | None
    comment: str
    of_one_instance: bool
    proposed: tuple[str, str] | None = None

    def by(self, address: str) -> Answerer | None:
        """Return what somebody answered, if they did."""
        return next((each for each in self.answerers if each.address == address), None)


def read_answer(text: str) -> Answer | None:
    """Return the answer that a calendar object holds; None for anything else, and for a faulty UID or ATTENDEE."""
    method, events = _components(text)
    if method not in METHODS or not events:
        return None
    lines = next((event for event in events if "RECURRENCE-ID" not in event), events[0])
    uid = _value(lines, "UID").strip()
    answerers = tuple(filter(None, (_answerer(*each) for each in lines.get("ATTENDEE", []))))
    if not uid or len(uid) > LONGEST_UID or not uid.isprintable() or not answerers:
        return None
    comment = _value(lines, "COMMENT") or _value(lines, "X-RESPONSE-COMMENT")
    return Answer(
        method=method,
        uid=uid,
        answerers=answerers,
        sequence=_number(_value(lines, "SEQUENCE")),
        stamp=read_moment(_value(lines, "DTSTAMP")),
        comment=_comment(comment) or next((each.comment for each in answerers if each.comment), ""),
        of_one_instance="RECURRENCE-ID" in lines,
        proposed=_proposed(lines) if method == "COUNTER" else None,
    )


def read_moment(value: str) -> datetime | None:
    """Return a date with time as calendars write it, taken as UTC; None if it is none, or of no year of ours."""
    found = _MOMENT.fullmatch(value.strip())
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    try:
        return datetime(*(int(group) for group in found.groups()), tzinfo=UTC)  # type: ignore[arg-type, misc]
    except ValueError:
        return None


_Lines = dict[str, list[tuple[Parameters, str]]]


def _components(text: str) -> tuple[str, list[_Lines]]:
    """Return the METHOD of a calendar object and what we read of each of its events."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    method, events, open_ones = "", [], list[str]()
    for line in _FOLD.sub("", text).split("\n"):
        match = _NAME.match(line)
        name = match[1].upper() if match else ""
        if name == "BEGIN":
            open_ones.append(line.partition(":")[2].strip().upper())
            if open_ones == ["VCALENDAR", "VEVENT"]:
                events.append(_Lines())
            if len(open_ones) > DEEPEST:
                return "", []
        elif name == "END":
            if not open_ones or open_ones.pop() != line.partition(":")[2].strip().upper():
                return "", []
        elif name == "METHOD" and open_ones == ["VCALENDAR"]:
            method = method or line.partition(":")[2].strip().upper()
        elif name in _WANTED and open_ones == ["VCALENDAR", "VEVENT"]:
            _note(events[-1], name, line)
    return method, events


def _note(lines: _Lines, name: str, line: str) -> None:
    try:
        _, parameters, value = Contentline(line).raw_parts()  # type: ignore[no-untyped-call]
    except (ValueError, AssertionError):  # a faulty line is as good as none
        return
    lines.setdefault(name, []).append((parameters, value))


def _value(lines: _Lines, name: str) -> str:
    return lines[name][0][1] if name in lines else ""


def _parameter(parameters: Parameters, name: str) -> str:
    value = parameters.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value)


def _answerer(parameters: Parameters, value: str) -> Answerer | None:
    address = _address(value)
    if address is None:
        return None
    partstat = _parameter(parameters, "PARTSTAT").strip().upper() or "NEEDS-ACTION"
    return Answerer(
        address,
        partstat if partstat in PARTSTATS else "NEEDS-ACTION",
        _comment(_parameter(parameters, "X-RESPONSE-COMMENT")),
        _address(_parameter(parameters, "DELEGATED-TO")) or "",
    )


def _address(value: str) -> str | None:
    """Return the address of a CAL-ADDRESS, `mailto:` in any case; None if it is none."""
    plain = value.strip().strip('"')
    if plain[:7].lower() == "mailto:":
        plain = plain[7:]
    try:
        return normalise_email(plain)
    except ValueError:
        return None


def _comment(value: str) -> str:
    """Return somebody's words, unescaped (RFC 5545 3.3.11) and clean."""
    plain = re.sub(r"\\([nN\\;,])", lambda found: "\n" if found[1] in "nN" else found[1], value)
    return clean(plain, multiline=True, limit=LONGEST_COMMENT)


def _number(value: str) -> int:
    """Return a SEQUENCE; one that is none is 0, as if it were left out (RFC 5545 3.8.7.4)."""
    return min(int(value), HIGHEST_SEQUENCE) if re.fullmatch(r"[0-9]{1,12}", value.strip()) else 0


def _proposed(lines: _Lines) -> tuple[str, str] | None:
    if "DTSTART" not in lines:
        return None
    parameters, value = lines["DTSTART"][0]
    if read_moment(value) is None:
        return None
    zone = "Z" if value.strip().endswith("Z") else clean(_parameter(parameters, "TZID"), limit=60)
    return value.strip().removesuffix("Z"), zone
