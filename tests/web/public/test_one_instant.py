"""One instant on the page, in the mail, in calendar files, the feed and links for calendars on the web (3.3, 8)."""

import html
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engage.events.details import EventDetails
from engage.events.services import create_event, publish_event
from engage.kernel.when import date_in_words, local_time, short_when, time_words
from tests.calendars.readers import READERS, Entry
from tests.calendars.test_time_matrix import ZONES, moments
from tests.conftest import TEST_BEGINS, SentMail
from tests.factories import make_booking
from tests.flows.life import calendar_part

Unit = Callable[[], AbstractContextManager[Session]]
LASTS = timedelta(minutes=10)  # so that each hour that comes twice holds both ends
Outbox = Callable[[], list[SentMail]]
TIMES = re.compile(r'<time datetime="([^"]+)" data-local-time data-until="([^"]+)"[^>]*>([^<]*)</time>')
pytestmark = [pytest.mark.usefixtures("clock"), pytest.mark.parametrize("database_kind", ["sqlite"])]


def slug_of(occasion: str, zone_name: str) -> str:
    """Return an address that no other test has: what is stored of a page is found by its address."""
    return re.sub(r"[^a-z]+", "-", f"{zone_name} {occasion}".lower())


def publish(zone_name: str, app: Flask) -> None:
    """Publish an event at each moment of a zone, and book it."""
    site = app.extensions["engage"].site()
    at = TEST_BEGINS - timedelta(seconds=ZONES.index(zone_name))  # what is stored of a feed is found by its last change
    for occasion, start in moments(zone_name).items():
        local, end = local_time(start, zone_name), local_time(start + LASTS, zone_name)
        details = EventDetails(
            title=f"Soup {occasion}",
            summary="How to keep ten fingers.",
            description="",
            day=local.date(),
            start=local.time().replace(tzinfo=None, fold=0),
            end=end.time().replace(tzinfo=None, fold=0),
            fold=local.fold or end.fold,
            timezone=zone_name,
            capacity=5,
            join_url="https://meet.example.org/room",
        )
        event = create_event(details, slug=slug_of(occasion, zone_name), at=at, actor=None)
        publish_event(event.id, at=at, actor=None)
        assert event.starts_at == start
        make_booking(event, f"{slug_of(occasion, zone_name)}@example.org", site=site)


def on_web_calendars(page: str) -> set[tuple[datetime, datetime]]:
    """Return what the links of a page would put into Google's, Microsoft's and Yahoo's calendars."""
    found = set()
    for address in map(html.unescape, re.findall(r'href="(https://[^"]+)"', page)):
        values = {name: given[0] for name, given in parse_qs(urlsplit(address).query).items()}
        if "dates" in values:
            found.add(tuple(_basic(part) for part in values["dates"].split("/")))
        elif "startdt" in values:
            found.add(tuple(datetime.fromisoformat(values[name]) for name in ("startdt", "enddt")))
        elif "st" in values:
            lasts = timedelta(hours=int(values["dur"][:2]), minutes=int(values["dur"][2:]))
            found.add((_basic(values["st"]), _basic(values["st"]) + lasts))
        else:
            continue
        found.add(urlsplit(address).netloc)
    assert {each for each in found if isinstance(each, str)} == {
        *("calendar.google.com", "outlook.live.com", "outlook.office.com", "calendar.yahoo.com")
    }
    return {each for each in found if isinstance(each, tuple)}


def _basic(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _times(entries: list[Entry]) -> set[tuple[datetime, datetime]]:
    return {(entry.starts_at, entry.ends_at) for entry in entries}


@pytest.mark.parametrize("zone_name", ZONES)
def test_one_instant_wherever_it_is_written(
    zone_name: str, app: Flask, unit: Unit, client: FlaskClient, worker: Callable[..., int], outbox: Outbox
) -> None:
    with unit():
        publish(zone_name, app)
    worker()
    mails = {sent.to.partition("@")[0]: sent.mail for sent in outbox()}
    feed = client.get("/events.ics").data
    in_feed: dict[str, Any] = {
        name: {entry.title: entry for entry in read(feed)} for name, read in READERS.items() if name != "khal"
    }

    for occasion, start in moments(zone_name).items():
        end, slug = start + LASTS, slug_of(occasion, zone_name)
        page = client.get(f"/events/{slug}/").text
        (shown,) = set(TIMES.findall(page))
        assert tuple(datetime.fromisoformat(moment) for moment in shown[:2]) == (start, end), occasion
        words = time_words(start, end, zone_name)
        assert words in html.unescape(shown[2])
        assert on_web_calendars(page) == {(start, end)}, occasion

        mail = mails[slug]
        assert mail is not None
        text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
        assert f"{date_in_words(local_time(start, zone_name))}\n{words}\n" in text
        assert str(mail["Subject"]).endswith(short_when(start, zone_name))
        part = calendar_part(mail)
        assert part is not None
        for name, read in READERS.items():
            assert _times(read(part)) == {(start, end)}, (occasion, name)
            if name != "khal":
                assert _times(read(client.get(f"/events/{slug}.ics").data)) == {(start, end)}, (occasion, name)
                assert _times([in_feed[name][f"Soup {occasion}"]]) == {(start, end)}, (occasion, name)
