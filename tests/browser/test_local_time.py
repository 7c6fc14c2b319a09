"""The reader's own time beside the event's, added by a small module where it differs."""

import pytest
from playwright.sync_api import Browser

from config import ROOT

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><p><time datetime="2026-10-01T22:30+01:00" data-local-time
data-until="2026-10-01T23:15+01:00" data-same-day="Your time: {start} to {end} ({zone})"
data-other-day="Your time: {start} to {end} on {day} ({zone})">10:30pm to 11:15pm</time></p></html>"""


def words_in(browser: Browser, zone: str) -> str:
    context = browser.new_context(timezone_id=zone, locale="en-GB")
    try:
        page = context.new_page()
        page.set_content(PAGE)
        page.add_script_tag(path=ROOT / "static" / "js" / "local-time.js", type="module")
        return page.inner_text("body")
    finally:
        context.close()


def test_reader_in_the_zone_of_the_event_is_told_nothing_twice(browser: Browser) -> None:
    assert words_in(browser, "Europe/London") == "10:30pm to 11:15pm"


def test_reader_elsewhere_on_the_same_day_is_told_the_hour(browser: Browser) -> None:
    assert words_in(browser, "America/Toronto").endswith("Your time: 5:30pm to 6:15pm (Toronto)")


def test_reader_elsewhere_on_another_day_is_told_the_day(browser: Browser) -> None:
    assert words_in(browser, "Asia/Tokyo").endswith("Your time: 6:30am to 7:15am on Friday 2 October (Tokyo)")
