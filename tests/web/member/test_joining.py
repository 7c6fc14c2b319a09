"""Becoming a member, and setting another password: by links that are mailed once."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.accounts.link_tokens import forget_old_tokens
from engage.accounts.models import AccountToken, Person
from engage.accounts.services import disable_person
from engage.kernel import clock as real_clock
from engage.kernel.tokens import sha256_hex
from tests.conftest import SentMail
from tests.factories import PASSWORD, hidden, make_person, sign_in
from tests.pages import faults
from tests.responses.makers import every_value, send

Unit = Callable[[], AbstractContextManager[Session]]
Outbox = Callable[[], list[SentMail]]
Worker = Callable[..., int]
OTHER = "nine slow barges go inland"

pytestmark = pytest.mark.usefixtures("clock")


def _ask(client: FlaskClient, email: str = "nora@example.org", **typed: Any) -> TestResponse:
    return send(client, "/join-us", **{"name": "Nora Lind", "email": email, "organisation": "", **typed})


def _link(outbox: Outbox, worker: Worker) -> str:
    """Return the path that the latest mail leads to."""
    worker()
    mail = outbox()[-1].mail
    assert mail is not None
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://localhost(/(?:join-us|reset)/\S+)", body.get_content())
    assert found is not None
    return found[1]


def test_somebody_joins_by_the_link_in_their_mail_and_is_signed_in(
    client: FlaskClient, app: Flask, outbox: Outbox, worker: Worker, unit: Unit
) -> None:
    """S11, S12: the mail leads to a page, and the page's button makes the member."""
    asked = _ask(client, organisation="River Trust")
    assert asked.status_code == 303
    assert faults(client.get(asked.location)) == []
    link = _link(outbox, worker)
    page = client.get(link)
    assert (faults(page), page.headers["Cache-Control"]) == ([], "no-store")
    assert "nora@example.org" in page.text
    with unit() as session:
        assert session.scalars(select(Person)).all() == []

    done = client.post(link, data={**hidden(page), "name": "Nora M. Lind", "password": OTHER})

    assert (done.status_code, done.location) == (303, "/account/")
    account = client.get("/account/").text
    for known in ("Nora M. Lind", "nora@example.org", "River Trust"):
        assert known in account
    with unit() as session:
        [person] = session.scalars(select(Person)).all()
        assert {role.value for role in person.role_names()} == {"member"}
        assert session.scalars(select(AccountToken)).all() == []
    assert sign_in(app.test_client(), "nora@example.org", OTHER).status_code == 303


def test_a_link_works_once_and_for_an_hour(
    client: FlaskClient, app: Flask, outbox: Outbox, worker: Worker, clock: time_machine.Traveller, unit: Unit
) -> None:
    """S12."""
    _ask(client)
    first = _link(outbox, worker)
    client.post(first, data={**hidden(client.get(first)), "name": "Nora", "password": OTHER})
    again = app.test_client().get(first)
    assert (again.status_code, "This link is over" in again.text) == (404, True)

    _ask(app.test_client(), email="noel@example.org")
    late = _link(outbox, worker)
    visitor = app.test_client()
    fields = hidden(visitor.get(late))
    clock.shift(timedelta(hours=1))
    gone = visitor.post(late, data={**fields, "name": "Noel", "password": OTHER})
    assert gone.status_code == 404
    with unit() as session:
        assert forget_old_tokens(at=real_clock.now()) == 1
        assert session.scalars(select(Person.email)).all() == ["nora@example.org"]


def test_whoever_asks_does_not_learn_who_is_a_member(client: FlaskClient, outbox: Outbox, unit: Unit) -> None:
    """S19."""
    with unit():
        make_person("known@example.org")
        make_person("gone@example.org")
        disable_person("gone@example.org", at=real_clock.now())
    said = set()
    for page in ("/join-us", "/reset"):
        for email in ("known@example.org", "gone@example.org", "new@example.org"):
            fields = {"name": "Nora", "email": email} if page == "/join-us" else {"email": email}
            answer = send(client, page, **fields)
            body = client.get(answer.location).text
            key = re.sub(r'name="submission_key"[^>]*', "", body)
            said.add((page, answer.status_code, answer.location, tuple(answer.headers.keys()), key))

    assert len(said) == 2
    assert [(mail.kind, mail.to) for mail in outbox()] == [
        ("has_account", "known@example.org"),
        ("confirm_address", "new@example.org"),
        ("new_password", "known@example.org"),
    ]


