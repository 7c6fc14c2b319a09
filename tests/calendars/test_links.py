"""Links that add an event or a feed to calendars on the web."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.calendars.objects.links import add_links, subscribe_links

URL = "https://events.example.org/events/knives"
START = datetime(2027, 7, 15, 16, tzinfo=UTC)
SERVICES = ["google", "outlook", "office365", "yahoo"]
BODY = {"google": "details", "outlook": "body", "office365": "body", "yahoo": "desc"}


def links(**changes: Any) -> dict[str, str]:
    values: dict[str, Any] = {
        "title": "Knives & boards + more",
        "starts_at": START,
        "ends_at": START + timedelta(hours=1),
        "timezone": "Europe/Berlin",
        "details": "How to keep\nten fingers.",
        "url": URL,
    }
    return add_links(**values | changes)


def test_the_addresses_of_the_services() -> None:
    found = links()
    assert list(found) == SERVICES
    assert found["google"] == (
        "https://calendar.google.com/calendar/render?action=TEMPLATE&text=Knives%20%26%20boards%20%2B%20more"
        "&dates=20270715T160000Z%2F20270715T170000Z&ctz=Europe%2FBerlin"
        "&details=How%20to%20keep%0Aten%20fingers.%0A%0Ahttps%3A%2F%2Fevents.example.org%2Fevents%2Fknives"
        "&location=https%3A%2F%2Fevents.example.org%2Fevents%2Fknives"
    )
    for service, host in (("outlook", "outlook.live.com"), ("office365", "outlook.office.com")):
        assert found[service].startswith(
            f"https://{host}/calendar/deeplink/compose?path=%2Fcalendar%2Faction%2Fcompose&rru=addevent"
            "&startdt=2027-07-15T16%3A00%3A00Z&enddt=2027-07-15T17%3A00%3A00Z&subject=Knives%20"
        )
    assert found["yahoo"].startswith("https://calendar.yahoo.com/?v=60&title=Knives%20")
    assert "&st=20270715T160000Z&dur=0100&" in found["yahoo"]


def test_a_long_event_ends_by_time_at_yahoo() -> None:
    assert "&dur=2359&" in links(ends_at=START + timedelta(hours=23, minutes=59))["yahoo"]
    assert "&et=20270716T160000Z&" in links(ends_at=START + timedelta(days=1))["yahoo"]


def test_a_place_is_the_location_and_the_page_stays_in_the_details() -> None:
    address = links(location="Hall 2, Mill Lane")["google"]
    assert "&location=Hall%202%2C%20Mill%20Lane" in address
    assert "events%2Fknives&" in address


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("text", ["a" * 5000, "é" * 5000, "😀" * 5000, "a b\n" * 2000])
def test_long_texts_are_cut_and_the_link_is_kept(service: str, text: str) -> None:
    address = links(title=text, details=text, location=text)[service]
    assert len(address) < 2000
    assert parse_qs(urlsplit(address).query)[BODY[service]][0].endswith(URL)


@settings(max_examples=60)
@given(st.text(st.one_of(st.characters(), st.sampled_from("&=#+%?/ \r\n\0\u2028😀א\"'<>")), max_size=300))
def test_no_text_adds_a_value(text: str) -> None:
    for service, address in links(title=f"x{text}", details=f"x{text}", location=f"x{text}").items():
        assert address.isascii()
        assert address.isprintable()
        assert not set(address) & set("+ \"'<>")
        plain = parse_qs(urlsplit(links(location="x")[service]).query)
        assert parse_qs(urlsplit(address).query, strict_parsing=True).keys() == plain.keys()


def test_links_that_subscribe() -> None:
    assert subscribe_links("https://events.example.org/events.ics", "Our events & more") == {
        "webcal": "webcal://events.example.org/events.ics",
        "google": "https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Fevents.example.org%2Fevents.ics",
        "outlook": "https://outlook.live.com/calendar/0/addfromweb"
        "?url=https%3A%2F%2Fevents.example.org%2Fevents.ics&name=Our%20events%20%26%20more",
        "office365": "https://outlook.office.com/calendar/0/addfromweb"
        "?url=https%3A%2F%2Fevents.example.org%2Fevents.ics&name=Our%20events%20%26%20more",
    }
