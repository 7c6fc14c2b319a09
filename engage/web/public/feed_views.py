"""Feeds for calendars and news readers: from the data alone, so that an unchanged one is not fetched twice."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from functools import partial

from flask import Response

from engage.edge import context
from engage.edge.access import access
from engage.edge.revalidation import by_version, revalidated
from engage.events.enums import EventStatus
from engage.events.feeds import feed_version
from engage.events.models import Event
from engage.events.queries import get_public_event, latest_published
from engage.flows.calendar_feeds import booking_note, public_feed, single_event
from engage.kernel import clock
from engage.kernel.i18n import N_, translate
from engage.kernel.links import event_url, home_url, news_url, programme_url
from engage.kernel.settings import Site
from engage.kernel.when import date_in_words, local_time, time_words
from engage.web.public.blueprint import bp

CALENDAR = "text/calendar; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
NOT_IN_XML = re.compile("[\ufffe\uffff]")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@bp.get("/events.ics")
@access("anyone")
def events_file() -> Response:
    """Give the public calendar: what comes, the last 90 days, and what was cancelled in the last 60."""
    site, at = context.site(), clock.now()
    version = feed_version(at, public=True)
    make = partial(public_feed, site=site, at=at)
    answer = by_version(version.rows, version.changed_at or LONG_AGO, make, CALENDAR, keep=True)
    answer.headers["Cache-Control"] = "public, max-age=900"
    return answer


@bp.get("/events/<slug>.ics")
@access("anyone")
@revalidated
def event_file(slug: str) -> Response:
    """Give one event as a file to download."""
    event = get_public_event(slug)
    answer = _feed(single_event(event, site=context.site()), CALENDAR, event.updated_at)
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
    note = f" {booking_note(event, locale)}".rstrip()
    _add(entry, "summary", f"{day}, {when}. {reason}{event.summary}{note}")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = NOT_IN_XML.sub("", text)


def _latest(events: list[Event]) -> datetime:
    return max((event.updated_at for event in events), default=LONG_AGO)


def _feed(data: bytes, content_type: str, changed_at: datetime) -> Response:
    answer = Response(data, content_type=content_type)
    answer.last_modified = changed_at
    answer.headers["Cache-Control"] = "public, max-age=900"
    return answer
