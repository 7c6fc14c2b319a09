"""The loop by hand in a real browser, with and without JavaScript (R40)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engage.kernel import clock
from tests.browser.acting import CONSULTATION, EVENT, PAST, book, fill, follow, press, sign_in, wait_for_link
from tests.live_server import LiveSite

Open = Callable[..., Page]
pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["js", "nojs"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """Give each test twice: with scripts and without."""
    return bool(request.param)


def heading(page: Page) -> str:
    """Return the words of the page's h1."""
    return page.locator("h1").inner_text()


def test_somebody_books_and_gives_the_place_back(site: LiveSite, open_page: Open, javascript: bool) -> None:
    address = f"cleo-{javascript}@example.org".lower()
    page = open_page("/", javascript=javascript)
    page.locator(f'a[href="{EVENT}"]').first.click()
    page.locator(f'a[href="{EVENT}book"]').first.click()
    fill(page, name="Cleo Bell", email=address, organisation="Bus Users")
    press(page, "Book my place")
    expect(page.locator("h1")).to_contain_text("You’re booked")

    page.goto(wait_for_link(site, address, "invitation", "/bookings/"))
    expect(page.locator("main")).to_contain_text("Three", ignore_case=True)
    page.locator('a[href$="/cancel"]').first.click()
    press(page, "Yes, cancel my booking")

    expect(page.locator("main")).to_contain_text("cancelled")


def test_a_mistake_in_the_form_is_pointed_at_and_nothing_is_lost(open_page: Open, javascript: bool) -> None:
    page = open_page(f"{EVENT}book", javascript=javascript, size="phone")
    fill(page, name="Cleo Bell", email="not an address")
    press(page, "Book my place")

    assert page.locator('[name="name"]').input_value() == "Cleo Bell"
    assert page.locator('[name="email"]').input_value() == "not an address"
    expect(page.locator('[name="email"]')).to_have_attribute("aria-invalid", "true")
    page.locator(".error-summary a").first.click()
    assert page.evaluate("document.activeElement.name") == "email"


def test_a_visitor_answers_and_takes_it_back(open_page: Open, javascript: bool) -> None:
    page = open_page(f"{CONSULTATION}respond", javascript=javascript)
    fill(page, answer__1="Buses after nine.", attribution="anonymous", publish="yes")
    press(page, "Send my answers")
    assert "/receipts/" in page.url
    expect(page.locator("main")).to_contain_text("Buses after nine.")

    page.locator('a[href*="/withdraw"]').last.click()
    page.locator("main form button").first.click()
    page.wait_for_load_state()

    expect(page.locator("main")).to_contain_text("back")


def test_a_member_comments_and_an_organiser_publishes_it(open_page: Open, javascript: bool) -> None:
    words = f"The map helped, {javascript}."
    member = open_page("/", javascript=javascript)
    sign_in(member, "dev@example.org")
    member.goto(f"{PAST}comments/")
    fill(member, body=words, attribution="named", display_name="Dev", publish="yes")
    press(member, "Send my comment")
    assert "/receipts/" in member.url

    organiser = open_page("/", javascript=javascript)
    sign_in(organiser, "asha@example.org")
    organiser.goto("/organise/responses/")
    item = organiser.locator("li", has_text=words).last
    item.locator('a[href^="/organise/responses/"]').first.click()
    fill(organiser, action="publish")
    press(organiser, "Save my decision")
    expect(organiser.locator("main")).not_to_contain_text(words)

    reader = open_page(f"{PAST}comments/", javascript=javascript)
    expect(reader.locator("main")).to_contain_text(words)


def test_an_organiser_makes_and_publishes_an_event(open_page: Open, javascript: bool) -> None:
    title = "Meadows " + ("with" if javascript else "without") + " scripts"
    page = open_page("/", javascript=javascript)
    sign_in(page, "asha@example.org")
    page.goto("/organise/events/new")
    day = (clock.now() + timedelta(days=40)).date().isoformat()
    fill(page, title=title, summary="What farmers gain.", date=day, start_time="12:30", end_time="13:30")
    fill(page, capacity="30", join_url="https://meet.example/meadows")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    press(page, "Publish this event")

    reader = open_page("/events/", javascript=javascript)
    follow(reader, title)
    assert heading(reader) == title


def test_the_booking_button_is_reached_by_tab_and_seen(open_page: Open) -> None:
    page = open_page(EVENT)
    for _ in range(25):
        page.keyboard.press("Tab")
        address, outline = page.evaluate(
            """() => {
                const node = document.activeElement, style = getComputedStyle(node);
                return [node.getAttribute("href"), style.outlineStyle + " " + style.outlineWidth];
            }"""
        )
        assert outline.split()[0] != "none", f"{address} shows no focus: {outline}"
        if address == f"{EVENT}book":
            break
    else:
        pytest.fail("25 tabs do not reach the booking button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{EVENT}book")
    assert page.locator("main").get_by_role("button", name="Book my place").count() == 1


def test_the_same_address_sees_the_same_page(open_page: Open) -> None:
    seen = []
    for _ in range(2):
        page = open_page("/", javascript=False)
        book(page, "eve@example.org")
        seen.append((page.url, page.locator("main").inner_text()))

    assert seen[0] == seen[1]
