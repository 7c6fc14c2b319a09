"""What a request may do: reading changes nothing, and a change comes from our own pages (S10, S13, S33)."""

import email.policy
import re
from collections.abc import Callable, Iterator
from email.parser import BytesParser

import pytest
from flask import Flask

from tests.pages import faults
from tests.patrols.filling import filled
from tests.patrols.routes import ROUTES, Route
from tests.patrols.walking import HTML, Keeper, address, browser, csrf_token, forms_of
from tests.stage import Stage

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")
UNSAFE = [route for route in ROUTES if route.method not in {"GET", "HEAD", "OPTIONS"}]
FOREIGN = (
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://other.localhost"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "null"},
)
ACTORS = ("attendee", "member", "organiser")  # who reach every form between them


def welcome(route: Route) -> str:
    """Return somebody whom a route lets in."""
    kinds = ("attendee", "organiser", "member")
    return next((person for person in kinds if route.answers[person] not in {403, 404}), "organiser")


def filled_forms(stage: Stage) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Give each form that anybody reaches, filled in as it should be: person, address, fields."""
    seen = set()
    for person in ACTORS:
        for where, form in forms_of(stage, person):
            if (where, *form.kinds) not in seen:
                seen.add((where, *form.kinds))
                yield person, where, filled(form, where)


def test_reading_changes_nothing(stage: Stage, keeper: Keeper) -> None:
    before = keeper.fingerprint()
    for person in ("visitor", "attendee", "organiser"):
        client = browser(stage, person)
        at_work = keeper.fingerprint()
        for route in ROUTES:
            for method in ("GET", "HEAD", "OPTIONS"):
                client.open(address(route, stage, person), method=method, buffered=True)
        now = keeper.fingerprint()
        changed = {table for table, held in now.items() if at_work[table] != held}
        # That somebody took the file of bookings is noted (S37).
        assert changed <= ({"audit_entry"} if person == "organiser" else set()), person
    changed = {table for table, held in keeper.fingerprint().items() if before[table] != held}

    assert changed <= {"session_record", "audit_entry"}  # of the sign-in that this test makes


def test_every_link_in_a_mail_opens_and_changes_nothing(stage: Stage, keeper: Keeper) -> None:
    client = browser(stage, "visitor")
    keeper.keep()
    opened: dict[str, int] = {}
    for mail in client.get("/dev/mail.json").get_json():
        raw = client.get(f"/dev/mail/{mail['id']}.eml").data
        body = BytesParser(policy=email.policy.default).parsebytes(raw).get_body(("plain",))
        assert body is not None
        for link in re.findall(r"http://localhost(/\S*)", body.get_content()):
            answer = client.get(link.rstrip(".,)"), buffered=True)
            asks_who = answer.status_code == 303 and answer.location.startswith("/sign-in")  # organisers' mails
            opened[link.rstrip(".,)")] = 200 if asks_who else answer.status_code

    assert len(opened) > 8
    assert {link: status for link, status in opened.items() if status not in {200, 409}} == {}
    assert not keeper.has_changed()


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_form_of_another_site_does_nothing(stage: Stage, keeper: Keeper, headers: dict[str, str]) -> None:
    clients = {person: browser(stage, person) for person in ACTORS}
    tokens = {person: csrf_token(client) for person, client in clients.items()}
    before = keeper.fingerprint()
    answers = {}
    for route in UNSAFE:
        person = welcome(route)
        answer = clients[person].open(
            address(route, stage, person),
            method=route.method,
            headers=headers,
            data={"csrf_token": tokens[person]} if tokens[person] else {},
        )
        answers[f"{route.method} {route.rule}"] = answer.status_code

    assert {what: status for what, status in answers.items() if status != 403} == {}
    assert keeper.fingerprint() == before


def test_every_form_does_its_work_from_our_own_page_and_not_without_its_token(stage: Stage, keeper: Keeper) -> None:
    forms = list(filled_forms(stage))
    wrong = {}
    for person, where, fields in forms:
        client = browser(stage, person)
        token = csrf_token(client)
        keeper.keep()
        before = keeper.fingerprint()
        if "csrf_token" in fields:
            for worth in ("", "forged" + token[6:]):
                refused = client.post(where, data={**fields, "csrf_token": worth})
                if refused.status_code not in {403, 422} or keeper.fingerprint() != before:
                    wrong[f"{where} with the token {worth[:6]!r}"] = refused.status_code
            fields["csrf_token"] = token
        done = client.post(where, data=fields, headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"})
        if done.status_code not in {200, 303}:
            wrong[where] = f"{done.status_code} with {fields}"
        keeper.restore()

    assert len(forms) > 5
    assert wrong == {}


def test_methods_that_a_route_does_not_know_are_refused(stage: Stage, app: Flask) -> None:
    known: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        known.setdefault(rule.rule, set()).update(rule.methods or ())
    client = stage.client()
    answers = {}
    for route in ROUTES:
        for method in set(METHODS) - known[route.rule]:
            answer = client.open(address(route, stage, "visitor"), method=method, buffered=True)
            answers[f"{method} {route.address}"] = answer.status_code

    assert {what: status for what, status in answers.items() if status != 405} == {}


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:80", "[::2]", "localhost@evil.example"]
)
def test_an_unknown_host_is_refused(stage: Stage, host: str) -> None:
    answer = stage.client().get("/privacy", headers={"Host": host})

    assert answer.status_code == 400
    assert "evil.example" not in answer.text
    if answer.mimetype == HTML:
        assert faults(answer) == []


def test_with_https_only_the_https_origin_is_our_own(make_app: Callable[..., Flask]) -> None:
    client = make_app(BASE_URL="https://localhost").test_client()
    answers = {
        origin: client.post("/sign-in", base_url="https://localhost", headers={"Origin": origin}).status_code
        for origin in ("https://localhost", "http://localhost", "null", "https://localhost:444")
    }

    assert answers == {"https://localhost": 422, "http://localhost": 403, "null": 403, "https://localhost:444": 403}
    page = client.get("/sign-in", base_url="https://localhost")
    assert "max-age" in page.headers["Strict-Transport-Security"]
