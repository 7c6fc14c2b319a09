"""A motivated intruder with every list, log and table tries to tell whose an anonymous comment is (P29)."""

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from engage.kernel.db import db
from tests.factories import hidden, make_person, sign_in
from tests.responses.makers import event_about

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/events/over-lunch/comments/"
PEOPLE = 12
BY_CHANCE = 7  # of twelve; one is expected, and eight or more come once in a hundred thousand tries
# PostgreSQL gives a table's rows in the order in which they lie: docs/privacy.md tells whoever runs it.
AS_THEY_LIE = {
    "as the table gives them": "SELECT body_original FROM response",
    "by their sittings": "SELECT r.body_original FROM submission s JOIN response r ON r.submission_id = s.id",
    "by the index for searching": (
        "SELECT r.body_original FROM response_search s JOIN response r ON r.id = s.response_id"
    ),
}
ORDERS = {
    "by their ids": "SELECT body_original FROM response ORDER BY id",
    "by the ids of their sittings": (
        "SELECT r.body_original FROM submission s JOIN response r ON r.submission_id = s.id ORDER BY s.id"
    ),
    "by their numbers in the index for searching": (
        "SELECT r.body_original FROM response_search s JOIN response r ON r.id = s.response_id ORDER BY s.number"
    ),
    "by the hash of the receipt": (
        "SELECT r.body_original FROM submission s JOIN response r ON r.submission_id = s.id ORDER BY s.receipt_hash"
    ),
    "by their consents": (
        "SELECT r.body_original FROM response r JOIN (SELECT response_id, min(given_at) AS at,"
        " min(CAST(id AS text)) AS first FROM consent GROUP BY response_id) c"
        " ON c.response_id = r.id ORDER BY c.at, c.first"
    ),
}


def matches(comments: Sequence[str], people: Sequence[int]) -> int:
    """Return how many comments the intruder gives to the right person, pairing both lists in order."""
    return sum(words == f"Said by {person}." for words, person in zip(comments, people, strict=True))


def test_an_intruder_with_lists_times_logs_and_tables_matches_at_chance(
    app: Flask, unit: Unit, clock: time_machine.Traveller, database_kind: str
) -> None:
    """P2, P4, P5, P10, P29: everybody signs in and comments seconds afterwards, one after the other."""
    with unit():
        event_about()
        for number in range(PEOPLE):
            make_person(f"member{number}@example.org")
    came = list(range(PEOPLE))
    random.Random(29).shuffle(came)
    true_order: list[str] = []
    with capture_logs() as lines:
        for number in came:
            client = app.test_client()
            sign_in(client, f"member{number}@example.org")
            clock.shift(timedelta(seconds=5))
            words = f"Said by {number}."
            typed: dict[str, Any] = {"body": words, "attribution": "anonymous", "publish": "yes"}
            answer = client.post(PAGE, data={**hidden(client.get(PAGE)), **typed})
            assert answer.status_code == 303
            true_order.append(words)
            clock.shift(timedelta(seconds=37))

    with unit():
        signed_in = _order_of_sign_ins()
        orders = ORDERS | (AS_THEY_LIE if database_kind == "sqlite" else {})
        tried = {what: list(db.session.scalars(text(statement))) for what, statement in orders.items()}
        assert all(len(comments) == PEOPLE for comments in tried.values())
    assert signed_in == came  # the intruder does know who came when
    assert {line["route"] for line in lines if "route" in line} == {"/sign-in"}
    for what, comments in tried.items():
        for guess in (comments, comments[::-1]):
            assert matches(guess, signed_in) <= BY_CHANCE, what
    # The control: were the order of arrival kept anywhere, every one would be matched.
    assert matches(true_order, signed_in) == PEOPLE


def _order_of_sign_ins() -> list[int]:
    """Return who signed in, first to last, as session rows tell."""
    rows = db.session.scalars(
        text("SELECT p.email FROM session_record s JOIN person p ON p.id = s.person_id ORDER BY s.created_at")
    )
    return [int(str(email).removeprefix("member").partition("@")[0]) for email in rows]
