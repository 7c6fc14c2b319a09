"""An organiser at the desk, and how one fills in its forms."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories import hidden, make_person, sign_in

Unit = Callable[[], AbstractContextManager[Session]]
Send = Callable[..., TestResponse]


@pytest.fixture
def asha(app: Flask, unit: Unit) -> FlaskClient:
    """Give the browser of an organiser who is signed in."""
    with unit():
        make_person("asha@example.org", "organiser", name="Asha Okafor")
    client = app.test_client()
    sign_in(client, "asha@example.org")
    return client


@pytest.fixture
def send(asha: FlaskClient) -> Send:
    """Give a function that opens a page as the organiser and sends its form with what is given."""

    def fill_in(address: str, *, to: str = "", **fields: Any) -> TestResponse:
        return asha.post(to or address, data={**hidden(asha.get(address)), **fields})

    return fill_in
