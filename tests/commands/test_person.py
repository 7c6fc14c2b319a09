"""`flask person create` and `flask person disable`."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.accounts.enums import RoleName
from engage.accounts.models import Person
from engage.accounts.queries import get_person
from tests.factories import PASSWORD, make_person, sign_in

Unit = Callable[[], AbstractContextManager[Session]]


def create(app: Flask, *arguments: str, password: str = PASSWORD) -> tuple[int, str]:
    """Return the exit code and what was printed."""
    result = app.test_cli_runner().invoke(
        args=["person", "create", *arguments, "--password-stdin"], input=password + "\n"
    )
    return result.exit_code, result.output


def test_a_person_who_was_made_can_sign_in(app: Flask, unit: Unit) -> None:
    assert create(app, "Asha@Example.org", "--role", "organiser", "--role", "member", "--name", "Asha") == (
        0,
        "1 person made: asha@example.org (member, organiser).\n",
    )
    with unit():
        person = get_person("asha@example.org")
        assert (person.name, person.role_names()) == ("Asha", {RoleName.ORGANISER, RoleName.MEMBER})
    assert sign_in(app.test_client(), "asha@example.org").status_code == 303


@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (("no address", "--role", "member"), PASSWORD, "Write the e-mail address with an @"),
        (("asha@example.org", "--role", "member"), "short", "This password has 5 characters"),
        (("asha@example.org", "--role", "member"), "password1234", "one of the first that a stranger would try"),
        (("asha.okafor@example.org", "--role", "member"), "asha.okafor.", "little more than your address"),
        (("asha@example.org", "--role", "king"), PASSWORD, "Invalid value for '--role'"),
        (("asha@example.org",), PASSWORD, "Missing option '--role'"),
    ],
)
def test_what_cannot_be_used_is_told_and_nobody_is_made(
    app: Flask, unit: Unit, arguments: tuple[str, ...], password: str, words: str
) -> None:
    code, printed = create(app, *arguments, password=password)
    assert code != 0
    assert words in printed
    assert "Traceback" not in printed
    with unit() as session:
        assert session.scalars(select(Person)).all() == []


def test_the_same_address_twice_is_refused_in_one_line(app: Flask) -> None:
    create(app, "asha@example.org", "--role", "member")
    code, printed = create(app, "ASHA@example.org", "--role", "organiser")
    assert (code, printed) == (1, "Error: There is a person with this e-mail address already.\n")


def test_the_password_is_asked_twice_without_showing_it(app: Flask) -> None:
    result = app.test_cli_runner().invoke(
        args=["person", "create", "asha@example.org", "--role", "member"], input=f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert result.exit_code == 0
    assert PASSWORD not in result.output


def test_disabling_ends_the_session_of_a_browser_at_once(app: Flask, unit: Unit) -> None:
    with unit():
        make_person("asha@example.org")
    client = app.test_client()
    sign_in(client, "asha@example.org")
    result = app.test_cli_runner().invoke(args=["person", "disable", "asha@example.org"])
    assert (result.exit_code, result.output) == (0, "1 person disabled, 1 session ended.\n")
    assert client.get("/account/").status_code == 303
    assert sign_in(client, "asha@example.org").status_code == 422


def test_disabling_nobody_is_told(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["person", "disable", "nobody@example.org"])
    assert (result.exit_code, result.output) == (1, "Error: We know nobody with this e-mail address.\n")