def test_nobody_is_flooded_with_links(client: FlaskClient, outbox: Outbox, unit: Unit) -> None:
    """S31: three mails of a kind in a day; a double click is one."""
    with unit():
        make_person("known@example.org")
    page = client.get("/join-us")
    for _ in range(2):
        client.post("/join-us", data={**hidden(page), "name": "N", "email": "new@example.org", "organisation": ""})
    assert len(outbox()) == 1
    for number in range(5):
        for email in ("new@example.org", "known@example.org"):
            _ask(client, email=email, name=f"N{number}")
        send(client, "/reset", email="known@example.org")
    kinds = sorted(mail.kind for mail in outbox())

    assert kinds == sorted(["confirm_address", "has_account", "new_password"] * 3)


def test_nothing_in_the_database_opens_a_link(
    client: FlaskClient, app: Flask, outbox: Outbox, worker: Worker, unit: Unit
) -> None:
    """S12: neither the facts of a mail that waits nor the row of the link."""
    _ask(client)
    with unit():
        kept = " ".join(str(value) for rows in every_value().values() for row in rows for value in row)
    code = _link(outbox, worker).rpartition("/")[2]

    assert code not in kept
    assert sha256_hex(code) in kept


def test_what_a_stranger_typed_besides_the_address_is_not_mailed(
    client: FlaskClient, outbox: Outbox, worker: Worker
) -> None:
    _ask(client, name="Buy my boat", organisation="boats.example")
    worker()
    mail = outbox()[0].mail
    assert mail is not None

    assert "boat" not in mail.as_string().lower()


def test_another_password_ends_every_sign_in_and_the_old_one(
    client: FlaskClient, app: Flask, outbox: Outbox, worker: Worker, unit: Unit
) -> None:
    """S17."""
    with unit():
        make_person("dev@example.org")
    thief = app.test_client()
    sign_in(thief, "dev@example.org")
    send(client, "/reset", email=" DEV@example.org ")
    link = _link(outbox, worker)
    page = client.get(link)
    assert (faults(page), thief.get("/account/").status_code) == ([], 200)

    done = client.post(link, data={**hidden(page), "password": OTHER}, follow_redirects=True)

    assert (done.request.path, faults(done)) == ("/sign-in", [])
    assert "Your new password is set." in done.text
    assert thief.get("/account/").status_code == 303
    assert sign_in(thief, "dev@example.org", PASSWORD).status_code == 422
    assert sign_in(thief, "dev@example.org", OTHER).status_code == 303
    assert client.get(link).status_code == 404


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "it needs 12 or more"),
        ("passwordpassword1", "first that a stranger"),
        ("gwendolen 2026", "your address"),
    ],
)
def test_a_weak_password_is_refused_in_words_and_the_link_goes_on_working(
    client: FlaskClient, outbox: Outbox, worker: Worker, unit: Unit, password: str, said: str
) -> None:
    """S15."""
    with unit():
        make_person("gwendolen@example.org")
    send(client, "/reset", email="gwendolen@example.org")
    link = _link(outbox, worker)
    refused = client.post(link, data={**hidden(client.get(link)), "password": password})

    assert (refused.status_code, said in refused.text) == (422, True)
    assert client.post(link, data={**hidden(refused), "password": OTHER}).status_code == 303


def test_a_link_for_one_purpose_does_not_open_the_other(client: FlaskClient, outbox: Outbox, worker: Worker) -> None:
    """S12: bound to its purpose."""
    _ask(client)
    code = _link(outbox, worker).rpartition("/")[2]

    assert client.get(f"/reset/{code}").status_code == 404
    assert client.get(f"/join-us/{code}").status_code == 200


def test_somebody_disabled_meanwhile_cannot_use_their_link(
    client: FlaskClient, outbox: Outbox, worker: Worker, unit: Unit
) -> None:
    with unit():
        make_person("dev@example.org")
    send(client, "/reset", email="dev@example.org")
    link = _link(outbox, worker)
    fields = hidden(client.get(link))
    with unit():
        disable_person("dev@example.org", at=real_clock.now())

    assert client.post(link, data={**fields, "password": OTHER}).status_code == 404


def test_too_many_tries_wait_and_the_form_stays_filled(make_app: Callable[..., Flask], outbox: Outbox) -> None:
    """S31, R35."""
    client = make_app(LIMITS="join-us=1/h per address; reset=1/h per account").test_client()
    for page in ("/join-us", "/reset"):
        fields = {"name": "Nora", "email": "nora@example.org"}
        assert send(client, page, **fields).status_code == 303
        waiting = send(client, page, **{**fields, "name": "Nora L"})
        assert (waiting.status_code, "nora@example.org" in waiting.text) == (429, True)
        assert "Retry-After" in waiting.headers


def test_a_member_has_no_use_for_the_form(client: FlaskClient, unit: Unit) -> None:
    with unit():
        make_person("dev@example.org")
    sign_in(client, "dev@example.org")

    assert client.get("/join-us").location == "/account/"
