"""A question to the speakers, sent along with a booking: stored with it or not at all, with a consent of its own."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.bookings.models import Booking
from engage.events.models import Event
from engage.mail.models import Message
from engage.responses.enums import Attribution, HoldReason, IdentityBasis, Purpose, ResponseKind, ResponseStatus
from engage.responses.models import Consent, Respondent, RespondentIdentity, Response
from tests.factories import hidden, make_event

pytestmark = pytest.mark.usefixtures("clock", "event")
Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/events/lunch/book"
CLEO = {"name": "Cleo Rees", "email": "cleo@example.org"}
ASKED = {"question": "Who pays for the meadows?", "question_attribution": "named", "question_publish": "yes"}


@pytest.fixture
def event(clock: time_machine.Traveller, unit: Unit) -> None:
    """An event that takes questions, with two places."""
    with unit():
        make_event(slug="lunch", capacity=2)


def _book(client: FlaskClient, clock: time_machine.Traveller, **typed: str) -> TestResponse:
    form = hidden(client.get(PAGE))
    clock.shift(timedelta(seconds=30))
    return client.post(PAGE, data={**form, **CLEO, **typed})


def _stored(unit: Unit) -> tuple[int, list[str]]:
    with unit() as session:
        bookings = session.scalar(select(func.count()).select_from(Booking)) or 0
        return bookings, list(session.scalars(select(Response.body_original)))


def test_the_question_is_stored_with_the_booking_and_the_words_of_its_consent(
    unit: Unit, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    """P12: the wording that stood beside the tick."""
    answer = _book(client, clock, **ASKED)

    assert (answer.status_code, answer.location) == (303, "/events/lunch/booked?result=place")
    assert _stored(unit) == (1, [ASKED["question"]])
    with unit() as session:
        question = session.scalars(select(Response)).one()
        assert (question.kind, question.attribution) == (ResponseKind.LIVE_QUESTION, Attribution.NAMED)
        assert (question.display_name, question.status) == ("Cleo Rees", ResponseStatus.RECEIVED)
        consent = session.scalars(select(Consent)).one()
        assert (consent.purpose, consent.granted) == (Purpose.PUBLISH_SITE, True)
        assert consent.wording_shown == "Everybody may read my question on this site, and vote for it"
        wording = consent.wording_shown
        mails = {(mail.kind, mail.to_addr) for mail in session.scalars(select(Message))}
        assert mails == {("invitation", CLEO["email"]), ("receipt", CLEO["email"])}
    assert wording in client.get(PAGE).text


def test_without_name_and_tick_neither_is_shown(unit: Unit, client: FlaskClient, clock: time_machine.Traveller) -> None:
    """P14."""
    _book(client, clock, question=ASKED["question"])

    with unit() as session:
        question = session.scalars(select(Response)).one()
        assert (question.attribution, question.display_name) == (Attribution.NOT_PUBLISHED, None)
        assert not session.scalars(select(Consent)).one().granted


def test_no_question_stores_none(unit: Unit, client: FlaskClient, clock: time_machine.Traveller) -> None:
    _book(client, clock, question="  ", question_attribution="named", question_publish="yes")
    assert _stored(unit) == (1, [])


def test_sent_twice_it_is_one_question(unit: Unit, client: FlaskClient) -> None:
    """R6, R8."""
    form = {**hidden(client.get(PAGE)), **CLEO, **ASKED}
    for _ in range(2):
        assert client.post(PAGE, data=form).status_code == 303
    assert _stored(unit) == (1, [ASKED["question"]])


def test_too_long_a_question_books_nothing_and_everything_typed_stays(
    unit: Unit, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    """R3, R35."""
    answer = _book(client, clock, **{**ASKED, "question": "x" * 1001})

    assert (answer.status_code, 'id="question-error"' in answer.text) == (422, True)
    assert ("x" * 1001 in answer.text, "Cleo Rees" in answer.text) == (True, True)
    assert _stored(unit) == (0, [])


def test_an_event_without_questions_asks_for_none_and_keeps_what_was_typed_meanwhile(
    unit: Unit, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    """R3: the booking and its question together, or neither."""
    form = hidden(client.get(PAGE))
    with unit() as session:
        session.scalars(select(Event)).one().takes_live_questions = False
    answer = client.post(PAGE, data={**form, **CLEO, **ASKED})

    assert (answer.status_code, ASKED["question"] in answer.text) == (409, True)
    assert _stored(unit) == (0, [])
    assert 'name="question"' not in client.get(PAGE).text


def test_a_known_address_is_answered_alike_and_nobody_speaks_as_who_booked(
    unit: Unit, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    """Rule 16: nothing shows that the address is booked, and the question is a guest's until the mail is read."""
    first = _book(client, clock)
    second = _book(client, clock, **ASKED)

    assert (first.status_code, first.location) == (second.status_code, second.location)
    with unit() as session:
        [respondent] = session.scalars(select(Respondent))
        assert respondent.identity_basis is IdentityBasis.GUEST
        assert session.scalars(select(RespondentIdentity.email)).one() == CLEO["email"]
        assert session.scalar(select(func.count()).select_from(Booking)) == 1


def test_a_machine_that_fills_in_every_field_asks_nobody_anything_yet(
    unit: Unit, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    """S32: the booking stands, the question waits for a person."""
    _book(client, clock, **ASKED, website="https://buy.example")

    with unit() as session:
        question = session.scalars(select(Response)).one()
        assert (question.status, question.held_for) == (ResponseStatus.HELD, HoldReason.SPAM)
