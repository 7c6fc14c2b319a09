"""A form that comes again: the same act once, another act for what it is, and nothing typed is lost (R6, R8, R35)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.models import Booking
from engage.kernel.settings import Site
from engage.responses.models import Response
from tests.factories import hidden, make_event
from tests.responses.makers import open_consultation

Unit = Callable[[], AbstractContextManager[Session]]
BOOK = "/events/lunch/book"
RESPOND = "/consultations/levelling-up/respond"


@pytest.fixture(autouse=True)
def _on_stage(unit: Unit, site: Site) -> None:
    with unit():
        open_consultation()
        make_event(slug="lunch")
        make_event(slug="tea")


def _guests(unit: Unit) -> list[tuple[str, str]]:
    with unit() as session:
        return sorted((email, name) for email, name in session.execute(select(Booking.email_normalised, Booking.name)))


def test_a_form_changed_after_back_is_another_booking(client: FlaskClient, unit: Unit) -> None:
    """Whoever goes back and books for a colleague is not told of a place that nobody has."""
    key = hidden(client.get(BOOK))
    for name in ("Cleo", "Dev", "Dev"):
        answer = client.post(BOOK, data={**key, "name": name, "email": f"{name}@example.org"})
        assert answer.status_code == 303

    assert _guests(unit) == [("cleo@example.org", "Cleo"), ("dev@example.org", "Dev")]


def test_an_answer_changed_after_back_is_not_lost(client: FlaskClient, unit: Unit) -> None:
    key = hidden(client.get(RESPOND))
    sent = [
        client.post(RESPOND, data={**key, "attribution": "anonymous", "answer-1": words}).location
        for words in ("First.", "Second.", "Second.")
    ]

    assert sent[0] != sent[1] == sent[2]
    with unit() as session:
        assert sorted(session.scalars(select(Response.body_original))) == ["First.", "Second."]


def test_a_key_of_another_form_opens_and_hides_nothing(client: FlaskClient, unit: Unit) -> None:
    """The key of a booking's form, sent with another event's and with an answer: each is what it says it is."""
    key = {**hidden(client.get(BOOK)), "name": "Cleo", "email": "cleo@example.org"}
    assert [client.post(page, data=key).status_code for page in (BOOK, "/events/tea/book")] == [303, 303]
    answer = client.post(RESPOND, data={**key, "email": "", "attribution": "anonymous", "answer-1": "Kept."})

    assert len(_guests(unit)) == 2
    assert answer.status_code == 303
    assert "Kept." in client.get(answer.location).text


def test_nobody_has_another_s_mailbox_flooded(make_app: Callable[..., Flask], unit: Unit) -> None:
    """S31: the mails that anybody can have sent to an address are few a day, from however many computers."""
    client = make_app(LIMITS="book=2/day per account").test_client()

    def book(email: str) -> int:
        return client.post(BOOK, data={**hidden(client.get(BOOK)), "name": "Cleo", "email": email}).status_code

    assert [book("cleo@example.org"), book("CLEO@example.org"), book("cleo@example.org")] == [303, 303, 429]
    assert book("dev@example.org") == 303
