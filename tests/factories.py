"""Makers of what tests need: plain functions with defaults, used inside `with unit():`; and how people act."""

import re
from functools import cache
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage.accounts.enums import RoleName
from engage.accounts.models import Person
from engage.accounts.passwords import HashedPassword, hash_password
from engage.accounts.services import create_person
from engage.kernel import clock

PASSWORD = "four quiet herons at noon"


@cache
def _hashed() -> HashedPassword:
    return hash_password(PASSWORD)


def make_person(email: str = "dev@example.org", *roles: str, name: str = "") -> Person:
    """Make somebody who can sign in with PASSWORD; a member unless roles are given."""
    return create_person(
        email,
        name=name or email.partition("@")[0].title(),
        roles=[RoleName(role) for role in roles or ("member",)],
        password=_hashed(),
        at=clock.now(),
    )


def hidden(page: TestResponse) -> dict[str, str]:
    """Return the hidden fields of a page's forms, as its reader's browser would send them."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page.text):
        given = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if given.get("type") == "hidden":
            found[given["name"]] = given.get("value", "")
    return found


def sign_in(
    client: FlaskClient, email: str, password: str = PASSWORD, *, next: str = "", **options: Any
) -> TestResponse:
    """Fill in the sign-in page and send it."""
    page = client.get("/sign-in", **options)
    fields = {**hidden(page), "email": email, "password": password, **({"next": next} if next else {})}
    return client.post("/sign-in", data=fields, **options)
