"""What people do in a real browser, and the mail they find."""

import email.policy
import json
import time
import urllib.request
from email.parser import BytesParser

from playwright.sync_api import Page

from tests.factories import PASSWORD
from tests.live_server import LiveSite

LONGEST_WAIT_S = 20
EVENT = "/events/levelling-up-three-views/"
PAST = "/events/who-keeps-the-measure/"
CONSULTATION = "/consultations/levelling-up/"


def fill(page: Page, **fields: str) -> None:
    """Write into fields by name, tick boxes and choose among radio buttons and lists."""
    for name, value in fields.items():
        field = page.locator(f'[name="{name.replace("__", "-")}"]')
        kind = field.first.get_attribute("type")
        if kind == "checkbox":
            field.first.check()
        elif kind == "radio":
            page.locator(f'[name="{name}"][value="{value}"]').check()
        elif field.first.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def press(page: Page, words: str) -> None:
    """Press a button by its words and wait for the next page."""
    page.get_by_role("button", name=words, exact=True).click()
    page.wait_for_load_state()


def follow(page: Page, words: str) -> None:
    """Follow the first link with these words."""
    page.get_by_role("link", name=words, exact=True).first.click()
    page.wait_for_load_state()


def sign_in(page: Page, address: str) -> None:
    """Sign in with the sample's pass-phrase."""
    page.goto("/sign-in")
    fill(page, email=address, password=PASSWORD)
    press(page, "Sign in")


def book(page: Page, address: str, name: str = "Cleo Bell") -> None:
    """Book a place at the coming event."""
    page.goto(f"{EVENT}book")
    fill(page, name=name, email=address, organisation="Bus Users")
    press(page, "Book my place")


def wait_for_link(site: LiveSite, address: str, kind: str, start: str) -> str:
    """Return a private link of a mail, as a path, once the worker has sent it."""
    end = time.monotonic() + LONGEST_WAIT_S
    while time.monotonic() < end:
        for mail in json.loads(_read(site, "/dev/mail.json")):
            if (mail["to"], mail["kind"], mail["state"]) == (address, kind, "sent"):
                return _link(_read(site, f"/dev/mail/{mail['id']}.eml"), site.base_url + start, site.base_url)
        time.sleep(0.1)
    raise AssertionError(f"no {kind} was sent to {address}\n{site.logs()}")


def _read(site: LiveSite, path: str) -> bytes:
    with urllib.request.urlopen(site.base_url + path, timeout=10) as answer:
        return bytes(answer.read())


def _link(raw: bytes, start: str, base: str) -> str:
    body = BytesParser(policy=email.policy.default).parsebytes(raw).get_body(("plain",))
    assert body is not None
    links = [word for word in body.get_content().split() if word.startswith(start)]
    return min(links, key=len).removeprefix(base)
