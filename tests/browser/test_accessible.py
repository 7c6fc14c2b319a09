"""Axe on every page, on a phone and on a desk, light and dark; nothing is wider than the phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.acting import CONSULTATION, EVENT, PAST, book, fill, press, sign_in, wait_for_link
from tests.browser.conftest import SIZES
from tests.live_server import LiveSite

Open = Callable[..., Page]
Check = Callable[..., None]
pytestmark = pytest.mark.browser

PUBLIC = (
    "/",
    "/events/",
    EVENT,
    PAST,
    f"{EVENT}book",
    f"{EVENT}booked?result=place",
    f"{PAST}comments/",
    "/consultations/",
    CONSULTATION,
    f"{CONSULTATION}questions/4/",
    f"{CONSULTATION}respond",
    "/sign-in",
    "/privacy",
    "/accessibility",
    "/no-such-page",
)
DESK = (
    "/organise/",
    "/organise/events/",
    "/organise/events/new",
    f"/organise{EVENT}",
    f"/organise{EVENT}edit",
    f"/organise{EVENT}speakers",
    f"/organise{EVENT}questions",
    f"/organise{EVENT}mails",
    f"/organise{EVENT}bookings",
    f"/organise{EVENT}cancel",
    f"/organise{PAST}",
    "/organise/consultations/",
    f"/organise{CONSULTATION}",
    "/organise/responses/",
    "/account/",
    "/account/responses",
)


def look_at(page: Page, check: Check) -> None:
    """Check the page that is open in each size and in both colour schemes."""
    for size in SIZES.values():
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme="light")
        check(page)
        page.emulate_media(color_scheme="dark")
        check(page, only=("color-contrast",))  # the only thing that differs
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0], f"{page.url} is {wide} px wide on a screen of {size[0]}"


def test_public_pages(open_page: Open, assert_accessible: Check) -> None:
    page = open_page("/")
    for path in PUBLIC:
        page.goto(path)
        look_at(page, assert_accessible)


def test_the_organisers_desk(open_page: Open, assert_accessible: Check) -> None:
    page = open_page("/")
    sign_in(page, "asha@example.org")
    for path in DESK:
        page.goto(path)
        look_at(page, assert_accessible)
    page.goto("/organise/responses/?state=published")
    link = page.locator("#queue .button-row a").first
    address = link.get_attribute("href")
    link.click()
    page.locator("#queue form[data-decision]").wait_for()  # in the list itself
    look_at(page, assert_accessible)
    page.goto(str(address))
    look_at(page, assert_accessible)


def test_private_pages(site: LiveSite, open_page: Open, assert_accessible: Check) -> None:
    page = open_page("/")
    book(page, "gwen@example.org")
    private = wait_for_link(site, "gwen@example.org", "invitation", "/bookings/")
    join = wait_for_link(site, "gwen@example.org", "invitation", "/join/")
    for path in (private, f"{private}cancel", join, f"{private}comment"):
        page.goto(path)
        look_at(page, assert_accessible)
    page.goto(f"{CONSULTATION}respond")
    fill(page, answer__2="More buses.", attribution="pseudonym", display_name="A rider")
    press(page, "Send my answers")
    look_at(page, assert_accessible)


def test_a_form_that_was_refused(open_page: Open, assert_accessible: Check) -> None:
    page = open_page(f"{EVENT}book")
    press(page, "Book my place")

    look_at(page, assert_accessible)


def test_the_checks_see_what_is_wrong(open_page: Open, assert_accessible: Check) -> None:
    page = open_page("/privacy")
    page.evaluate("document.querySelector('h1').style.color = 'rgb(200, 200, 200)'")
    with pytest.raises(AssertionError, match="color-contrast"):
        assert_accessible(page, only=("color-contrast",))
    page.evaluate("document.querySelector('h1').innerHTML = '<img src=\"/static/favicon.svg\">'")
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page)
