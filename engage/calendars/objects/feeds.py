"""Calendar feeds and single events to download (RFC 5545, 5546 3.2.1, 7986).

Feeds hold thousands of events, so their VEVENTs are written as lines; all else is icalendar's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engage.calendars.objects.lines import folded, text_line, utc
from engage.calendars.objects.parts import (
    CATEGORY,
    COLOUR,
    END,
    add_url,
    new_calendar,
    one_line,
    organizer_line,
    paragraphs,
    require_instants,
    time_line,
    written,
    zone_lines,
    zone_text_for,
)
from engage.kernel.i18n import N_, translate
from engage.kernel.text import clean_url
from engage.kernel.when import local_time

REFRESH = timedelta(hours=1)  # shorter is a load we make for ourselves
PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?/[A-Za-z0-9/._~-]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedEvent:
    """One event as a feed shows it; nobody's address and, in a public feed, no private link.

    `modified_at` becomes DTSTAMP and LAST-MODIFIED, so that a feed changes only when its data does. `uid`,
    `sequence` and `organizer_addr` ("" is the feed's own) are the event's, or an invitation's in the feed of whom
    it went to. `join_url` is somebody's own way in. `tentative` is what may still come to nothing. `notes` are
    further paragraphs.
    """

    uid: str
    sequence: int
    created_at: datetime
    modified_at: datetime
    starts_at: datetime
    ends_at: datetime
    timezone: str
    title: str
    url: str
    summary: str = ""
    location: str = ""
    join_url: str = ""
    speakers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cancelled: bool = False
    tentative: bool = False
    organizer_addr: str = ""

    def __post_init__(self) -> None:
        require_instants(self.created_at, self.modified_at, self.starts_at, self.ends_at)


@dataclass(frozen=True, kw_only=True)
class FeedHead:
    """What a feed says of itself. `uid` stays for life; `source_url` is its own address, `home_url` a page."""

    name: str
    description: str
    uid: str
    source_url: str
    home_url: str
    colour: str = COLOUR


@dataclass(frozen=True)
class Organizer:
    """Who gives the events (ORGANIZER), and the language of the words in between."""

    name: str
    address: str
    locale: str = "en"


def feed_ics(head: FeedHead, events: Iterable[FeedEvent], organizer: Organizer) -> bytes:
    """Return a feed that calendars subscribe to. The same data give the same bytes."""
    calendar = new_calendar("PUBLISH")
    calendar.add("uid", head.uid)
    for key in ("name", "x-wr-calname"):
        calendar.add(key, one_line(head.name))
    for key in ("description", "x-wr-caldesc"):
        calendar.add(key, one_line(head.description, 500))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    add_url(calendar, "source", head.source_url, VALUE="URI")
    add_url(calendar, "url", head.home_url)
    calendar.add("color", head.colour)
    return _with_events(written(calendar), events, organizer)


def event_ics(event: FeedEvent, organizer: Organizer) -> bytes:
    """Return one event as a file to download."""
    return _with_events(written(new_calendar("PUBLISH")), [event], organizer)


def _with_events(empty: bytes, events: Iterable[FeedEvent], organizer: Organizer) -> bytes:
    """Put zones and events into a calendar that has none. The second of two forms of a zone goes UTC."""
    zones: dict[str, str] = {}
    texts: list[str] = []
    words = _Words(organizer.locale)
    for event in events:
        times = local_time(event.starts_at, event.timezone), local_time(event.ends_at, event.timezone)
        zone_text = zone_text_for(*times, event.timezone)
        if zone_text is not None and zones.setdefault(event.timezone, zone_text) != zone_text:
            zone_text = None
        texts.append(_vevent(event, times, organizer, words, zoned=zone_text is not None))
    components = b"".join(zone_lines(text) for _, text in sorted(zones.items()))
    events_text = "\r\n".join([*texts, ""])
    return empty.removesuffix(END) + components + events_text.encode() + END


class _Words:
    """What a feed says of each event, looked up once for all of them."""

    def __init__(self, locale: str) -> None:
        # Outlook shows a cancelled event of a feed like any other.
        self.cancelled = translate(N_("Cancelled: {title}"), locale)
        self.nameless = translate(N_("Event"), locale)  # RFC 5546 3.2.1 demands a title
        self.join = translate(N_("Join: {url}"), locale)
        self.speakers = translate(N_("Speakers: {names}"), locale)


def _vevent(
    event: FeedEvent, times: tuple[datetime, datetime], organizer: Organizer, words: _Words, *, zoned: bool
) -> str:
    """Return the lines of an event, in the order in which icalendar writes them; `times` are start and end there."""
    title = one_line(event.title) or words.nameless
    if event.cancelled:
        title = words.cancelled.format(title=title)
    page, url = one_line(event.url, 2000), _safe_url(event.url)
    stamp = utc(event.modified_at)
    lines = [
        "BEGIN:VEVENT",
        text_line("SUMMARY", title),
        time_line("DTSTART", times[0], event.timezone, zoned=zoned),
        time_line("DTEND", times[1], event.timezone, zoned=zoned),
        f"DTSTAMP:{stamp}",
        text_line("UID", event.uid),
        f"SEQUENCE:{event.sequence}",
        f"CATEGORIES:{CATEGORY}",
        "CLASS:PUBLIC",
        f"CREATED:{utc(event.created_at)}",
        text_line("DESCRIPTION", _description(event, page, words)),
        f"LAST-MODIFIED:{stamp}",
        *_location(event, page),
        organizer_line(event.organizer_addr or organizer.address, organizer.name),
        f"STATUS:{_status(event)}",
        f"TRANSP:{'TRANSPARENT' if event.cancelled or event.tentative else 'OPAQUE'}",
    ]
    if url is not None:
        lines.append(folded(f"URL:{url}"))
    lines.append("END:VEVENT")
    return "\r\n".join(lines)


def _location(event: FeedEvent, page: str) -> list[str]:
    place = one_line(event.location, 2000) or one_line(event.join_url, 2000) or page
    return [text_line("LOCATION", place)] if place else []


def _status(event: FeedEvent) -> str:
    if event.cancelled:
        return "CANCELLED"
    return "TENTATIVE" if event.tentative else "CONFIRMED"


def _description(event: FeedEvent, page: str, words: _Words) -> str:
    join = words.join.format(url=event.join_url) if event.join_url else ""
    names = one_line("; ".join(event.speakers), 2000)
    speakers = words.speakers.format(names=names) if names else ""
    return paragraphs([join, event.summary, speakers, *event.notes, page])


def _safe_url(url: str) -> str | None:
    """Return `clean_url` of an address; ours are plain, and each event has another."""
    return url if PLAIN_URL.fullmatch(url) else clean_url(url)
