"""People who book at the same moment, over real connections."""

import http.client
import itertools
import re
import threading
import time
import urllib.parse
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

PATIENCE_S = 10
Result = TypeVar("Result")


@dataclass(frozen=True)
class Answer:
    """What somebody got. `status` 0: the connection broke, so nothing was promised. `waits` counts 503s before it."""

    status: int
    location: str = ""
    retry_after: str = ""
    text: str = ""
    waits: int = 0

    @property
    def hidden(self) -> dict[str, str]:
        """Return the hidden fields of the page's forms, as its reader's browser would send them."""
        found = {}
        for tag in re.findall(r"<input[^>]*>", self.text):
            given = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
            if given.get("type") == "hidden":
                found[given["name"]] = given.get("value", "")
        return found


@dataclass(frozen=True)
class Visitor:
    """Somebody at the site on `port` who gives `email`; each request has a connection of its own."""

    port: int
    email: str
    name: str = "Cleo Hart"
    places: int = 1

    def open_form(self, slug: str) -> dict[str, str]:
        """Open the booking page of an event; returns its hidden fields, a fresh key among them."""
        answer = self.ask("GET", f"/events/{slug}/book")
        assert answer.status == 200, answer
        return answer.hidden

    def book(self, slug: str, hidden: dict[str, str]) -> Answer:
        """Send the form; a 503 is waited for and sent again, as its Retry-After asks."""
        fields = {**hidden, "name": self.name, "email": self.email, "organisation": "Friends of the River"}
        fields["places"] = str(self.places)
        waits = 0
        began = time.monotonic()
        while True:
            answer = self.ask("POST", f"/events/{slug}/book", fields)
            if answer.status != 503 or time.monotonic() - began > PATIENCE_S:
                return replace(answer, waits=waits)
            assert answer.retry_after.isdigit(), "a 503 says when to come back"
            waits += 1
            time.sleep(min(1, int(answer.retry_after)))

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        """Send one request as a browser on our own page does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
        body = urllib.parse.urlencode(fields) if fields is not None else None
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(
                answer.status,
                location=answer.getheader("Location", ""),
                retry_after=answer.getheader("Retry-After", ""),
                text=answer.read().decode(),
            )
        except (OSError, http.client.HTTPException):
            return Answer(0)
        finally:
            connection.close()


def all_at_once(acts: Sequence[Callable[[], Result]]) -> list[Result]:
    """Do every act in a thread of its own, all from one moment on; returns what they returned, in order."""
    line = threading.Barrier(len(acts))

    def start(act: Callable[[], Result]) -> Result:
        line.wait(PATIENCE_S)
        return act()

    with ThreadPoolExecutor(len(acts)) as people:
        return list(people.map(start, acts))


def rush(port: int, slug: str, emails: Sequence[str], *, parties: Sequence[int] = (1,)) -> list[Answer]:
    """Let everybody open the booking page first, then send it at one moment; `parties` are sizes, in turn."""
    sizes = itertools.cycle(parties)
    visitors = [Visitor(port, email, places=next(sizes)) for email in emails]
    with ThreadPoolExecutor(8) as people:
        forms = list(people.map(lambda visitor: visitor.open_form(slug), visitors))
    return all_at_once(
        [
            lambda visitor=visitor, form=form: visitor.book(slug, form)  # type: ignore[misc]
            for visitor, form in zip(visitors, forms, strict=True)
        ]
    )


def addresses(count: int) -> list[str]:
    """Return as many different addresses."""
    return [f"guest{number}@example.net" for number in range(count)]
