"""A question changes while somebody types: they are told, see both wordings, and lose none of their words."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.consultations.models import Consultation, Question
from engage.consultations.queries import get_any_consultation
from engage.consultations.services import remove_question
from engage.responses.models import AnswerDraft, Response
from tests.consultations.makers import how, reword
from tests.factories import hidden
from tests.pages import Page, faults
from tests.responses.makers import open_consultation, send

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/consultations/levelling-up/respond"
OLD, NEW = "What about matter 1?", "What about matters?"
HERON = {"attribution": "pseudonym", "display_name": "Heron"}
TOLD = "was put into other words while you were writing"


@pytest.fixture(autouse=True)
def consultation(clock: time_machine.Traveller, unit: Unit) -> None:
    """Ask three questions."""
    with unit():
        open_consultation()


def _question(number: int = 1) -> Question:
    return next(q for q in _consultation().questions if q.number == number)


def _consultation() -> Consultation:
    return get_any_consultation("levelling-up")


def _answers(unit: Unit) -> list[tuple[str, int | None]]:
    with unit() as session:
        rows = session.execute(select(Response.body_original, Response.question_version))
        return sorted((body, version) for body, version in rows)


def _send_again(client: FlaskClient, page: TestResponse, address: str = PAGE, **more: str) -> TestResponse:
    """Send the form of a page as it stands there."""
    form = next(form for form in Page(page).forms if "attribution" in form.kinds)
    form.values.pop("save", None)
    return client.post(address, data={**form.values, **more})


def test_the_sender_is_told_sees_both_wordings_and_the_version_that_was_seen_is_stored(
    unit: Unit, client: FlaskClient
) -> None:
    """R35."""
    opened = {**hidden(client.get(PAGE)), **HERON}
    with unit():
        reword(_question(), text=NEW, help="All of them.")
    told = client.post(PAGE, data={**opened, "answer-1": "The river.", "answer-2": "The road.", "send": "yes"})

    assert (told.status_code, faults(told)) == (409, [])
    for words in (TOLD, OLD, NEW, "The river.", "The road.", "All of them."):
        assert words in Page(told).text + told.text
    assert _answers(unit) == []
    assert _send_again(client, told, send="yes").status_code == 303
    assert _answers(unit) == [("The river.", 2), ("The road.", 1)]


def test_whoever_answered_something_else_is_not_held_up(unit: Unit, client: FlaskClient) -> None:
    opened = {**hidden(client.get(PAGE)), **HERON}
    with unit():
        reword(_question(), text=NEW)

    assert client.post(PAGE, data={**opened, "answer-2": "The road.", "send": "yes"}).status_code == 303
    assert _answers(unit) == [("The road.", 1)]


@pytest.mark.parametrize("seen", ["7", "-1", "x" * 300, "١", "1" * 30])
def test_a_version_that_never_was_is_told_like_one_of_before(unit: Unit, client: FlaskClient, seen: str) -> None:
    """S24."""
    told = send(client, PAGE, **HERON, **{"seen-1": seen, "answer-1": "The river.", "send": "yes"})

    assert (told.status_code, TOLD in told.text) == (409, True)
    assert _send_again(client, told, send="yes").status_code == 303
    assert _answers(unit) == [("The river.", 1)]


def test_what_is_not_asked_any_more_is_shown_once_and_the_rest_is_taken(unit: Unit, client: FlaskClient) -> None:
    """R35."""
    opened = {**hidden(client.get(PAGE)), **HERON}
    with unit():
        consultation = _consultation()
        remove_question(_question(3).id, **how(consultation))
    typed = {**opened, "answer-2": "The road.", "answer-3": "The sea.", "send": "yes"}
    told = client.post(PAGE, data=typed)

    assert (told.status_code, faults(told)) == (422, [])
    for words in ("Not asked in this way any more", "The sea.", "The road."):
        assert words in told.text
    assert _send_again(client, told, send="yes").status_code == 303
    assert _answers(unit) == [("The road.", 1)]


def test_what_was_saved_comes_back_with_both_wordings(unit: Unit, client: FlaskClient) -> None:
    address = send(client, PAGE, save="yes", **HERON, **{"answer-1": "The river."}).location.partition("?")[0]
    with unit():
        reword(_question(), text=NEW)
    page = client.get(address)

    assert faults(page) == []
    for words in ("Put into other words since you opened the page", OLD, NEW, "The river."):
        assert words in page.text
    assert _send_again(client, page, address, send="yes").status_code == 303
    assert _answers(unit) == [("The river.", 2)]


def test_answers_saved_in_two_places_are_put_together(unit: Unit, client: FlaskClient) -> None:
    """R11: where both places hold something else, both are shown; nothing is saved over or sent unseen."""
    first = {"answer-1": "The river.", "answer-2": "The road."}
    address = send(client, PAGE, save="yes", **HERON, **first).location.partition("?")[0]
    one, other = client.get(address), client.get(address)
    assert (
        _send_again(client, one, address, save="yes", **{"answer-1": "The lake.", "answer-3": "Here."}).status_code
        == 303
    )
    for button in ("save", "send"):
        stale = _send_again(client, other, address, **{"answer-1": "The sea.", button: "yes"})
        assert (stale.status_code, faults(stale)) == (409, [])
        words = Page(stale).text
        for said in (
            "You saved these answers again in another place",
            "The lake.",
            "The sea.",
            "so this stands in the",
        ):
            assert said in words
        form = next(form for form in Page(stale).forms if "attribution" in form.kinds)
        assert {n: form.values[f"answer-{n}"] for n in (1, 2, 3)} == {1: "The sea.", 2: "The road.", 3: "Here."}
    assert _answers(unit) == []
    with unit() as session:
        assert session.scalars(select(AnswerDraft)).one().answers["answer-1"] == "The lake."
    assert _send_again(client, stale, address, send="yes").status_code == 303
    assert _answers(unit) == [("Here.", 1), ("The road.", 1), ("The sea.", 1)]


def test_two_clicks_on_save_are_one(unit: Unit, client: FlaskClient) -> None:
    """R8."""
    address = send(client, PAGE, save="yes", **HERON, **{"answer-1": "The river."}).location.partition("?")[0]
    page = client.get(address)
    for _click in range(2):
        assert _send_again(client, page, address, save="yes", **{"answer-1": "The lake."}).status_code == 303
