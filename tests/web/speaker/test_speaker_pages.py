"""A speaker's own pages: what they are invited to, their answer, the entry for their calendar, their way in."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.audit.models import AuditEntry
from engage.events.appearances import speaker_token
from engage.events.enums import AppearanceStatus
from engage.events.models import Appearance, Event
from engage.events.services import set_questions
from engage.flows.cancelling import cancel_event
from engage.flows.line_up import take_out
from engage.flows.speaking import LONGEST_WORDS
from engage.kernel.settings import Site
from engage.mail.models import Message
from tests.factories import hidden, make_consultation, make_event, make_speaker
from tests.queries import statements_sent

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
START = NOW + timedelta(days=7)


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


@pytest.fixture
def ben(unit: Unit, clock: time_machine.Traveller) -> UUID:
    """Return the appearance of Ben, who was invited, at an event with a question and Ada beside him."""
    with unit():
        event = make_event(slug="rivers", title="Rivers", starts_at=START)
        question = make_consultation(questions=1).questions[0]
        set_questions(event.id, question_ids=[question.id], at=NOW, actor=None)
        make_speaker(event, "Ada Lovelace", None, organisation="Analytical Society")
        return make_speaker(event).id


@pytest.fixture
def page(unit: Unit, site: Site, ben: UUID) -> str:
    """Return the address of Ben's own page."""
    with unit() as session:
        return f"/speaker/{speaker_token(session.get_one(Appearance, ben), site)}/"


def send(client: FlaskClient, page: str, answer: str = "accepted", message: str = "") -> TestResponse:
    """Fill in the form of the page, as a browser does."""
    return client.post(f"{page}answer", data={**hidden(client.get(page)), "answer": answer, "message": message})


def answered(unit: Unit) -> int:
    with unit() as session:
        return session.scalar(select(func.count(Message.id)).where(Message.kind == "speaker_answered")) or 0


def test_the_page_says_what_they_are_invited_to_and_is_kept_private(client: FlaskClient, page: str) -> None:
    """S12, S38: no other page learns its address, and nothing stores it."""
    answer = client.get(page)
    for words in (
        "Would you speak at this event?",
        "Ben Okafor",
        "Tuesday 8 September 2026, 10am to 11am, UK time (BST)",
        "What about number 1?",
        "Ada Lovelace",
        "No answer yet",
    ):
        assert words in answer.text
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer.headers["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("given", "heading", "state"),
    [
        ("accepted", "You will be there. Thank you!", "Accepted"),
        ("tentative", "Would you speak at this event?", "Not sure yet"),
        ("declined", "You cannot come", "Declined"),
    ],
)
def test_an_answer_is_kept_and_shown_with_its_words(
    client: FlaskClient, page: str, ben: UUID, unit: Unit, given: str, heading: str, state: str
) -> None:
    answer = send(client, page, given, "I need\na projector.")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{page}?done=answered#your-answer")
    shown = client.get(f"{page}?done=answered")
    for words in (heading, state, "Your answer is saved, and the organisers are told.", "I need\r\na projector."):
        assert words in shown.text.replace("I need\na", "I need\r\na")
    with unit() as session:
        found = session.get_one(Appearance, ben)
        assert (found.status, found.message) == (AppearanceStatus(given), "I need\na projector.")
    assert answered(unit) == 1


def test_the_same_form_sent_twice_is_one_answer_also_after_another_one(
    client: FlaskClient, page: str, ben: UUID, unit: Unit
) -> None:
    """R8: a double click, or the browser's "back" and "send again", changes nothing."""
    form = {**hidden(client.get(page)), "answer": "accepted", "message": "Gladly."}
    for _ in range(2):
        assert client.post(f"{page}answer", data=form).status_code == 303
    assert send(client, page, "declined").status_code == 303
    assert client.post(f"{page}answer", data=form).status_code == 303
    with unit() as session:
        assert session.get_one(Appearance, ben).status is AppearanceStatus.DECLINED
    assert answered(unit) == 2


@pytest.mark.parametrize(
    ("given", "words", "sentence"),
    [
        ("", "Keep me", "Choose one of the three answers."),
        ("withdrawn", "Keep me", "Choose one of the three answers."),
        ("accepted", "Keep me" + "x" * LONGEST_WORDS, f"Please keep this to {LONGEST_WORDS} characters."),
    ],
)
def test_what_cannot_be_read_is_refused_and_kept(
    client: FlaskClient, page: str, unit: Unit, given: str, words: str, sentence: str
) -> None:
    """R35."""
    answer = send(client, page, given, words)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Keep me" in answer.text
    assert answered(unit) == 0


