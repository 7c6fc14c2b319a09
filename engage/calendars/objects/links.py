"""Addresses that add an event, or a feed, to calendars on the web.

An event added this way cannot be changed later; an invitation can.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from engage.kernel.text import clean

LONGEST = 1990  # some programs cut an address at 2,000 characters
OUTLOOK = "https://outlook.live.com/calendar/deeplink/compose"
OFFICE = "https://outlook.office.com/calendar/deeplink/compose"


def add_links(
    *,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    timezone: str,
    details: str,
    url: str,
    location: str = "",
) -> dict[str, str]:
    """Return links by service: google, outlook, office365, yahoo. All times are UTC; long details are cut.

    `details` is plain text; `url`, the event's public page, is put below it and always kept.
    """
    start, end = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    place = clean(location, limit=100) or url

    def google(title: str, body: str) -> str:
        return _address(
            "https://calendar.google.com/calendar/render",
            action="TEMPLATE",
            text=title,
            dates=f"{_basic(start)}/{_basic(end)}",
            ctz=timezone,
            details=body,
            location=place,
        )

    def microsoft(base: str) -> Callable[[str, str], str]:
        return lambda title, body: _address(
            base,
            path="/calendar/action/compose",
            rru="addevent",
            startdt=f"{start:%Y-%m-%dT%H:%M:%SZ}",
            enddt=f"{end:%Y-%m-%dT%H:%M:%SZ}",
            subject=title,
            body=body,
            location=place,
        )

    def yahoo(title: str, body: str) -> str:
        length = end - start
        if length < timedelta(days=1):
            until = {"dur": f"{length.seconds // 3600:02}{length.seconds // 60 % 60:02}"}
        else:
            until = {"et": _basic(end)}
        return _address(
            "https://calendar.yahoo.com/",
            v="60",
            title=title,
            st=_basic(start),
            **until,
            desc=body,
            in_loc=place,
        )

    services = {
        "google": google,
        "outlook": microsoft(OUTLOOK),
        "office365": microsoft(OFFICE),
        "yahoo": yahoo,
    }
    return {name: _short_enough(build, title, details, url) for name, build in services.items()}


def subscribe_links(feed_url: str, name: str) -> dict[str, str]:
    """Return links that subscribe to a feed: webcal (Apple and others), google, outlook, office365."""
    webcal = "webcal://" + feed_url.partition("://")[2]
    return {
        "webcal": webcal,
        "google": _address("https://calendar.google.com/calendar/r", cid=webcal),
        "outlook": _address("https://outlook.live.com/calendar/0/addfromweb", url=feed_url, name=name),
        "office365": _address("https://outlook.office.com/calendar/0/addfromweb", url=feed_url, name=name),
    }


def _address(base: str, **values: str) -> str:
    """Return an address whose values are quoted with %20: some services show a plus sign as it is."""
    return f"{base}?{urlencode(values, quote_via=quote, safe='')}"


def _basic(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _short_enough(build: Callable[[str, str], str], title: str, details: str, url: str) -> str:
    """Cut the details first and the title last; one character can take twelve in an address."""
    title, details = clean(title, limit=200), clean(details, multiline=True, limit=1000)
    while len(address := build(title, f"{details}\n\n{url}" if details else url)) > LONGEST:
        if details:
            details = clean(details, multiline=True, limit=len(details) * 3 // 4)
        elif title:
            title = clean(title, limit=len(title) * 3 // 4)
        else:
            break
    return address
