"""Signing in and out."""

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from statistics import median

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.accounts.models import SessionRecord
from engage.accounts.services import disable_person
from engage.audit.models import AuditEntry
from engage.kernel import clock
from tests.factories import PASSWORD, hidden, make_person, sign_in

Unit = Callable[[], AbstractContextManager[Session]]
WRONG = "three loud geese at dawn"


@pytest.fixture
def asha(unit: Unit) -> str:
    with unit():
        return make_person("asha@example.org", "organiser").email


def session_cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("engage")
    assert cookie is not None
    return cookie.value


def without_key(page: str) -> str:
    return re.sub(r'name="submission_key"[^>]*value="[^"]*"', "", page)


def test_sign_in_leads_to_the_account_and_notes_it(client: FlaskClient, asha: str, unit: Unit) -> None:
    answer = sign_in(client, asha)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/")
    assert "asha@example.org" in client.get("/account/").text
    with unit() as session:
        assert session.scalar(select(AuditEntry.act).where(AuditEntry.actor.is_not(None))) == "accounts:session:started"


def test_the_cookie_holds_a_session_and_nothing_about_the_person(client: FlaskClient, asha: str) -> None:
    answer = sign_in(client, asha)
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("engage="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    with client.session_transaction() as kept:
        assert set(kept) - {"csrf_token"} == {"_permanent", "_user_id", "_fresh"}


def test_with_https_the_cookie_is_secure_and_tied_to_this_host(make_app: Callable[..., Flask], asha: str) -> None:
    app = make_app(BASE_URL="https://localhost")
    client = app.test_client()
    answer = sign_in(client, asha, base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-engage=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize("wanted", ["/organise/", "/organise/events/?page=2"])
def test_sign_in_leads_to_the_page_that_asked_for_it(client: FlaskClient, asha: str, wanted: str) -> None:
    assert sign_in(client, asha, next=wanted).headers["Location"] == wanted


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example/", "javascript:alert(1)"]
)
def test_sign_in_never_leads_to_another_site(client: FlaskClient, asha: str, wanted: str) -> None:
    page = client.get("/sign-in", query_string={"next": wanted})
    assert page.status_code == 200
    assert "evil.example" not in page.text
    assert sign_in(client, asha, next=wanted).headers["Location"] == "/account/"


def test_somebody_signed_in_is_led_on_at_once(client: FlaskClient, asha: str) -> None:
    sign_in(client, asha)
    answer = client.get("/sign-in?next=/organise/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/organise/")


def test_unknown_and_known_addresses_are_refused_alike(
    client: FlaskClient, asha: str, unit: Unit, clock: time_machine.Traveller
) -> None:
    with unit():
        make_person("gone@example.org")
        disable_person("gone@example.org", at=_now())

    def refused(email: str, password: str = WRONG) -> TestResponse:
        return sign_in(client, email, password)

    answers = [
        refused(asha),
        refused("nobody@example.org"),
        refused("gone@example.org", PASSWORD),
        refused("no address"),
    ]
    assert {answer.status_code for answer in answers} == {422}
    bodies = {
        without_key(answer.text).replace(email, "")
        for answer, email in zip(answers, [asha, "nobody@example.org", "gone@example.org", "no address"], strict=True)
    }
    assert len(bodies) == 1
    assert "do not belong together" in bodies.pop()
    headers = [[(name, value) for name, value in answer.headers if name != "Content-Length"] for answer in answers]
    assert all(each == headers[0] for each in headers)  # the length is that of the address typed


def test_unknown_and_known_addresses_take_the_same_time(client: FlaskClient, asha: str) -> None:
    def took(email: str) -> float:
        began = time.perf_counter()
        sign_in(client, email, WRONG)
        return time.perf_counter() - began

    pairs = [(took(asha), took("nobody@example.org")) for _ in range(9)]
    known, unknown = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    assert 0.5 < known / unknown < 2  # without the hash for nobody the unknown one is about five times as fast


def test_a_refusal_keeps_the_address_and_not_the_password(client: FlaskClient, asha: str, unit: Unit) -> None:
    answer = sign_in(client, asha, WRONG)
    assert f'value="{asha}"' in answer.text
    assert WRONG not in answer.text
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(SessionRecord)) == 0
        refused = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "accounts:session:refused")
        assert session.scalar(refused) == 1


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", ""),
        ("a" * 300, "x"),
        ("asha@example.org\r\nBcc: x@y.example", "x"),
        ("\x00\ud83d", "\x00"),
        ("a@b", "x" * 5000),
    ],
)
def test_odd_input_is_refused_with_a_page(client: FlaskClient, email: str, password: str) -> None:
    answer = client.post(
        "/sign-in",
        data={"email": email.encode("utf-8", "replace"), "password": password, **hidden(client.get("/sign-in"))},
    )
    assert answer.status_code == 422
    assert "error-summary" in answer.text


