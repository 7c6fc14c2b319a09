"""The calendar part that says no to a proposed time (DECLINECOUNTER, RFC 5546 3.2.8)."""

from datetime import UTC, datetime

from icalendar import Event

from engage.calendars.objects.parts import mailbox, new_calendar, one_line, written


def decline_counter_ics(
    *,
    uid: str,
    sequence: int,
    stamp: datetime,
    starts_at: datetime,
    ends_at: datetime,
    title: str,
    organizer: tuple[str, str],
    attendee: tuple[str, str],
) -> bytes:
    """Return the object; `sequence` is that of the proposal, mailboxes are address and name, moments are aware."""
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", starts_at.astimezone(UTC))
    event.add("dtend", ends_at.astimezone(UTC))
    event.add("summary", one_line(title))
    event.add("organizer", mailbox(*organizer))
    event.add("attendee", mailbox(*attendee))
    calendar = new_calendar("DECLINECOUNTER")
    calendar.add_component(event)
    return written(calendar)
