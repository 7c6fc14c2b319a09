"""Comments and questions at the desk: who, how long, when words are shown; and the organisation's reply."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.accounts.models import Person
from engage.consultations.enums import ModerationMode
from engage.consultations.hold_rules import HoldRules
from engage.events.enums import WhoMayComment
from engage.events.models import Event
from engage.kernel.settings import Site
from engage.responses.models import Response
from tests.pages import Page
from tests.responses.makers import comment, event_about, publish_all, responses_of
from tests.web.organiser.conftest import Send

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/organise/events/over-lunch/comments"
PUBLIC = "/events/over-lunch/comments/"
CHOSEN = {"who": "booked", "days": "3", "mode": "hold", "hold_links": "yes"}
CHOSEN |= {"hold_words": "Boat\n\n cheap loans ", "hold_flags": "4"}


@pytest.fixture
def site(app: Flask) -> Site:
    """Give the site of the app under test."""
    found: Site = app.extensions["engage"].site()
    return found


@pytest.fixture(autouse=True)
def event(clock: time_machine.Traveller, unit: Unit) -> None:
    """An event that ended yesterday."""
    with unit():
        event_about()


def _rules(unit: Unit) -> tuple[Any, ...]:
    with unit() as session:
        event = session.scalars(select(Event)).one()
        hold = HoldRules.read(event.hold_rules)
        return (
            event.who_may_comment,
            event.comments_open_for_days,
            event.takes_live_questions,
            event.moderation_mode,
            hold,
        )


def test_the_rules_of_an_event_that_is_over_are_saved_and_shown_again(
    unit: Unit, asha: FlaskClient, send: Send
) -> None:
    answer = send(PAGE, **CHOSEN)

    assert (answer.status_code, answer.location) == (303, PAGE)
    hold = HoldRules(links=True, words=("boat", "cheap loans"), flags=4)
    assert _rules(unit) == (WhoMayComment.BOOKED, 3, False, ModerationMode.HOLD, hold)
    form = Page(asha.get(PAGE)).forms[1]
    assert (form.values["who"], form.values["days"], form.values["hold_links"]) == ("booked", "3", "yes")
    assert form.values["hold_flags"] == "4"


def test_comments_close_when_the_days_are_over_and_the_page_says_so(
    client: FlaskClient, send: Send, clock: time_machine.Traveller
) -> None:
    send(PAGE, **CHOSEN)
    clock.shift(timedelta(days=4))

    assert "Comments on this event closed on" in client.get(PUBLIC).text


def test_no_days_take_no_comments(client: FlaskClient, send: Send) -> None:
    send(PAGE, **{**CHOSEN, "days": "0"})

    assert "This event takes no comments." in client.get(PUBLIC).text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("days", "1001"),
        ("days", "-1"),
        ("days", "many"),
        ("days", "٣"),
        ("days", str(2**63)),
        ("who", "everybody"),
        ("mode", ""),
        ("hold_words", "x" * 20_000),
        ("hold_words", "x" * 61),
        ("hold_words", "word\n" * 201),
        ("hold_flags", "101"),
        ("hold_flags", "many"),
        ("hold_flags", "²"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(unit: Unit, send: Send, field: str, typed: str) -> None:
    """S24, R35."""
    before = _rules(unit)
    answer = send(PAGE, **{**CHOSEN, field: typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert _rules(unit) == before


def test_a_stale_save_shows_both_and_changes_nothing(unit: Unit, asha: FlaskClient, send: Send) -> None:
    """R11."""
    form = Page(asha.get(PAGE)).forms[1].values
    send(PAGE, **CHOSEN)

    answer = asha.post(PAGE, data={**form, "days": "9"})

    assert answer.status_code == 409
    assert "Only people who booked" in answer.text
    assert _rules(unit)[1] == 3


def test_the_organisations_reply_is_published_under_the_words_and_marked(
    unit: Unit, client: FlaskClient, site: Site, send: Send
) -> None:
    with unit() as session:
        code = comment(session.scalars(select(Event)).one(), site=site)
        publish_all(code, moderator=session.scalars(select(Person)).first())
        response_id = responses_of(code)[0].id
    address = f"/organise/responses/{response_id}/reply"

    refused = send(address, body=" ")
    answer = send(address, body="We will.")
    page = client.get(PUBLIC).text

    assert (refused.status_code, "Write the reply first." in refused.text) == (422, True)
    assert answer.status_code == 303
    assert page.index("I came out thinking.") < page.index("response-official") < page.index("We will.")
    assert "Reply by the organisation" in page
    with unit() as session:
        assert session.scalar(select(func.count(Response.id))) == 2
