"""Events of feeds and invitations as icalendar itself writes them, to hold ours against."""

from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Component, Event

from engage.calendars.enums import InviteKind
from engage.calendars.objects.feeds import FeedEvent, Organizer
from engage.calendars.objects.invitation import InvitationFacts, Method, _description
from engage.calendars.objects.parts import CATEGORY, add_url, mailbox, one_line, paragraphs, zone_text_for
from engage.kernel.text import harmless_name
from engage.kernel.when import local_time


def add_times(component: Component, starts_at: datetime, ends_at: datetime, zone: str) -> None:
    """Add DTSTART and DTEND: wall times of the zone if its VTIMEZONE is in the file, else UTC."""
    zoned = zone_text_for(starts_at, ends_at, zone) is not None
    for name, instant in (("dtstart", starts_at), ("dtend", ends_at)):
        component.add(name, local_time(instant, zone) if zoned else instant.astimezone(UTC))


def new_event(*, uid: str, sequence: int, stamp: datetime, created: datetime, title: str, status: str) -> Event:
    """Return an event with what identifies it and says its state."""
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("last-modified", stamp.astimezone(UTC))
    event.add("created", created.astimezone(UTC))
    event.add("summary", title)
    event.add("status", status)
    event.add("class", "PUBLIC")
    event.add("categories", [CATEGORY])
    return event


def invitation_vevent(facts: InvitationFacts, method: Method) -> bytes:
    """Return the VEVENT of an invitation by the library."""
    cancelled = method == "CANCEL"
    title = one_line(facts.title) or "Event"
    event = new_event(
        uid=facts.uid,
        sequence=facts.sequence,
        stamp=facts.stamp,
        created=facts.created,
        title=title,
        status="CANCELLED" if cancelled else "TENTATIVE" if facts.tentative else "CONFIRMED",
    )
    add_times(event, facts.starts_at, facts.ends_at, facts.timezone)
    add_url(event, "url", facts.event_url)
    event.add("color", facts.colour)
    event.add("organizer", mailbox(facts.organizer_addr, facts.organizer_name))
    attendee = mailbox(facts.attendee_addr, harmless_name(facts.attendee_name))
    attendee.params |= {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": facts.partstat.value,
        "RSVP": "TRUE" if facts.reads_replies else "FALSE",
    }
    event.add("attendee", attendee)
    event.add("transp", "OPAQUE")
    event.add("x-microsoft-cdo-busystatus", "BUSY")
    event.add("x-microsoft-disallow-counter", "TRUE")
    place = one_line(facts.location, 2000)
    if cancelled:
        event.add("description", one_line(facts.reason, 500) or "This entry was cancelled.")
    else:
        event.add("description", _description(facts))
        place = place or one_line(facts.join_url or facts.event_url, 2000)
        add_url(event, "conference", facts.join_url, VALUE="URI", FEATURE=["AUDIO", "VIDEO"], LABEL="Join")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", -timedelta(minutes=30 if facts.kind is InviteKind.SPEAKER else 15))
        alarm.add("description", title)
        event.add_component(alarm)
    if place:
        event.add("location", place)
    data: bytes = event.to_ical()
    return data


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
    add_times(component, event.starts_at, event.ends_at, event.timezone)
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