def test_ten_tries_in_five_minutes_are_enough_for_an_account(
    make_app: Callable[..., Flask], asha: str, clock: time_machine.Traveller
) -> None:
    app = make_app(LIMITS="sign-in=10/5min per account")
    statuses = [sign_in(app.test_client(), asha, WRONG).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    late = sign_in(app.test_client(), "Asha@Example.org")
    assert late.status_code == 429
    assert 0 < int(late.headers["Retry-After"]) <= 300
    assert 'value="Asha@Example.org"' in late.text
    assert sign_in(app.test_client(), "nobody@example.org", WRONG).status_code == 422
    clock.shift(timedelta(minutes=6))
    assert sign_in(app.test_client(), asha).status_code == 303


def test_sign_in_gives_a_new_session_and_forgets_the_old_cookie(app: Flask, asha: str) -> None:
    client = app.test_client()
    sign_in(client, asha)
    with client.session_transaction() as kept:
        before = kept["_user_id"]
        kept["planted"] = "by somebody else"
    other = app.test_client()
    other.set_cookie("engage", session_cookie(client))
    form = hidden(app.test_client().get("/sign-in"))
    other.post("/sign-in", data={**form, "email": asha, "password": PASSWORD})
    with other.session_transaction() as kept:
        assert "planted" not in kept
        assert kept["_user_id"] != before


def test_signing_out_ends_the_session_for_a_copied_cookie_too(app: Flask, asha: str) -> None:
    client, thief, elsewhere = app.test_client(), app.test_client(), app.test_client()
    sign_in(client, asha)
    sign_in(elsewhere, asha)
    thief.set_cookie("engage", session_cookie(client))
    assert thief.get("/account/").status_code == 200

    answer = client.post("/sign-out", data={"csrf_token": hidden(client.get("/account/"))["csrf_token"]})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert client.get("/account/").status_code == 303
    assert thief.get("/account/").headers["Location"] == "/sign-in?next=/account/"
    assert elsewhere.get("/account/").status_code == 200


def test_signing_out_needs_the_token_of_the_page(client: FlaskClient, asha: str) -> None:
    sign_in(client, asha)
    assert client.post("/sign-out").status_code == 403
    assert client.post("/sign-out", data={"csrf_token": "x"}).status_code == 403
    assert client.get("/sign-out").status_code == 405
    assert client.get("/account/").status_code == 200


def test_disabling_a_person_ends_their_session_at_once(client: FlaskClient, asha: str, unit: Unit) -> None:
    sign_in(client, asha)
    with unit():
        disable_person(asha, at=_now())
    assert client.get("/account/").status_code == 303


def test_a_session_ends_after_eight_hours_without_a_page_and_after_seven_days(
    client: FlaskClient, asha: str, clock: time_machine.Traveller
) -> None:
    sign_in(client, asha)
    for _ in range(23):
        clock.shift(timedelta(hours=7))
        assert client.get("/account/").status_code == 200
    clock.shift(timedelta(hours=7))  # seven days and an hour after sign-in
    assert client.get("/account/").status_code == 303
    sign_in(client, asha)
    clock.shift(timedelta(hours=8, minutes=1))
    assert client.get("/account/").status_code == 303


def test_a_forged_cookie_opens_nothing(client: FlaskClient, asha: str) -> None:
    sign_in(client, asha)
    with client.session_transaction() as kept:
        kept["_user_id"] = "not-a-session"
    assert client.get("/account/").status_code == 303
    client.set_cookie("engage", "made.up.altogether")
    assert client.get("/account/").status_code == 303


def test_pages_behind_sign_in_are_stored_nowhere(client: FlaskClient, asha: str) -> None:
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    sign_in(client, asha)
    for page in ("/account/", "/", "/events/", "/events.ics", "/healthz"):  # a feed's answer renews the cookie too
        assert client.get(page).headers["Cache-Control"] == "no-store"


def _now() -> object:
    return clock.now()
