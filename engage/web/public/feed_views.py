"""Feeds for calendars and news readers: from the data alone, so that an unchanged one is not fetched twice."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from flask import Response

from engage.calendars.objects.feeds import FeedEvent, event_ics, feed_ics
from engage.edge import context
from engage.edge.access import access
from engage.edge.revalidation import revalidated
from engage.events.enums import EventStatus
from engage.events.models import Event
from engage.events.queries import (
    LineUpEntry,
    events_in_feed,
    get_public_event,
    latest_published,
    line_up,
    line_ups,
)
from engage.kernel import clock
from engage.kernel.i18n import N_, translate
from engage.kernel.links import event_url, feed_url, home_url, news_url, programme_url
from engage.kernel.settings import Site
from engage.kernel.when import date_in_words, local_time, moment_words, time_words
from engage.web.public.blueprint import bp

CALENDAR = "text/calendar; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
KEEP_PAST = timedelta(days=90)
KEEP_CANCELLED = timedelta(days=60)
NOT_IN_XML = re.compile("[\ufffe\uffff]")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@bp.get("/events.ics")
@access("anyone")
@revalidated
def events_file() -> Response:
    """Give the public calendar: what comes, the last 90 days, and what was cancelled in the last 60."""
    site, now = context.site(), clock.now()
    events = events_in_feed(published_after=now - KEEP_PAST, cancelled_after=now - KEEP_CANCELLED)
    people = line_ups([event.id for event in events])
    locale = site.languages[0]
    data = feed_ics(
        [_feed_event(event, people[event.id], site) for event in events],
        name=translate(N_("{organisation}: events"), locale, organisation=site.organisation_name),
        description=translate(
            N_("Webinars of {organisation}. Book a place on each event’s page."),
            locale,
            organisation=site.organisation_name,
        ),
        source_url=feed_url(site.base_url),
        home_url=programme_url(site.base_url),
        feed_uid=f"events@{site.mail_domain}",
        organizer_name=site.organisation_name,
        organizer_addr=site.mail_from,
        locale=locale,
    )
    return _feed(data, CALENDAR, _latest(events))


@bp.get("/events/<slug>.ics")
@access("anyone")
@revalidated
def event_file(slug: str) -> Response:
    """Give one event as a file to download."""
    site, event = context.site(), get_public_event(slug)
    data = event_ics(
        _feed_event(event, line_up(event.id), site),
        organizer_name=site.organisation_name,
        organizer_addr=site.mail_from,
        locale=site.languages[0],
    )
    answer = _feed(data, CALENDAR, event.updated_at)
    answer.headers["Content-Disposition"] = f'attachment; filename="{event.slug}.ics"'
    return answer


@bp.get("/events.atom")
@access("anyone")
@revalidated
def events_news() -> Response:
    """Give what was announced lately, as RFC 4287 says it."""
    site, events = context.site(), latest_published()
    locale = site.languages[0]
    root = ET.Element("feed", {"xmlns": ATOM_NAMESPACE, "xml:lang": locale})
    _add(root, "id", news_url(site.base_url))
    _add(root, "title", translate(N_("{organisation}: events"), locale, organisation=site.organisation_name))
    _add(root, "updated", _latest(events).isoformat())
    ET.SubElement(root, "link", {"rel": "self", "href": news_url(site.base_url), "type": "application/atom+xml"})
    ET.SubElement(root, "link", {"rel": "alternate", "href": programme_url(site.base_url), "type": "text/html"})
    author = ET.SubElement(root, "author")
    _add(author, "name", site.organisation_name)
    _add(author, "uri", home_url(site.base_url))
    for event in events:
        _add_entry(root, event, site, locale)
    return _feed(ET.tostring(root, encoding="utf-8", xml_declaration=True), ATOM, _latest(events))


def _add_entry(root: ET.Element, event: Event, site: Site, locale: str) -> None:
    cancelled = event.status is EventStatus.CANCELLED
    entry = ET.SubElement(root, "entry")
    _add(entry, "id", event.feed_uid.urn)
    title = translate(N_("Cancelled: {title}"), locale, title=event.title) if cancelled else event.title
    _add(entry, "title", title)
    _add(entry, "published", (event.published_at or event.created_at).isoformat())
    _add(entry, "updated", event.updated_at.isoformat())
    address = event_url(site.base_url, event.slug)
    ET.SubElement(entry, "link", {"rel": "alternate", "href": address, "type": "text/html"})
    day = date_in_words(local_time(event.starts_at, event.timezone), locale)
    when = time_words(event.starts_at, event.ends_at, event.timezone, locale)
    reason = f"{event.cancel_reason} " if event.cancel_reason else ""
    note = f" {_booking_note(event, locale)}".rstrip()
    _add(entry, "summary", f"{day}, {when}. {reason}{event.summary}{note}")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = NOT_IN_XML.sub("", text)


def _feed_event(event: Event, people: Iterable[LineUpEntry], site: Site) -> FeedEvent:
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
        speakers=tuple(f"{one.name}, {one.organisation}" if one.organisation else one.name for one in people),
        booking_note=_booking_note(event, site.languages[0]),
        cancelled=event.status is EventStatus.CANCELLED,
    )


def _booking_note(event: Event, locale: str) -> str:
    """Say until when members book first. It stays when that time has passed: a feed does not depend on the clock."""
    if event.members_only_until is None or event.status is EventStatus.CANCELLED:
        return ""
    until = moment_words(event.members_only_until, event.timezone, locale)
    return translate(N_("Members book first, until {moment}."), locale, moment=until)


def _latest(events: list[Event]) -> datetime:
    return max((event.updated_at for event in events), default=LONG_AGO)


def _feed(data: bytes, content_type: str, changed_at: datetime) -> Response:
    answer = Response(data, content_type=content_type)
    answer.last_modified = changed_at
    answer.headers["Cache-Control"] = "public, max-age=900"
    return answer
