"""Whatever somebody types stands there literally, decoded once, wherever it is shown (S1, S2, S6, S8, S9)."""

import csv
import email.policy
import io
import re
from collections.abc import Callable
from email.parser import BytesParser
from xml.etree import ElementTree

import pytest
import time_machine
from flask import Flask
from icalendar import Calendar

from tests.pages import Page, words_of
from tests.patrols.walking import HTML, browser, walk
from tests.stage import Stage, Unit, Words, set_stage

MARK = "planted"
# The mark alone in an element or an attribute would show that something was read as HTML or as a template.
LITERAL = f"""=1+1 "<b id={MARK}>" '><img src=x onerror={MARK}> &amp;lt; {{{{ 7*7 }}}} %(name)s"""
MARKDOWN = (
    f"""<b id={MARK}>bold</b> <script>{MARK}</script> [a](javascript:{MARK}) ![b](http://evil.example/{MARK}.png)"""
)
PEOPLE = ("visitor", "attendee", "member", "organiser")


@pytest.fixture
def hostile(clock: time_machine.Traveller, app: Flask, unit: Unit, worker: Callable[..., int]) -> Stage:
    """Give a stage on which every text tries to be more than a text."""
    words = Words(title=LITERAL, text=MARKDOWN, name=LITERAL, organisation=LITERAL, said=LITERAL)
    made = set_stage(app, unit, words)
    worker()
    return made


def planted(page: Page) -> list[str]:
    """Return every element that a text of somebody's has become."""
    found = []
    for node in page.tree.iter():
        if not isinstance(node.tag, str):
            continue
        address = " ".join(node.get(name) or "" for name in ("href", "src", "action"))
        if node.get("id") == MARK or "onerror" in node.attrib or "javascript:" in address or node.get("src") == "x":
            found.append(f"{node.tag} {dict(node.attrib)}")
        if node.tag in {"script", "style"} and MARK in (node.text or ""):
            found.append(f"{node.tag} with text")
        if node.tag == "img" and "evil.example" in address:
            found.append("a picture of another site")
    return found


def torn(page: Page) -> list[str]:
    """Return texts and attributes that hold a literal text changed: escaped twice, decoded twice, evaluated."""
    texts = [page.title, page.text]
    for node in page.tree.iter():
        texts += [value for name, value in node.attrib.items() if name not in {"href", "action"}]
    starts = LITERAL.split(maxsplit=1)[0]
    return [
        text[found.start() : found.start() + 120]
        for text in texts
        for found in re.finditer(re.escape(starts), text)
        if not text[found.start() :].startswith(LITERAL)
    ]


@pytest.mark.parametrize("person", PEOPLE)
def test_no_page_reads_a_text_as_anything_else(hostile: Stage, person: str) -> None:
    wrong, shown = {}, 0
    for here, answer in walk(hostile, person):
        if answer.mimetype != HTML:
            continue
        page = Page.of(answer)
        shown += LITERAL in page.text
        # A greeting in a mail leaves out what looks like a link; what came in stands there with its lines folded.
        mail = here.startswith(("/dev/", "/organise/messages/received/"))
        if found := planted(page) + ([] if mail else torn(page)):
            wrong[here] = found

    assert shown > 3
    assert wrong == {}


def test_mails_hold_the_texts_as_texts(hostile: Stage) -> None:
    client = browser(hostile, "visitor")
    listed = client.get("/dev/mail.json").get_json()
    assert {mail["state"] for mail in listed} == {"sent"}
    for mail in listed:
        parsed = BytesParser(policy=email.policy.default).parsebytes(client.get(f"/dev/mail/{mail['id']}.eml").data)
        assert len(parsed.get_all("To")) == 1
        assert parsed["Bcc"] is None
        html = parsed.get_body(("html",))
        assert html is not None
        assert planted(Page(_Answer(html.get_content()))) == []


class _Answer:
    """An HTML text in the place of an answer."""

    def __init__(self, text: str) -> None:
        self.text = text


def test_calendars_hold_the_texts_as_texts(hostile: Stage) -> None:
    feed = browser(hostile, "visitor").get("/events.ics").data
    titles = {str(event["SUMMARY"]).removeprefix("Cancelled: ") for event in Calendar.from_ical(feed).walk("VEVENT")}

    assert titles == {LITERAL}
    assert all(len(line) <= 75 for line in feed.split(b"\r\n"))


def test_the_news_feed_holds_the_texts_as_texts(hostile: Stage) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    tree = ElementTree.fromstring(browser(hostile, "visitor").get("/events.atom").data)
    entries = list(tree.iter(f"{atom}entry"))

    assert entries
    assert {words_of(entry.find(f"{atom}title")).removeprefix("Cancelled: ") for entry in entries} == {LITERAL}


def test_the_file_of_bookings_holds_no_formula(hostile: Stage) -> None:
    text = browser(hostile, "organiser").get("/organise/events/coming-event/bookings.csv").text
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]

    assert f"'{LITERAL}" in cells
    assert [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))] == []