def test_looking_changes_nothing(client: FlaskClient, page: str, unit: Unit) -> None:
    """Rule 9 of calendar-mail: link scanners open every link."""
    with unit() as session:
        before = session.scalar(select(func.count(AuditEntry.id)))
    for address in (page, f"{page}join", f"{page}invite.ics", f"{page}?answer=declined"):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
    assert client.get(f"{page}answer").status_code == 405
    with unit() as session:
        assert session.scalar(select(func.count(AuditEntry.id))) == before
    assert answered(unit) == 0


def test_the_file_is_the_entry_of_the_mail(
    client: FlaskClient, page: str, unit: Unit, worker: Callable[..., int]
) -> None:
    answer = client.get(f"{page}invite.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.data)
    event = calendar.walk("VEVENT")[0]
    with unit() as session:
        facts = session.scalars(select(Message.facts).where(Message.kind == "speaker_invited")).one()
    assert str(calendar["METHOD"]) == "REQUEST"
    assert (str(event["UID"]), int(event["SEQUENCE"])) == (facts["calendar"]["uid"], 0)
    assert str(event["ATTENDEE"]) == "mailto:ben@example.org"
    assert [str(alarm["TRIGGER"].to_ical(), "ascii") for alarm in event.walk("VALARM")] == ["-PT30M"]


def test_the_way_in_opens_half_an_hour_before_the_start(
    client: FlaskClient, page: str, unit: Unit, clock: time_machine.Traveller
) -> None:
    way_in = f"{page}join"
    clock.move_to(START - timedelta(minutes=30, seconds=1))
    assert "Your way in opens on Tuesday 8 September 2026 at 9:30am" in client.get(way_in).text
    assert client.post(way_in).status_code == 409
    clock.move_to(START - timedelta(minutes=30))
    assert "Go in now" in client.get(way_in).text
    answer = client.post(way_in, data=hidden(client.get(way_in)))
    assert (answer.status_code, answer.headers["Refresh"]) == (200, "1; url=https://meet.example.org/room")
    assert "https://meet.example.org/room" not in client.get(way_in).text
    clock.move_to(START + timedelta(hours=1))
    assert client.post(way_in).status_code == 409


def test_whoever_declined_or_was_taken_out_does_not_go_in(
    client: FlaskClient, page: str, ben: UUID, unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    form = hidden(client.get(page))
    send(client, page, "declined")
    clock.move_to(START)
    assert client.post(f"{page}join").status_code == 409
    with unit() as session:
        take_out(session.get_one(Appearance, ben).event_id, ben, site=site, at=START, actor=None)
    assert "You are no longer in the line-up" in client.get(page).text
    assert "VEVENT" in client.get(f"{page}invite.ics").text
    answer = client.post(f"{page}answer", data={**form, "answer": "accepted"})
    assert answer.status_code == 409
    assert "there is nothing to answer" in answer.text


def test_a_cancelled_event_says_so_and_takes_no_answer(
    client: FlaskClient, page: str, ben: UUID, unit: Unit, site: Site
) -> None:
    key = hidden(client.get(page))
    with unit() as session:
        cancel_event(session.scalars(select(Event.id)).one(), reason="Ill.", site=site, at=NOW, actor=None)
    assert "The reason: Ill." in client.get(page).text
    answer = client.post(f"{page}answer", data={**key, "answer": "accepted"})
    assert answer.status_code == 409
    assert answered(unit) == 0


def test_another_link_and_a_changed_one_open_nothing(client: FlaskClient, page: str, ben: UUID, unit: Unit) -> None:
    """S12: bound to purpose and row, revoked by a new nonce."""
    forged = page[:-2] + ("A" if page[-2] != "A" else "B") + "/"
    for address in (forged, "/speaker/x/"):
        assert client.get(address).status_code == 404
    with unit() as session:
        session.get_one(Appearance, ben).nonce = "another"
    for each in ("", "invite.ics", "join"):
        assert client.get(page + each).status_code == 404


def test_the_page_asks_as_often_for_thirty_speakers_as_for_two(client: FlaskClient, page: str, unit: Unit) -> None:
    with statements_sent() as few:
        client.get(page)
    with unit() as session:
        event = session.scalars(select(Event)).one()
        for number in range(29):
            make_speaker(event, f"Speaker {number}", None)
    with statements_sent() as many:
        assert "Speaker 28" in client.get(page).text
    assert len(many) == len(few), "\n\n".join(many)
