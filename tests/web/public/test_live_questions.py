"""Questions to the speakers: asked on a booking's page, voted up, answered at a time, read afterwards."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.queries import manage_token
from engage.consultations.enums import ModerationMode
from engage.events.models import Event
from engage.kernel import clock as real_clock
from engage.kernel.settings import Site
from engage.kernel.tokens import new_submission_key
from engage.responses.counts import count_for_event
from engage.responses.enums import Attribution, HoldReason, ModerationAction, ResponseKind, ResponseStatus
from engage.responses.models import Response
from engage.responses.services import decide
from tests.factories import hidden, make_person, sign_in
from tests.pages import faults
from tests.responses.makers import booking_of, event_about, send

Unit = Callable[[], AbstractContextManager[Session]]
PUBLIC = "/events/over-lunch/comments/"
EVENT = "/events/over-lunch/"
DESK = "/organise/events/over-lunch/live-questions"
TYPED = {"question": "Who pays for the meadows?", "question_attribution": "named", "publish": "yes"}


@dataclass(frozen=True)
class Asking:
    """A coming event with two bookings, and who moderates."""

    page: str
    other: str
    moderator: UUID


@pytest.fixture
def asking(unit: Unit, site: Site, clock: time_machine.Traveller) -> Asking:
    """An event in two days."""
    with unit():
        event = event_about(ended_ago=-timedelta(days=2))
        tokens = [manage_token(booking_of(event, site=site, email=f"{name}@example.org"), site) for name in ("a", "b")]
        moderator = make_person("mo@example.org", "moderator").id
        return Asking(f"/bookings/{tokens[0]}/questions", f"/bookings/{tokens[1]}", moderator)


def _asked(unit: Unit) -> list[tuple[str, Attribution, str | None]]:
    with unit() as session:
        found = session.scalars(select(Response).where(Response.kind == ResponseKind.LIVE_QUESTION))
        return [(each.body_original, each.attribution, each.display_name) for each in found]


def _publish(unit: Unit, asking: Asking) -> UUID:
    with unit() as session:
        question = session.scalars(select(Response)).one()
        decide(question.id, action=ModerationAction.PUBLISH, moderator=asking.moderator, at=real_clock.now())
        return question.id


@pytest.mark.parametrize(
    ("way", "stored"),
    [("named", (Attribution.NAMED, "Cleo Rees")), ("not_published", (Attribution.NOT_PUBLISHED, None))],
)
def test_who_booked_asks_under_their_name_or_none_and_gets_a_receipt(
    unit: Unit, client: FlaskClient, asking: Asking, *, way: str, stored: tuple[Attribution, str | None]
) -> None:
    answer = send(client, asking.page, **{**TYPED, "question_attribution": way})

    assert answer.status_code == 303
    assert "Who pays for the meadows?" in client.get(answer.location).text
    assert _asked(unit) == [("Who pays for the meadows?", *stored)]


@pytest.mark.parametrize("question", ["", " \u200b", "x" * 1001])
def test_an_empty_or_endless_question_is_refused_beside_its_field(
    unit: Unit, client: FlaskClient, asking: Asking, question: str
) -> None:
    """R35."""
    answer = send(client, asking.page, **{**TYPED, "question": question})

    assert (answer.status_code, 'id="question-error"' in answer.text) == (422, True)
    assert _asked(unit) == []


@pytest.mark.parametrize("way", ["anonymous", "organisation", "zz", "named\x00"])
def test_a_way_of_being_named_that_is_not_offered_is_refused(
    unit: Unit, client: FlaskClient, asking: Asking, way: str
) -> None:
    """P1: a booking's page knows who asks, so nothing sent from it is taken for anonymous."""
    refused = send(client, asking.page, **{**TYPED, "question_attribution": way})

    assert (refused.status_code, "Choose one of these ways of being named." in refused.text) == (422, True)
    assert TYPED["question"] in refused.text
    assert _asked(unit) == []


@pytest.mark.parametrize(("typed", "seconds"), [({"website": "https://buy.example"}, 60), ({}, 1)])
def test_what_a_machine_sends_is_held_for_a_person(
    unit: Unit,
    client: FlaskClient,
    asking: Asking,
    clock: time_machine.Traveller,
    *,
    typed: dict[str, str],
    seconds: int,
) -> None:
    """S32: a trap, and haste where words are shown before anybody has read them."""
    with unit() as session:
        session.scalars(select(Event)).one().moderation_mode = ModerationMode.POST
    form = hidden(client.get(asking.page))
    clock.shift(timedelta(seconds=seconds))
    assert client.post(asking.page, data={**form, **TYPED, **typed}).status_code == 303

    with unit() as session:
        question = session.scalars(select(Response)).one()
        assert (question.status, question.held_for) == (ResponseStatus.HELD, HoldReason.SPAM)


