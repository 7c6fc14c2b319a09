"""What each calendar feed says, from the rows of several features."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engage.calendars.objects.feeds import FeedEvent, FeedHead, Organizer, event_ics, feed_ics
from engage.calendars.objects.links import add_links
from engage.events.enums import EventStatus
from engage.events.feeds import public_events, speakers_in_feed
from engage.events.models import Event
from engage.events.queries import line_up
from engage.kernel.i18n import N_, translate
from engage.kernel.links import event_url, feed_url, programme_url
from engage.kernel.settings import Site
from engage.kernel.when import moment_words


def public_feed(*, site: Site, at: datetime) -> bytes:
    """Return the public calendar: what comes, the last 90 days, and what was cancelled in the last 60."""
    organizer, names = organizer_of(site), speakers_in_feed(at)
    head = FeedHead(
        name=translate(N_("{organisation}: events"), organizer.locale, organisation=site.organisation_name),
        description=translate(
            N_("Webinars of {organisation}. Book a place on each event’s page."),
            organizer.locale,
            organisation=site.organisation_name,
        ),
        uid=f"events@{site.mail_domain}",
        source_url=feed_url(site.base_url),
        home_url=programme_url(site.base_url),
    )
    entries = (public_entry(event, names.get(event.key, ()), site) for event in public_events(at))
    return feed_ics(head, entries, organizer)


def single_event(event: Event, *, site: Site) -> bytes:
    """Return one public event as a file."""
    people = line_up(event.id)
    names = tuple(f"{one.name}, {one.organisation}" if one.organisation else one.name for one in people)
    return event_ics(public_entry(event, names, site), organizer_of(site))


def links_to_add(event: Event, *, site: Site) -> dict[str, str]:
    """Return links by service that add a copy of an event to a calendar on the web."""
    return add_links(
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        timezone=event.timezone,
        details=event.summary,
        url=event_url(site.base_url, event.slug),
    )


def organizer_of(site: Site) -> Organizer:
    """Return who gives the events; a feed speaks the first language of its site."""
    return Organizer(site.organisation_name, site.mail_from, site.languages[0])


def public_entry(event: Any, speakers: Sequence[str], site: Site) -> FeedEvent:
    """Return an event (or a row with its names) as everybody may see it."""
    return FeedEvent(
        uid=f"event-{event.feed_uid}@{site.mail_domain}",
        sequence=event.calendar_sequence,
        created_at=event.created_at,
        modified_at=event.updated_at,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        timezone=event.timezone,
        title=event.title,
        url=event_url(site.base_url, event.slug),
        summary=event.summary,
        speakers=tuple(speakers),
        notes=(booking_note(event, site.languages[0]),),
        cancelled=event.status is EventStatus.CANCELLED,
    )


def booking_note(event: Any, locale: str) -> str:
    """Say until when members book first. It stays when that time has passed: a feed does not depend on the clock."""
    if event.members_only_until is None or event.status is EventStatus.CANCELLED:
        return ""
    until = moment_words(event.members_only_until, event.timezone, locale)
    return translate(N_("Members book first, until {moment}."), locale, moment=until)
