"""Answering questions of every type through the page."""

import re
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.kernel.db import db
from engage.responses.models import Response, ResponseChoice
from tests.factories import hidden, make_person
from tests.pages import faults
from tests.responses.makers import ask_everything, open_consultation, publish_all, send

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/consultations/levelling-up/respond"
SENT = {"attribution": "anonymous", "answer-5": "Four words are enough."}


@pytest.fixture
def options(unit: Unit) -> dict[str, str]:
    """Ask something of every type; returns what the form sends for each option."""
    with unit():
        return {words: str(option.id) for words, option in ask_everything(open_consultation()).items()}


def _choices(unit: Unit) -> int:
    with unit():
        return db.session.scalar(select(func.count()).select_from(ResponseChoice)) or 0


def test_the_page_asks_each_type_in_its_way_and_says_what_is_confidential_and_how_long(
    client: FlaskClient, options: dict[str, str]
) -> None:
    page = client.get(PAGE)

    assert faults(page) == []
    assert re.findall(r'type="radio" value="([^"]*)"', page.text)[:3] == [options["Yes"], options["No"], ""]
    assert page.text.count('type="checkbox"') == 3 + 4 + 2  # question 2, the uses of words, those of a voice and a face
    assert "Confidential: our staff read your answer" in page.text
    assert "Up to 4 words." in page.text
    assert 'name="answer-1"' not in page.text


def test_options_and_words_reach_the_store(unit: Unit, client: FlaskClient, options: dict[str, str]) -> None:
    typed = {"choice-1": options["No"], "choice-2": [options["Buses"], options["Other"]], "other-2": "Boats"}
    answer = send(client, PAGE, **SENT, **typed, **{"choice-3": "", "answer-2": "Not only.", "publish": "yes"})

    assert answer.status_code == 303
    with unit():
        assert {r.body for r in db.session.scalars(select(Response))} == {"", "Not only.", SENT["answer-5"]}
    assert _choices(unit) == 3


@pytest.mark.parametrize(
    ("typed", "beside", "sentence"),
    [
        ({"answer-5": ""}, "answer-5", "needs an answer"),
        ({"answer-5": "five words are one more"}, "answer-5", "5 words long. Shorten it to 4"),
        ({"choice-1": "1"}, "choice-1", "Choose one of the options"),
        ({"choice-1": str(uuid.uuid4())}, "choice-1", "not offered here"),
        ({"choice-2": ["\x00", "x" * 9000]}, "choice-2", "Choose one of the options"),
        ({"other-2": "Boats"}, "other-2", "without choosing"),
    ],
)
def test_what_cannot_be_used_is_said_beside_the_field_and_the_choices_stay(
    unit: Unit, client: FlaskClient, options: dict[str, str], *, typed: dict[str, str], beside: str, sentence: str
) -> None:
    """R35, S24."""
    answer = send(client, PAGE, **{**SENT, "choice-3": options["Partly"], "answer-2": "Kept.", **typed})

    assert answer.status_code == 422
    said = re.search(rf'id="{beside}-error">(.*?)</div>', answer.text, re.S)
    assert said is not None
    assert sentence in said[1]
    assert f'checked id="choice-3-1" name="choice-3" type="radio" value="{options["Partly"]}"' in answer.text
    assert "Kept." in answer.text
    assert _choices(unit) == 0


def test_what_was_chosen_is_read_on_the_receipt_and_once_published_beside_the_question(
    unit: Unit, client: FlaskClient, options: dict[str, str]
) -> None:
    typed = {"choice-2": [options["Other"], options["Buses"]], "other-2": "Boats", "answer-2": "Not only."}
    receipt = send(client, PAGE, **SENT, **typed, publish="yes").location
    with unit():
        publish_all(receipt.split("/")[2], moderator=make_person("mo@example.org", "moderator"))

    said = re.findall(r'class="response-words"[^>]*>(.*?)</p>', client.get(receipt).text)
    assert said == ["Buses", "Other: Boats", "Not only.", SENT["answer-5"]]
    for show, expected in (("all", 3), ("answers", 3), ("comments", 0)):
        page = client.get(f"/consultations/levelling-up/questions/2/?show={show}")
        assert len(re.findall(r'class="response-words"', page.text)) == expected


def test_a_withdrawn_choice_is_read_nowhere(unit: Unit, client: FlaskClient, options: dict[str, str]) -> None:
    """P13: the words beside "other" go with the choice."""
    typed = {"choice-2": [options["Other"]], "other-2": "Boats"}
    receipt = send(client, PAGE, **SENT, **typed, publish="yes").location
    with unit():
        publish_all(receipt.split("/")[2], moderator=make_person("mo@example.org", "moderator"))
    key = hidden(client.get(f"{receipt}withdraw"))
    client.post(f"{receipt}withdraw", data=key)

    for address in (receipt, "/consultations/levelling-up/questions/2/"):
        assert "Boats" not in client.get(address).text
