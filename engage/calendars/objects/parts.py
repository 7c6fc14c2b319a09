"""What invitations and feeds write alike."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import quote

from icalendar import Calendar, Component, Parameters, Timezone, vCalAddress

from engage.calendars.objects.lines import basic, folded, line_with, utc
from engage.calendars.objects.timezones import vtimezone_of_years
from engage.kernel.text import clean, clean_url
from engage.kernel.when import UTC_NAMES, local_time

PRODUCT = "-//engage//engage 1.0//EN"
COLOUR = "teal"  # a CSS3 name: hex colours are invalid (RFC 7986 5.9)
CATEGORY = "Webinar"
END = b"END:VCALENDAR\r\n"
TITLE_LIMIT = 200
NAME_LIMIT = 100
TEXT_LIMIT = 4000


def require_instants(*instants: datetime) -> None:
    """Raise ValueError unless every one knows its time zone: a floating one differs for each reader."""
    for instant in instants:
        if instant.tzinfo is None:
            raise ValueError("a calendar time needs a time zone")


def one_line(text: str, limit: int = TITLE_LIMIT) -> str:
    """Return a cleaned single line."""
    return clean(text, limit=limit)


def paragraphs(texts: Iterable[str]) -> str:
    """Return cleaned texts with an empty line between them; empty ones are left out."""
    joined = "\n\n".join(filter(None, [clean(text, multiline=True) for text in texts if text]))
    return joined if len(joined) <= TEXT_LIMIT else clean(joined, multiline=True, limit=TEXT_LIMIT)


def mailbox(address: str, name: str) -> vCalAddress:
    """Return a CAL-ADDRESS with a CN."""
    return vCalAddress(_mail_uri(address), params={"CN": _shown(name) or address})


def mailbox_line(prop: str, address: str, name: str, **parameters: str) -> str:
    """Return a property whose value is a CAL-ADDRESS with a CN."""
    return line_with(prop, {"CN": _shown(name) or address, **parameters}, _mail_uri(address))


def _mail_uri(address: str) -> str:
    return "mailto:" + quote(address, safe="@!$'*+-=._~/&{}|^`")


def _shown(name: str) -> str:
    """Return a name as every reader shows it: double quotes are single ones, backslashes are slashes.

    Some readers take a backslash for an escape and lose the parameter behind it.
    """
    return one_line(name, NAME_LIMIT).replace('"', "'").replace("\\", "/")


def add_url(component: Component, name: str, url: str, **parameters: str | list[str]) -> None:
    """Add a property with an http or https address; anything else is left out."""
    address = clean_url(url)
    if address is not None:
        component.add(name, address, parameters=Parameters(parameters))


def zone_text_for(starts_at: datetime, ends_at: datetime, zone: str) -> str | None:
    """Return the VTIMEZONE to write beside an event, or None if its times must be in UTC.

    A wall time in the repeated hour of autumn cannot be written down otherwise (RFC 5545 3.3.5).
    """
    starts, ends = local_time(starts_at, zone), local_time(ends_at, zone)
    if _comes_twice(starts) or _comes_twice(ends):
        return None
    return vtimezone_of_years(zone, starts.year, ends.year)


def _comes_twice(local: datetime) -> bool:
    first, second = local.utcoffset(), local.replace(fold=1 - local.fold).utcoffset()
    if first == second:  # but for two hours a year
        return False
    return ((first or timedelta()) > (second or timedelta())) is (local.fold == 0)


@lru_cache(maxsize=256)
def zone_lines(zone_text: str) -> bytes:
    """Return the bytes of a VTIMEZONE, as the library writes it."""
    data: bytes = Timezone.from_ical(zone_text).to_ical()
    return data


def new_calendar(method: str) -> Calendar:
    """Return an empty calendar object, without the random UID that the library's own constructor adds."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


@lru_cache(maxsize=64)
def organizer_line(address: str, name: str) -> str:
    """Return the ORGANIZER."""
    return mailbox_line("ORGANIZER", address, name)


def time_line(name: str, instant: datetime, zone: str, *, zoned: bool) -> str:
    """Return DTSTART or DTEND: the wall time of a zone whose VTIMEZONE is in the file, else UTC."""
    if not zoned or zone in UTC_NAMES:
        return f"{name}:{utc(instant)}"
    return folded(f"{name};TZID={zone}:{basic(local_time(instant, zone))}")


def written(calendar: Calendar) -> bytes:
    """Return the bytes of a calendar object: UTF-8, CRLF, lines of at most 75 octets."""
    data: bytes = calendar.to_ical()
    return data


@lru_cache(maxsize=8)
def _head(method: str) -> bytes:
    return written(new_calendar(method)).removesuffix(END)


def with_lines(method: str, zone_text: str | None, lines: Sequence[str]) -> bytes:
    """Return the bytes of a calendar object with the zone of its event, and the lines of that."""
    zone = b"" if zone_text is None else zone_lines(zone_text)
    return _head(method) + zone + "\r\n".join([*lines, ""]).encode() + END