def test_without_the_tick_nobody_but_the_organiser_reads_it(
    unit: Unit, app: Flask, client: FlaskClient, asking: Asking
) -> None:
    """P14: not even by a moderator's mistake."""
    send(client, asking.page, question=TYPED["question"], question_attribution="named")
    with unit():
        make_person("asha@example.org", "organiser")
    desk = app.test_client()
    sign_in(desk, "asha@example.org")

    assert "Who pays for the meadows?" in desk.get(DESK).text
    for page in (f"{asking.other}/questions", PUBLIC, "/events/over-lunch/"):
        assert "Who pays" not in client.get(page).text


def test_others_vote_it_up_the_organiser_notes_when_it_was_answered_and_everybody_reads_it_afterwards(
    unit: Unit, app: Flask, client: FlaskClient, asking: Asking, clock: time_machine.Traveller
) -> None:
    send(client, asking.page, **TYPED)
    assert "Who pays" not in client.get(f"{asking.other}/questions").text  # it waits for a moderator
    question_id = _publish(unit, asking)
    assert "Who pays" in client.get(f"{asking.other}/questions").text
    voted = client.post(f"{asking.other}/votes/{question_id}", data={"value": "up"})
    assert (voted.status_code, voted.location.endswith(f"#response-{question_id}")) == (303, True)
    assert client.post(f"{asking.other}/votes/{question_id}", data={"value": "agree"}).status_code == 422

    with unit():
        make_person("asha@example.org", "organiser")
    desk = app.test_client()
    sign_in(desk, "asha@example.org")
    page = desk.get(DESK)
    assert "1 person wants to know this" in page.text
    address = f"{DESK}/{question_id}"
    for wrong in ("soon", "12:99", "99:00", "-1:00", "١:٠٠"):
        refused = desk.post(address, data={**hidden(page), "when": wrong})
        assert (refused.status_code, "Write minutes and seconds" in refused.text) == (422, True)
    assert desk.post(address, data={**hidden(page), "when": "12:05"}).status_code == 303
    assert "Answered at 12:05" in desk.get(DESK).text

    clock.shift(timedelta(days=3))
    for page in (PUBLIC, EVENT):
        afterwards = client.get(page).text
        assert "Who pays for the meadows?" in afterwards
        assert "answered at 12:05" in afterwards
        assert "1 person wants to know this too" in afterwards
    with unit() as session:
        counts = count_for_event(session.scalars(select(Event.id)).one())
        assert (counts.live_questions, counts.comments) == (1, 0)


def test_the_events_page_shows_the_most_wanted_few_and_leads_to_all(
    unit: Unit, client: FlaskClient, asking: Asking, clock: time_machine.Traveller
) -> None:
    for number in range(7):
        clock.shift(timedelta(minutes=1))
        send(client, asking.page, **{**TYPED, "question": f"What about number {number}?"})
    assert "number 3" not in client.get(EVENT).text
    with unit() as session:
        ids = {question.body: question.id for question in session.scalars(select(Response))}
        for question_id in ids.values():
            decide(question_id, action=ModerationAction.PUBLISH, moderator=asking.moderator, at=real_clock.now())
    voted = ids["What about number 3?"]
    client.post(f"{asking.other}/votes/{voted}", data={"value": "up"})

    page = client.get(EVENT)
    shown = re.findall(r"What about number (\d)\?", page.text)
    assert (len(shown), shown[0]) == (5, "3")
    assert "Read all 7 questions that people asked" in page.text
    assert faults(page) == []


def test_questions_close_with_the_event_and_where_the_organiser_wants_none(
    unit: Unit, site: Site, client: FlaskClient, asking: Asking, clock: time_machine.Traveller
) -> None:
    form = hidden(client.get(asking.page))
    with unit() as session:
        session.scalars(select(Event)).one().takes_live_questions = False
    refused = client.post(asking.page, data={**form, **TYPED})
    assert (refused.status_code, "Who pays for the meadows?" in refused.text) == (409, True)
    with unit() as session:
        session.scalars(select(Event)).one().takes_live_questions = True
    clock.shift(timedelta(days=3))
    key = new_submission_key(site.link_secrets, real_clock.now())
    late = client.post(asking.page, data={**TYPED, "submission_key": key})

    assert late.status_code == 409
    assert _asked(unit) == []
    assert "takes no questions" in client.get(asking.page).text


def test_a_comment_is_never_marked_as_an_answered_question(unit: Unit, app: Flask, asking: Asking) -> None:
    """S21: nor a question of another event."""
    with unit():
        make_person("asha@example.org", "organiser")
    desk = app.test_client()
    sign_in(desk, "asha@example.org")
    address = f"{DESK}/{UUID(int=1)}"

    assert desk.post(address, data={**hidden(desk.get(DESK)), "when": "01:00"}).status_code == 404
    with unit() as session:
        assert session.scalars(select(Response).where(Response.status == ResponseStatus.PUBLISHED)).all() == []
