"""A feed's event as icalendar itself writes it, to hold ours against."""

from datetime import UTC

from icalendar import Event

from engage.calendars.objects.feeds import FeedEvent, Organizer
from engage.calendars.objects.parts import (
    add_times,
    add_url,
    mailbox,
    new_event,
    one_line,
    paragraphs,
    zone_text_for,
)


def vevent(event: FeedEvent, organizer: Organizer) -> bytes:
    """Return the same VEVENT by the library."""
    title = one_line(event.title) or "Event"
    status = "CANCELLED" if event.cancelled else "TENTATIVE" if event.tentative else "CONFIRMED"
    component: Event = new_event(
        uid=event.uid,
        sequence=event.sequence,
        stamp=event.modified_at.astimezone(UTC),
        created=event.created_at,
        title=f"Cancelled: {title}" if event.cancelled else title,
        status=status,
    )
    add_times(
        component,
        event.starts_at,
        event.ends_at,
        zone_text_for(event.starts_at, event.ends_at, event.timezone),
        event.timezone,
    )
    names = one_line("; ".join(event.speakers), 2000)
    join = f"Join: {event.join_url}" if event.join_url else ""
    speakers = f"Speakers: {names}" if names else ""
    component.add("description", paragraphs([join, event.summary, speakers, *event.notes, event.url]))
    if place := one_line(event.location, 2000) or one_line(event.join_url or event.url, 2000):
        component.add("location", place)
    add_url(component, "url", event.url)
    component.add("transp", "TRANSPARENT" if event.cancelled or event.tentative else "OPAQUE")
    component.add("organizer", mailbox(event.organizer_addr or organizer.address, organizer.name))
    data: bytes = component.to_ical()
    return data
