"""Answering a consultation through its page: five ways, one sitting, nothing typed is lost."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.kernel.db import db
from engage.responses.enums import Attribution, Purpose
from engage.responses.models import Response, Submission
from tests.factories import hidden
from tests.responses.makers import open_consultation, send

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/consultations/levelling-up/respond"
TYPED = {"answer-1": "Ask the tenants.", "answer-3": "Six weeks."}


@pytest.fixture(autouse=True)
def consultation(unit: Unit, clock: time_machine.Traveller) -> None:
    """Something to answer, open by the stopped clock."""
    with unit():
        open_consultation()


def _stored(unit: Unit) -> int:
    with unit():
        return db.session.scalar(select(func.count(Submission.id))) or 0


@pytest.mark.parametrize(
    ("way", "typed", "shown"),
    [
        ("named", {"display_name": "Gwen Price"}, "Gwen Price"),
        ("organisation", {"organisation": "Tidewell"}, "Tidewell"),
        ("pseudonym", {"display_name": "Heron"}, "Heron"),
        ("not_published", {"email": "gwen@example.org"}, None),
        ("anonymous", {}, None),
    ],
)
def test_each_of_the_five_ways_leads_to_a_receipt(
    unit: Unit, client: FlaskClient, way: str, *, typed: dict[str, str], shown: str | None
) -> None:
    answer = send(client, PAGE, attribution=way, publish="yes", **TYPED, **typed)

    assert (answer.status_code, answer.location[:10]) == (303, "/receipts/")
    receipt = client.get(answer.location)
    assert "Ask the tenants." in receipt.text
    assert "Six weeks." in receipt.text
    assert ("Keep this address" in receipt.text) is (way == "anonymous")
    assert receipt.headers["Cache-Control"] == "no-store"
    with unit():
        rows = db.session.scalars(select(Response)).all()
        assert {(r.attribution, r.display_name) for r in rows} == {(Attribution(way), shown)}
        assert all(r.allows(Purpose.PUBLISH_SITE) and not r.allows(Purpose.SOCIAL_MEDIA) for r in rows)


def test_a_double_click_is_one_sitting_and_the_same_receipt(unit: Unit, client: FlaskClient) -> None:
    """R6, R8."""
    typed = {**hidden(client.get(PAGE)), **TYPED, "attribution": "anonymous"}
    first, second = client.post(PAGE, data=typed), client.post(PAGE, data=typed)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert _stored(unit) == 1


def test_no_use_is_ticked_beforehand(client: FlaskClient) -> None:
    """P12."""
    assert not re.findall(r'<input[^>]*type="checkbox"[^>]*checked', client.get(PAGE).text)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"attribution": "anonymous", "email": "g@example.org"}, "email", "Take the address out"),
        ({"attribution": "anonymous", "display_name": "Gwen"}, "display_name", "Anonymous answers hold no name"),
        ({"attribution": "named"}, "display_name", "Write the name to show"),
        ({"attribution": "organisation"}, "organisation", "Write the name of your organisation"),
        ({"attribution": "not_published"}, "display_name", "our staff know whose answer it is"),
        ({"attribution": "named", "display_name": "G", "email": "a@b@c"}, "email", "one e-mail address"),
        ({"attribution": "named", "display_name": "=?utf-8?q?x?=" * 30}, "display_name", "200 characters"),
        ({"attribution": "shouted", "display_name": "G"}, "attribution", "Choose one of these"),
        ({"attribution": "named", "display_name": "G", "answer-2": "x" * 5001}, "answer-2", "5000 characters"),
    ],
)
def test_what_cannot_be_used_is_said_beside_the_field_and_nothing_is_lost(
    unit: Unit, client: FlaskClient, typed: dict[str, str], *, field: str, sentence: str
) -> None:
    """R35."""
    answer = send(client, PAGE, **{**TYPED, **typed})

    assert answer.status_code == 422
    beside = re.search(rf'id="{field}-error">(.*?)</div>', answer.text, re.S)
    assert beside is not None
    assert sentence in beside[1]
    for words in (*TYPED.values(), typed.get("email", ""), typed.get("answer-2", "")):
        assert words in answer.text
    assert _stored(unit) == 0


def test_an_empty_form_asks_for_one_answer(unit: Unit, client: FlaskClient) -> None:
    answer = send(client, PAGE, attribution="anonymous", **{"answer-1": " \u200b\x00"})

    assert answer.status_code == 422
    assert "One answer is enough" in answer.text
    assert _stored(unit) == 0


def test_a_forged_or_missing_key_gives_the_form_back_with_a_fresh_one(unit: Unit, client: FlaskClient) -> None:
    for key in ("", "forged", "A" * 59, "ŵ" * 10, "\x00"):
        answer = client.post(PAGE, data={**TYPED, "attribution": "anonymous", "submission_key": key})

        assert (answer.status_code, "Ask the tenants." in answer.text) == (422, True)
        assert hidden(answer)["submission_key"] not in {"", key}
    assert _stored(unit) == 0


def test_after_the_closing_and_before_the_opening_the_form_comes_back_filled(
    unit: Unit, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=30))
    late = client.post(PAGE, data={**TYPED, "attribution": "anonymous", "submission_key": _key(client)})
    clock.shift(timedelta(days=-60))
    early = client.post(PAGE, data={**TYPED, "attribution": "anonymous", "submission_key": _key(client)})

    for answer, sentence in ((late, "is closed"), (early, "not open yet")):
        assert (answer.status_code, sentence in answer.text) == (409, True)
        assert "Ask the tenants." in answer.text
    assert _stored(unit) == 0


def _key(client: FlaskClient) -> str:
    from engage.edge import context
    from engage.kernel import clock
    from engage.kernel.tokens import new_submission_key

    with client.application.app_context():
        return new_submission_key(context.site().link_secrets, clock.now())


BAD_TEXTS: list[Any] = [
    "x" * 600_000,
    "x" * 10_000_000,
    "\x00\x01\x1b[31m\x7f",
    "\u202e\u2066evil\u2069",
    "🙂" * 2000,
    "=?utf-8?q?Bcc:_x@y?=",
    "<script>alert(1)</script>{{ 7*7 }}",
    b"\xff\xfe\xed\xa0\x80",
    "[" * 20_000,
]


@pytest.mark.parametrize("text", BAD_TEXTS, ids=range(len(BAD_TEXTS)))
@pytest.mark.parametrize("field", ["answer-1", "display_name", "organisation", "email", "attribution", "publish"])
def test_no_text_in_any_field_is_a_fault_of_ours(client: FlaskClient, text: Any, field: str) -> None:
    """S24: 303, 413 or 422, never 5xx; and nothing typed becomes markup (S1)."""
    typed = {**hidden(client.get(PAGE)), "answer-2": "Kept words.", "attribution": "pseudonym", "display_name": "G"}
    answer = client.post(PAGE, data={**typed, field: text})

    assert answer.status_code in {303, 413, 422}
    assert "<script>alert" not in answer.text
    if answer.status_code == 422:
        assert "Kept words." in answer.text


def test_json_of_any_depth_is_no_form(unit: Unit, client: FlaskClient) -> None:
    answer = client.post(PAGE, data="[" * 50_000, content_type="application/json")

    assert answer.status_code == 422
    assert _stored(unit) == 0


def test_a_question_that_does_not_exist_is_not_stored(unit: Unit, client: FlaskClient) -> None:
    """S22: unknown fields are never applied."""
    typed = {"answer-99": "x", f"answer-{2**64}": "y", "answer-1": "Kept.", "attribution": "anonymous"}
    answer = send(client, PAGE, **typed)

    assert answer.status_code == 303
    with unit():
        assert [r.body_original for r in db.session.scalars(select(Response))] == ["Kept."]
