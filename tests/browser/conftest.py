"""A real browser: every page it opens must raise no error, and axe must find nothing."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.databases import TestDatabase
from tests.live_server import LiveSite, live_site
from tools.install_system import CHROMIUM, MISSING, find_chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
SIZES = {"phone": (375, 800), "desk": (1280, 900)}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give Chromium itself."""
    path = find_chromium()
    if path is None:
        pytest.fail(MISSING.format(packages=CHROMIUM))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def live_database(databases: Callable[[str], TestDatabase]) -> TestDatabase:
    """Give a database of the browser's own sites: no other test empties it."""
    return databases("sqlite-live")


@pytest.fixture(scope="module")
def site(live_database: TestDatabase) -> Iterator[LiveSite]:
    """Give a running site with the sample loaded; each test module has one of its own."""
    live_database.empty()
    with live_site(live_database.url, with_worker=False) as live:
        live.flask("sample", "load")
        live.start_worker()
        yield live


@pytest.fixture
def open_page(browser: Browser, site: LiveSite) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page as somebody new and watches it for errors."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def watch(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.type}: {message.text}")

    def open_one(
        path: str = "/",
        *,
        javascript: bool = True,
        size: str = "desk",
        dark: bool = False,
        locale: str = "en-GB",
    ) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=site.base_url,
            java_script_enabled=javascript,
            locale=locale,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", watch)
        page.goto(path)
        return page

    open_one.complaints = complaints  # type: ignore[attr-defined]
    yield open_one
    for context in contexts:
        context.close()
    expected = [line for line in complaints if "the server responded with a status of 4" not in line]
    assert expected == [], "a page complained in the browser's console"


@pytest.fixture(params=[True, False], ids=["js", "nojs"])
def page(request: pytest.FixtureRequest, open_page: Callable[..., Page]) -> Page:
    """Give the home page, once with and once without JavaScript."""
    return open_page(javascript=request.param)


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[..., None]:
    """Give a check that fails on any WCAG 2.2 AA violation that axe can see; `only` names single rules."""
    axe = Axe()

    def check(page: Page, *, only: tuple[str, ...] = ()) -> None:
        options = {"runOnly": {"type": "rule", "values": list(only)}} if only else AXE
        found = axe.run(page, options=options)
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"

    return check
