"""How patrols walk: addresses for each person, every page that can be reached, and the database's fingerprint."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from engage.flows.invariants import fingerprint
from engage.kernel.db import db
from tests.databases import TestDatabase
from tests.pages import Form, Page
from tests.patrols.routes import ROUTES, Route
from tests.stage import Stage

FORGED = "A" * 48
HTML = "text/html"


class Keeper:
    """Notices and undoes changes of a SQLite database."""

    def __init__(self, database: TestDatabase, app: Flask) -> None:
        """Remember the database."""
        self.path = make_url(database.url).database or ""
        self.app = app
        self.kept = sqlite3.connect(":memory:")
        self.watcher = sqlite3.connect(self.path)
        self.version = self._version()

    def fingerprint(self) -> dict[str, tuple[int, str]]:
        """Return what every table holds."""
        with self.app.app_context():
            return fingerprint()

    def keep(self) -> None:
        """Keep what is there."""
        with closing(sqlite3.connect(self.path)) as source:
            source.backup(self.kept)
        self.version = self._version()

    def has_changed(self) -> bool:
        """Tell whether anybody committed anything since `keep` or `restore`; much cheaper than a fingerprint."""
        return self._version() != self.version

    def _version(self) -> int:
        return int(self.watcher.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Let go of the files."""
        self.kept.close()
        self.watcher.close()

    def restore(self) -> None:
        """Put back what was kept."""
        with self.app.app_context():
            db.session.remove()
        with closing(sqlite3.connect(self.path, timeout=5)) as target:
            target.execute("PRAGMA synchronous=OFF")
            self.kept.backup(target)
        self.version = self._version()


def address(route: Route, stage: Stage, person: str) -> str:
    """Return the address by which a person asks a route; only attendees hold links."""
    ids = {name: str(value) for name, value in stage.ids.items()}
    tokens = stage.tokens if person == "attendee" else dict.fromkeys(stage.tokens, FORGED)
    return route.address.format_map({**ids, **stage.references, **tokens, "mail": stage.mail})


def browser(stage: Stage, person: str) -> FlaskClient:
    """Return somebody's browser; an attendee has no account, only links."""
    return stage.client("visitor" if person == "attendee" else person)


def csrf_token(client: FlaskClient) -> str:
    """Return the token of whoever is signed in, "" for a visitor."""
    found = [form.values.get("csrf_token", "") for form in Page(client.get("/account/", buffered=True)).forms]
    return found[0] if found else ""


def starts(stage: Stage, person: str) -> list[str]:
    """Return every address of the table that shows something to a person."""
    return [address(route, stage, person) for route in ROUTES if route.method == "GET" and route.answers[person] < 400]


def is_mail(here: str) -> bool:
    """Tell whether an address gives the HTML of a mail: it has a style of its own, and sample links lead nowhere."""
    return "/mails/" in here and here.endswith("/html")


def walk(stage: Stage, person: str, *, most: int = 250) -> Iterator[tuple[str, TestResponse]]:
    """Give every answer that a person reaches from the table's addresses by following links."""
    client = browser(stage, person)
    waiting, seen = ["/", *starts(stage, person)], set()
    while waiting and len(seen) < most:
        here = waiting.pop(0)
        if here in seen:
            continue
        seen.add(here)
        answer = client.get(here, buffered=True)
        yield here, answer
        if answer.mimetype == HTML and not (
            here.startswith("/dev/") or is_mail(here)
        ):  # a developer's mail holds everybody's links
            waiting += [path for path in local_links(here, answer) if path not in seen]


def local_links(here: str, answer: TestResponse) -> list[str]:
    """Return the addresses of this site that a page links to."""
    found = []
    for link in Page.of(answer).tree.iter("a"):
        target = urlsplit(urljoin(f"http://localhost{here}", link.get("href") or ""))
        if target.netloc == "localhost" and target.scheme == "http":
            found.append(target.path + (f"?{target.query}" if target.query else ""))
    return found


def forms_of(stage: Stage, person: str) -> list[tuple[str, Form]]:
    """Return every form that changes something and that a person reaches, with its address; each once."""
    found: dict[tuple[str, ...], tuple[str, Form]] = {}
    for here, answer in walk(stage, person):
        if answer.mimetype != HTML:
            continue
        for form in Page.of(answer).forms:
            if form.method == "post":
                where = urljoin(here, form.action or here)
                found.setdefault((where, *sorted(form.kinds)), (where, form))
    return list(found.values())
