"""Every page that anybody reaches is whole, labelled, and asks nothing of other sites (S3, S4, S38, P22, P27)."""

import pytest
from werkzeug.test import TestResponse

from tests.pages import Page, faults
from tests.patrols.routes import PEOPLE
from tests.patrols.walking import HTML, is_mail, walk
from tests.stage import CLEO, MEMBERS, Stage

PRIVATE = ("/bookings/", "/join/", "/receipts/", "/account/", "/organise/")
# Addresses of the cast, and where people meet (S23, P21).
SECRETS = (CLEO, "gia@example.org", *(address for address, _ in MEMBERS.values()), "meet.example")
WALKERS = [person for person in PEOPLE if person not in {"analyst", "access_lead"}]  # who see what members see


def faults_for(here: str, answer: TestResponse, person: str) -> list[str]:
    """Return what is wrong with an answer that a person reached by following links."""
    if answer.status_code >= 400:
        return [f"a link leads to {answer.status_code}"]
    found = []
    if answer.status_code == 200 and answer.mimetype == HTML and not is_mail(here):
        found = faults(answer)
    signed_in = person not in {"visitor", "attendee"} and answer.mimetype == HTML
    private = here.startswith(PRIVATE) or "pass=" in here or signed_in
    if private and "no-store" not in answer.headers["Cache-Control"]:
        found.append("a page for one person alone may be stored")
    if person in {"visitor", "attendee"} and "Set-Cookie" in answer.headers:
        found.append("sets a cookie for somebody who is not signed in")
    if person == "visitor" and not here.startswith("/dev/"):
        found += [f"tells a stranger {secret}" for secret in SECRETS if secret in answer.text]
    if "@" in here or (answer.mimetype == HTML and "@" in Page.of(answer).title):
        found.append("an address stands in the page's address or title")
    return found


@pytest.mark.parametrize("person", WALKERS)
def test_every_page_that_somebody_reaches_is_whole(stage: Stage, person: str) -> None:
    wrong = {here: found for here, answer in walk(stage, person) if (found := faults_for(here, answer, person))}

    assert wrong == {}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/no-such-page", 404),
        ("GET", "/events/no-such-event/", 404),
        ("GET", "/bookings/" + "A" * 48 + "/", 404),
        ("GET", "/sign-out", 405),
        ("POST", "/privacy", 405),
    ],
)
def test_error_pages_are_whole_too(stage: Stage, method: str, path: str, status: int) -> None:
    answer = stage.client().open(path, method=method)

    assert answer.status_code == status
    assert faults(answer) == []
