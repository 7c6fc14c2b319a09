"""Public calendar feeds and single events to download (RFC 5545, 5546 3.2.1, 7986)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from engage.calendars.objects.parts import (
    COLOUR,
    add_times,
    add_url,
    mailbox,
    new_calendar,
    new_event,
    one_line,
    paragraphs,
    require_instants,
    written,
    zone_component,
    zone_text_for,
)
from engage.kernel.i18n import N_, translate

REFRESH = timedelta(hours=1)  # shorter is a load we make for ourselves


@dataclass(frozen=True, kw_only=True)
class FeedEvent:
    """One event as everybody may see it: no private link, nobody's address.

    `modified_at` becomes DTSTAMP and LAST-MODIFIED, so that a feed changes only when its data does.
    `sequence` is the event's own, not an invitation's. `booking_note` says who can book when.
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
    speakers: tuple[str, ...] = ()
    booking_note: str = ""
    cancelled: bool = False

    def __post_init__(self) -> None:
        require_instants(self.created_at, self.modified_at, self.starts_at, self.ends_at)


def feed_ics(
    events: Iterable[FeedEvent],
    *,
    name: str,
    description: str,
    source_url: str,
    home_url: str,
    feed_uid: str,
    organizer_name: str,
    organizer_addr: str,
    colour: str = COLOUR,
    locale: str = "en",
) -> bytes:
    """Return a feed that calendars subscribe to. The same data give the same bytes."""
    calendar = new_calendar("PUBLISH")
    calendar.add("uid", feed_uid)
    for key in ("name", "x-wr-calname"):
        calendar.add(key, one_line(name))
    for key in ("description", "x-wr-caldesc"):
        calendar.add(key, one_line(description, 500))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    add_url(calendar, "source", source_url, VALUE="URI")
    add_url(calendar, "url", home_url)
    calendar.add("color", colour)
    _add_events(calendar, events, organizer_name, organizer_addr, locale)
    return written(calendar)


def event_ics(event: FeedEvent, *, organizer_name: str, organizer_addr: str, locale: str = "en") -> bytes:
    """Return one event as a file to download."""
    calendar = new_calendar("PUBLISH")
    _add_events(calendar, [event], organizer_name, organizer_addr, locale)
    return written(calendar)


def _add_events(
    calendar: Calendar, events: Iterable[FeedEvent], organizer_name: str, organizer_addr: str, locale: str
) -> None:
    zones: dict[str, str] = {}
    components = []
    for event in events:
        zone_text = zone_text_for(event.starts_at, event.ends_at, event.timezone)
        if zone_text is not None and zones.setdefault(event.timezone, zone_text) != zone_text:
            zone_text = None
        components.append(_component(event, zone_text, organizer_name, organizer_addr, locale))
    for _, text in sorted(zones.items()):
        calendar.add_component(zone_component(text))
    for component in components:
        calendar.add_component(component)


def _component(event: FeedEvent, zone_text: str | None, organizer_name: str, organizer_addr: str, locale: str) -> Event:
    title = one_line(event.title)
    if event.cancelled:
        # Outlook shows a cancelled event of a feed like any other.
        title = translate(N_("Cancelled: {title}"), locale, title=title)
    component = new_event(
        uid=event.uid,
        sequence=event.sequence,
        stamp=event.modified_at,
        created=event.created_at,
        title=title,
        status="CANCELLED" if event.cancelled else "CONFIRMED",
    )
    add_times(component, event.starts_at, event.ends_at, zone_text, event.timezone)
    names = "; ".join(one_line(name) for name in event.speakers)
    speakers = translate(N_("Speakers: {names}"), locale, names=names) if names else ""
    component.add("description", paragraphs([event.summary, speakers, event.booking_note, event.url]))
    component.add("location", one_line(event.location or event.url, 2000))
    add_url(component, "url", event.url)
    component.add("transp", "TRANSPARENT" if event.cancelled else "OPAQUE")
    component.add("organizer", mailbox(organizer_addr, organizer_name))
    return component
