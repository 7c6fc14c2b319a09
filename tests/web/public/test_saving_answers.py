"""Saving answers and coming back to them, and answering late, through the pages."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.consultations.queries import get_any_consultation, late_token
from engage.edge import context
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.responses.models import AnswerDraft, Response
from tests.factories import hidden
from tests.pages import faults
from tests.responses.makers import ask_everything, open_consultation, send

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/consultations/levelling-up/respond"
TYPED = {"answer-5": "Six weeks.", "attribution": "pseudonym", "display_name": "Heron", "quote": "yes"}


@pytest.fixture(autouse=True)
def options(unit: Unit, clock: time_machine.Traveller) -> dict[str, str]:
    """Ask something of every type; returns what the form sends for each option."""
    with unit():
        return {words: str(option.id) for words, option in ask_everything(open_consultation()).items()}


def _rows(unit: Unit) -> tuple[int, int]:
    """Return how many drafts and responses there are."""
    with unit():
        return tuple(  # type: ignore[return-value]
            db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (AnswerDraft, Response)
        )


def test_what_is_saved_comes_back_whole_is_changed_and_sent_once(
    unit: Unit, client: FlaskClient, options: dict[str, str]
) -> None:
    """R8, R35: the draft goes with its sending, and a second click shows the same receipt."""
    chosen = {"choice-1": options["No"], "choice-2": [options["Buses"], options["Other"]], "other-2": "Boats"}
    saved = send(client, PAGE, save="yes", **TYPED, **chosen)

    assert (saved.status_code, _rows(unit)) == (303, (1, 0))
    page = client.get(saved.location)
    assert faults(page) == []
    assert "Saved. Nothing is sent yet." in page.text
    assert page.headers["Cache-Control"] == "no-store"
    for kept in ("Six weeks.", "Boats", "Heron"):
        assert kept in page.text
    assert len(re.findall(r"<input[^>]*checked", page.text)) == 1 + 2 + 1 + 1 + 1  # choices, scale, way, use

    address = saved.location.partition("?")[0]
    again = send(client, address, save="yes", **{**TYPED, "answer-5": "Eight weeks."})
    assert (again.status_code, again.location.partition("?")[0]) == (303, address)
    assert "Eight weeks." in client.get(address).text

    typed = {**hidden(client.get(address)), **TYPED, "answer-5": "Nine weeks.", "send": "yes"}
    first, second = client.post(address, data=typed), client.post(address, data=typed)
    assert (first.status_code, first.location[:10]) == (303, "/receipts/")
    assert second.location == first.location
    assert _rows(unit) == (0, 1)
    assert client.get(address).status_code == 404


def test_two_clicks_at_one_moment_lead_to_the_same_receipt(app: Flask, unit: Unit, client: FlaskClient) -> None:
    """R8: both have read the draft when the first sends it, which ends it."""
    address = send(client, PAGE, save="yes", **TYPED).location.partition("?")[0]
    typed = {**hidden(client.get(address)), **TYPED, "send": "yes"}
    with ThreadPoolExecutor(2) as pool:
        with unit() as session:
            session.scalars(select(AnswerDraft).with_for_update()).one()
            clicks = [pool.submit(app.test_client().post, address, data=typed) for _ in range(2)]
            assert not wait(clicks, timeout=0.5).done
        answers = [click.result() for click in clicks]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.location for answer in answers}) == 1
    assert _rows(unit) == (0, 1)


def test_what_is_typed_after_the_draft_was_sent_comes_back_as_new_answers(unit: Unit, client: FlaskClient) -> None:
    """R35: as after "back" in a browser. Without anything typed the address leads nowhere."""
    address = send(client, PAGE, save="yes", **TYPED).location.partition("?")[0]
    opened = hidden(client.get(address))
    assert client.post(address, data={**opened, **TYPED, "send": "yes"}).status_code == 303

    gone = client.post(address, data={**opened, **TYPED, "answer-5": "Ten weeks.", "send": "yes"})

    assert (gone.status_code, "was sent or deleted already" in gone.text, "Ten weeks." in gone.text) == (
        404,
        True,
        True,
    )
    assert f'action="{PAGE}"' in gone.text
    assert _rows(unit) == (0, 1)
    again = client.post(PAGE, data={**hidden(gone), **TYPED, "answer-5": "Ten weeks.", "send": "yes"})
    assert (again.status_code, _rows(unit)) == (303, (0, 2))
    assert client.post(address, data={**opened, "consultation": ""}).status_code == 404
    assert client.post(address, data={**opened, "consultation": "no-such"}).status_code == 404


def test_a_refused_sending_keeps_the_draft(unit: Unit, client: FlaskClient) -> None:
    """R3: both or neither."""
    address = send(client, PAGE, save="yes", **TYPED).location.partition("?")[0]
    refused = send(client, address, send="yes", **{**TYPED, "answer-5": "", "answer-4": "Mine."})

    assert (refused.status_code, "needs an answer" in refused.text, "Mine." in refused.text) == (422, True, True)
    assert _rows(unit) == (1, 0)


def test_saving_with_an_address_for_an_anonymous_answer_is_refused_and_says_why(
    unit: Unit, client: FlaskClient
) -> None:
    """P2."""
    typed = {"answer-5": "Six weeks.", "attribution": "anonymous", "email": "gwen@example.org", "save": "yes"}
    answer = send(client, PAGE, **typed)

    assert (answer.status_code, "Take the address out" in answer.text) == (422, True)
    assert "Six weeks." in answer.text
    assert _rows(unit) == (0, 0)


def test_it_is_deleted_by_a_button_and_not_by_opening_the_page(unit: Unit, client: FlaskClient) -> None:
    """S11."""
    address = send(client, PAGE, save="yes", **TYPED).location.partition("?")[0]
    assert client.get(f"{address}delete").status_code == 200
    assert _rows(unit) == (1, 0)
    assert send(client, f"{address}delete").status_code == 303
    assert _rows(unit) == (0, 0)


def test_after_the_closing_it_can_be_read_and_not_sent(
    unit: Unit, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    address = send(client, PAGE, save="yes", **TYPED).location.partition("?")[0]
    clock.shift(timedelta(days=21))
    page = client.get(address)

    assert "Six weeks." in page.text
    assert "cannot be sent any more" in page.text
    assert client.post(address, data={**hidden(page), **TYPED, "send": "yes"}).status_code == 409
    assert _rows(unit) == (1, 0)


def test_by_the_late_link_answers_are_taken_after_the_closing_and_saved_too(
    unit: Unit, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=21))
    with unit():
        consultation = get_any_consultation("levelling-up")
        consultation.late_until = real_clock.now() + timedelta(days=2)
        late = late_token(consultation, context.site())
    by_link = f"{PAGE}?late={late}"

    assert "Not open for answers" in client.get(PAGE).text
    assert "Not open for answers" in client.get(f"{PAGE}?late={'A' * 48}").text
    page = client.get(by_link)
    assert "open to you until" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    saved = send(client, by_link, save="yes", **TYPED)
    assert late in saved.location
    sent = send(client, saved.location, send="yes", **TYPED)
    assert (sent.status_code, _rows(unit)) == (303, (0, 1))

    typed = hidden(client.get(by_link))
    clock.shift(timedelta(days=3))
    over = client.post(
        by_link, data={**typed, **TYPED, "submission_key": hidden(client.post(by_link))["submission_key"]}
    )
    assert (over.status_code, "Six weeks." in over.text) == (409, True)
