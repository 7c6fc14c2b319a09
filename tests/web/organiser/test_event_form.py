"""Making an event: what is stored, and what is refused with everything typed still there."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.audit.models import AuditEntry
from engage.events.enums import EventStatus
from engage.events.models import Event
from tests.factories import hidden, make_event, sign_in

Unit = Callable[[], AbstractContextManager[Session]]
Send = Callable[..., TestResponse]

GOOD = {
    "title": "Levelling up: three views over lunch",
    "summary": "What could it change?",
    "description": "Bring *one* question.\n\nWe start on time.",
    "date": "2027-03-31",
    "start_time": "12:30",
    "end_time": "13:30",
    "timezone": "Europe/London",
    "capacity": "100",
    "join_url": "https://meet.example.org/room",
}
NEW = "/organise/events/new"


def count(unit: Unit) -> int:
    with unit() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


def problems(answer: TestResponse) -> str:
    """Return the error summary of a page."""
    assert 'class="error-summary"' in answer.text
    return answer.text.partition('class="error-summary"')[2].partition("</div>")[0]


def test_new_event_is_a_draft_with_its_instants_and_its_wall_time(send: Send, unit: Unit) -> None:
    answer = send(NEW, **GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/organise/events/levelling-up-three-views-over-lunch/",
    )
    with unit() as session:
        event = session.scalars(select(Event)).one()
        assert (event.status, event.title, event.capacity) == (EventStatus.DRAFT, GOOD["title"], 100)
        assert event.starts_at == datetime(2027, 3, 31, 11, 30, tzinfo=UTC)
        assert event.ends_at == datetime(2027, 3, 31, 12, 30, tzinfo=UTC)
        assert (event.timezone, event.local_start) == ("Europe/London", "2027-03-31T12:30")
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:event:create")).one()
        assert entry.actor is not None


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("title", "", "Give the event a title."),
        ("title", "\x00\u202e \u200b", "Give the event a title."),
        ("title", "x" * 201, "Please keep this to 200 characters."),
        ("summary", " ", "Say in a sentence or two"),
        ("summary", "x" * 501, "Please keep this to 500 characters."),
        ("description", "x" * 20_001, "Please keep this to 20000 characters."),
        ("date", "", "Say on which day it is."),
        ("date", "31/03/2027", "Write the date as year, month and day"),
        ("date", "2027-02-30", "Write the date as year, month and day"),
        ("date", "２０２７-03-31", "Write the date as year, month and day"),
        ("date", "9999-12-31", "The year must be between 2000 and 2100."),
        ("start_time", "noon", "Write the time as hours and minutes"),
        ("start_time", "25:00", "Write the time as hours and minutes"),
        ("end_time", "", "Say when it ends."),
        ("end_time", "12:30", "The end must be after the start."),
        ("end_time", "11:00", "The end must be after the start."),
        ("timezone", "", "Say in which time zone."),
        ("timezone", "Mars/Olympus", "is not a time zone that we know"),
        ("timezone", "../../etc/passwd", "is not a time zone that we know"),
        ("timezone", "Europe", "is not a time zone that we know"),
        ("capacity", "", "Say how many places there are."),
        ("capacity", "0", "The number of places is between 1 and 100000."),
        ("capacity", "-1", "Write the number of places in digits"),
        ("capacity", "many", "Write the number of places in digits"),
        ("capacity", "１００", "Write the number of places in digits"),
        ("capacity", "1e3", "Write the number of places in digits"),
        ("capacity", "100001", "The number of places is between 1 and 100000."),
        ("capacity", "9" * 30, "Write the number of places in digits"),
        ("join_url", "javascript:alert(1)", "full web address"),
        ("join_url", "meet.example.org", "full web address"),
        ("join_url", "https://user:secret@meet.example.org/", "full web address"),
        ("join_url", "https://meet.example.org/" + "x" * 500, "Please keep this to 500 characters."),
        ("slug", "Not A Slug!", "An address is made of small letters"),
        ("slug", "../up", "An address is made of small letters"),
    ],
)
def test_new_event_refuses_beside_the_field_and_keeps_what_was_typed(
    send: Send, unit: Unit, field: str, typed: str, sentence: str
) -> None:
    answer = send(NEW, **{**GOOD, field: typed})
    assert answer.status_code == 422
    assert sentence in problems(answer)
    assert f'id="{field}-error"' in answer.text
    for name, value in {**GOOD, field: typed.strip("\x00\u202e \u200b")}.items():
        assert str(escape(value.replace("\n", "\r\n") if name == "x" else value)) in answer.text
    assert count(unit) == 0


def test_every_empty_field_is_told_at_once(send: Send, unit: Unit) -> None:
    answer = send(NEW, **dict.fromkeys(GOOD, ""))
    assert answer.status_code == 422
    assert "7 things need another look" in problems(answer)
    assert count(unit) == 0


def test_a_time_that_does_not_exist_is_refused_with_the_reason(send: Send, unit: Unit) -> None:
    answer = send(NEW, **{**GOOD, "date": "2027-03-28", "start_time": "01:30", "end_time": "03:00"})
    assert answer.status_code == 422
    assert "The clocks go forward on Sunday 28 March 2027, and 01:30 does not exist." in problems(answer)
    assert 'id="start_time-error"' in answer.text
    assert count(unit) == 0


def test_an_end_that_does_not_exist_is_refused_beside_the_end(send: Send, unit: Unit) -> None:
    answer = send(NEW, **{**GOOD, "date": "2027-03-28", "start_time": "00:30", "end_time": "01:30"})
    assert answer.status_code == 422
    assert 'id="end_time-error"' in answer.text
    assert count(unit) == 0


def test_a_time_that_exists_twice_is_asked_with_both_instants(send: Send, unit: Unit) -> None:
    twice = {**GOOD, "date": "2027-10-31", "start_time": "01:15", "end_time": "03:00"}
    asked = send(NEW, **twice)
    assert asked.status_code == 422
    assert "comes twice" in problems(asked)
    assert "The first: 1:15am BST (00:15 UTC)" in asked.text
    assert "The second, an hour later: 1:15am GMT (01:15 UTC)" in asked.text
    assert 'name="fold"' in asked.text
    assert count(unit) == 0

    answer = send(NEW, **twice, fold="1")

    assert answer.status_code == 303
    with unit() as session:
        assert session.scalars(select(Event.starts_at)).one() == datetime(2027, 10, 31, 1, 15, tzinfo=UTC)


def test_the_choice_of_the_hour_is_kept_when_something_else_is_refused(send: Send) -> None:
    twice = {**GOOD, "date": "2027-10-31", "start_time": "01:15", "end_time": "03:00"}
    answer = send(NEW, **{**twice, "capacity": "0"}, fold="1")
    assert answer.status_code == 422
    chosen = answer.text.partition('name="fold" type="radio" value="1"')[0].rpartition("<input")[2]
    assert "checked" in chosen
    assert send(NEW, **twice, fold="7").status_code == 422


def test_the_question_of_the_hour_is_not_asked_on_other_days(asha: FlaskClient) -> None:
    assert 'name="fold"' not in asha.get(NEW).text


def test_a_taken_address_is_refused_and_the_same_title_gets_another(send: Send, unit: Unit) -> None:
    assert send(NEW, **GOOD, slug="lunch").headers["Location"] == "/organise/events/lunch/"
    taken = send(NEW, **GOOD, slug="lunch")
    assert taken.status_code == 409
    assert "Another event has the address “lunch” already." in problems(taken)
    assert count(unit) == 1
    assert send(NEW, **{**GOOD, "title": "Lunch"}).headers["Location"] == "/organise/events/lunch-2/"


def test_ten_megabytes_are_refused_and_nothing_is_stored(asha: FlaskClient, unit: Unit) -> None:
    fields = {**hidden(asha.get(NEW)), **GOOD, "description": "x" * 10_000_000}
    answer = asha.post(NEW, data=fields)
    assert answer.status_code == 413
    assert "what you typed is still there" in answer.text
    assert count(unit) == 0


def test_emoji_other_scripts_and_encoded_words_are_kept_and_controls_are_not(send: Send, unit: Unit) -> None:
    title = "Cyfarfod 🎉 مرحبا =?utf-8?q?x?= <b>\x07\u202e"
    assert send(NEW, **{**GOOD, "title": title}).status_code == 303
    with unit() as session:
        assert session.scalars(select(Event.title)).one() == "Cyfarfod 🎉 مرحبا =?utf-8?q?x?= <b>"


@pytest.mark.parametrize("extra", [{"status": "published"}, {"seats_taken": "5"}, {"id": "1"}, {"is_sample": "yes"}])
def test_fields_that_the_form_does_not_have_change_nothing(send: Send, unit: Unit, extra: dict[str, str]) -> None:
    assert send(NEW, **GOOD, **extra).status_code == 303
    with unit() as session:
        event = session.scalars(select(Event)).one()
        assert (event.status, event.seats_taken, event.is_sample) == (EventStatus.DRAFT, 0, False)


def test_json_sent_to_the_form_is_refused(asha: FlaskClient, unit: Unit) -> None:
    answer = asha.post(NEW, data="[" * 100_000, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert count(unit) == 0


def test_a_form_without_its_token_is_refused_and_given_back_filled(asha: FlaskClient, unit: Unit) -> None:
    answer = asha.post(NEW, data=GOOD)
    assert answer.status_code == 422
    assert GOOD["title"] in answer.text
    assert count(unit) == 0


def test_a_form_of_another_site_is_refused(asha: FlaskClient, unit: Unit) -> None:
    fields = {**hidden(asha.get(NEW)), **GOOD}
    answer = asha.post(NEW, data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert count(unit) == 0


def test_a_draft_opens_the_edit_page_filled(asha: FlaskClient, unit: Unit) -> None:
    with unit() as session:
        make_event(title="Autumn night", slug="autumn", starts_at=datetime(2027, 10, 31, 9, tzinfo=UTC))
        event = session.scalars(select(Event)).one()
        event.starts_at, event.ends_at = (datetime(2027, 10, 31, hour, 15, tzinfo=UTC) for hour in (1, 2))
    page = asha.get("/organise/events/autumn/edit").text
    for value in ("Autumn night", "2027-10-31", "01:15", "02:15", "Europe/London", "https://meet.example.org/room"):
        assert f'value="{value}"' in page
    assert "The second, an hour later: 1:15am GMT (01:15 UTC)" in page


def test_what_was_typed_survives_the_end_of_the_sign_in(app: Flask, asha: FlaskClient, unit: Unit) -> None:
    typed = {**hidden(asha.get(NEW)), **GOOD, "title": 'A long & "careful" title'}
    asha.post("/sign-out", data={"csrf_token": typed["csrf_token"]})

    given_back = asha.post(NEW, data=typed)

    assert given_back.status_code == 403
    assert given_back.headers["Cache-Control"] == "no-store"
    assert "You are signed out" in given_back.text
    held = {name: unescape(value) for name, value in hidden(given_back).items()}
    assert held == {name: value for name, value in typed.items() if name != "csrf_token"}
    sign_in(asha, "asha@example.org")
    again = asha.post(NEW, data=held)
    assert again.status_code == 422
    assert "Nothing is lost: please send it again." in again.text
    assert asha.post(NEW, data={**held, **hidden(again)}).status_code == 303
    assert count(unit) == 1
