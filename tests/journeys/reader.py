"""Somebody with a browser and no scripts: opens pages, fills in the forms that stand there, presses send."""

from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import urljoin

from flask.testing import FlaskClient
from icalendar import Calendar, Event
from werkzeug.test import TestResponse

from tests.pages import Form, Page


@dataclass
class Reader:
    """Wraps a client; every address is a path of the site."""

    client: FlaskClient

    def open(self, path: str, status: int = 200) -> Page:
        """Open a page."""
        answer = self.client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        return Page(answer)

    def send(self, path: str, *, to: str = "", status: int = 303, **fields: str) -> TestResponse:
        """Open a page, fill in its form (the one that goes to `to`, or that has all the fields) and send it."""
        typed = {name.replace("__", "-"): value for name, value in fields.items()}
        form, where = self.find_form(path, to, set(typed))
        answer = self.client.post(
            where,
            data={**form.values, **typed},
            headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        )
        assert answer.status_code == status, f"{where}: {answer.status_code}\n{Page(answer).text[:2000]}"
        return answer

    def find_form(self, path: str, to: str, names: set[str]) -> tuple[Form, str]:
        """Return the form of a page, and where it goes."""
        page = self.open(path)
        for form in page.forms:
            where = urljoin(path, form.action or path)
            if form.method == "post" and names <= set(form.kinds) and (where.endswith(to) if to else names):
                return form, where
        raise AssertionError(f"{path} has no form to {to!r} with {names}: {[f.kinds for f in page.forms]}")

    def link(self, path: str, part: str) -> str:
        """Return the first link of a page whose address holds a part."""
        links = [link.get("href") or "" for link in self.open(path).tree.iter("a")]
        return next(link for link in links if part in link)


def calendar_part(mail: EmailMessage | None) -> tuple[str, Event]:
    """Return the method and the event of a mail's calendar part."""
    assert mail is not None
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    return str(calendar["METHOD"]), next(each for each in calendar.walk("VEVENT"))


def words_of_mail(mail: EmailMessage | None) -> str:
    """Return the plain text of a mail."""
    assert mail is not None
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage | None, start: str) -> str:
    """Return the shortest address in a mail that begins with a path of the site, as a path."""
    whole = f"http://localhost{start}"
    found = [word for word in words_of_mail(mail).split() if word.startswith(whole)]
    assert found, f"no link to {start} in:\n{words_of_mail(mail)}"
    return min(found, key=len).removeprefix("http://localhost")
