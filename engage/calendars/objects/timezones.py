"""VTIMEZONE as yearly rules, which every calendar program reads alike.

With lists of single dates (RDATE), as libraries write them, ical.js places summer events an hour late, and
Outlook does not read them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from engage.kernel.when import zone, zone_data

# RFC 9636 3.3 (footer) and POSIX TZ: std offset [dst [offset] , start [/time] , end [/time]]
NAME = r"<[A-Za-z0-9+-]+>|[A-Za-z]+"
OFFSET = r"[+-]?\d{1,3}(?::\d{2}){0,2}"
FOOTER = re.compile(
    rf"(?P<std>{NAME})(?P<std_offset>{OFFSET})"
    rf"(?:(?P<dst>{NAME})(?P<dst_offset>{OFFSET})?,(?P<start>[^,/]+)(?:/(?P<start_time>{OFFSET}))?"
    rf",(?P<end>[^,/]+)(?:/(?P<end_time>{OFFSET}))?)?"
)
MONTH_RULE = re.compile(r"M(?P<month>\d+)\.(?P<week>[1-5])\.(?P<weekday>[0-6])")
WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
LAST_WEEK = 5
RULES_BEGIN = 1970
DAY = timedelta(days=1)


@dataclass(frozen=True)
class YearlyChange:
    """One change of the clocks in every year, on the `week`-th `weekday` (0 is Sunday) of `month`."""

    month: int
    week: int
    weekday: int
    at: timedelta
    offset_from: timedelta
    offset_to: timedelta
    name: str

    def local(self, year: int) -> datetime:
        """Return the wall time, before the change, at which it happens (RFC 5545 3.6.5)."""
        first = date(year, self.month, 1)
        day = first + DAY * ((self.weekday - first.isoweekday()) % 7 + 7 * (self.week - 1))
        while day.month != self.month:
            day -= 7 * DAY
        return datetime(day.year, day.month, day.day) + self.at  # noqa: DTZ001 - a wall time

    def instant(self, year: int) -> datetime:
        """Return the moment of the change, in UTC."""
        return (self.local(year) - self.offset_from).replace(tzinfo=UTC)

    def lines(self) -> list[str]:
        """Return the observance that begins with this change."""
        kind = "DAYLIGHT" if self.offset_to > self.offset_from else "STANDARD"
        week = -1 if self.week == LAST_WEEK else self.week
        return [
            f"BEGIN:{kind}",
            f"DTSTART:{self.local(RULES_BEGIN):%Y%m%dT%H%M%S}",
            f"TZOFFSETFROM:{_written(self.offset_from)}",
            f"TZOFFSETTO:{_written(self.offset_to)}",
            f"TZNAME:{self.name}",
            f"RRULE:FREQ=YEARLY;BYMONTH={self.month};BYDAY={week}{WEEKDAYS[self.weekday]}",
            f"END:{kind}",
        ]


def vtimezone(zone_name: str, first: datetime, last: datetime) -> str | None:
    """Return the VTIMEZONE text for events between two instants, or None: then write the times in UTC.

    None means that the zone's rules cannot be said as two yearly changes that agree with the zone itself from
    1 January of the year before `first` to 31 December of the year of `last`. Raises UnknownZoneError.
    """
    local_zone = zone(zone_name)
    return vtimezone_of_years(zone_name, first.astimezone(local_zone).year, last.astimezone(local_zone).year)


@lru_cache(maxsize=2048)
def vtimezone_of_years(zone_name: str, first_year: int, last_year: int) -> str | None:
    """Return the same for events that begin in one year of the zone's own time and end in another."""
    rule = FOOTER.fullmatch(_footer(zone_name))
    if rule is None:
        return None
    real = _transitions(zone_name, first_year - 1, last_year)
    standard = _offset(rule["std_offset"])
    if rule["dst"] is None:
        steady = not real and _offset_at(zone_name, datetime(last_year, 7, 1, tzinfo=UTC)) == standard
        observances = _steady_lines(standard, rule["std"].strip("<>")) if steady else None
    else:
        changes = _changes(rule, standard)
        promised = sorted(
            (change.instant(year), change.offset_to)
            for change in changes
            for year in range(first_year - 1, last_year + 1)
        )
        agree = bool(changes) and promised == real
        # The daylight half first, as everybody writes it.
        ordered = sorted(changes, key=lambda change: change.offset_to, reverse=True)
        observances = [line for change in ordered for line in change.lines()] if agree else None
    if observances is None:
        return None
    return "\r\n".join(["BEGIN:VTIMEZONE", f"TZID:{zone_name}", *observances, "END:VTIMEZONE", ""])


def _footer(zone_name: str) -> str:
    return zone_data(zone_name).rstrip(b"\n").rpartition(b"\n")[2].decode("ascii")


def _offset(text: str) -> timedelta:
    """Read a POSIX offset, which counts west as positive."""
    return -_duration(text)


def _duration(text: str) -> timedelta:
    hours, minutes, seconds = (int(part) for part in (text.lstrip("+-") + ":0:0").split(":")[:3])
    amount = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -amount if text.startswith("-") else amount


def _changes(rule: re.Match[str], standard: timedelta) -> list[YearlyChange]:
    """Return both yearly changes, or none if the rule is of a kind that calendar programs disagree about."""
    daylight = _offset(rule["dst_offset"]) if rule["dst_offset"] else standard + timedelta(hours=1)
    found = []
    for when, at, before, after, name in (
        (rule["start"], rule["start_time"], standard, daylight, rule["dst"]),
        (rule["end"], rule["end_time"], daylight, standard, rule["std"]),
    ):
        days = MONTH_RULE.fullmatch(when)
        moment = _duration(at or "2")
        if days is None or not timedelta() <= moment < DAY:
            return []
        month, week, weekday = (int(days[part]) for part in ("month", "week", "weekday"))
        found.append(YearlyChange(month, week, weekday, moment, before, after, name.strip("<>")))
    return found


def _steady_lines(offset: timedelta, name: str) -> list[str]:
    written = _written(offset)
    return [
        "BEGIN:STANDARD",
        f"DTSTART:{RULES_BEGIN}0101T000000",
        f"TZOFFSETFROM:{written}",
        f"TZOFFSETTO:{written}",
        f"TZNAME:{name}",
        "END:STANDARD",
    ]


def _written(offset: timedelta) -> str:
    minutes, seconds = divmod(abs(int(offset.total_seconds())), 60)
    sign = "-" if offset < timedelta() else "+"
    return f"{sign}{minutes // 60:02}{minutes % 60:02}" + (f"{seconds:02}" if seconds else "")


def _offset_at(zone_name: str, instant: datetime) -> timedelta:
    return instant.astimezone(zone(zone_name)).utcoffset() or timedelta()


def _transitions(zone_name: str, first_year: int, last_year: int) -> list[tuple[datetime, timedelta]]:
    """Return the real changes of offset, each with the offset after it."""
    found = []
    day, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    offset = _offset_at(zone_name, day)
    while day < end:
        following = day + DAY
        new = _offset_at(zone_name, following)
        if new != offset:
            found.append((_moment_of_change(zone_name, day, following, new), new))
            offset = new
        day = following
    return found


def _moment_of_change(zone_name: str, before: datetime, after: datetime, new: timedelta) -> datetime:
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        if _offset_at(zone_name, middle) == new:
            after = middle
        else:
            before = middle
    return after
