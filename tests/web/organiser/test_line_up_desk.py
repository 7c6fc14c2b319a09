"""The line-up on the desk: addresses, invitations, answers, order, and what is erased."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.calendars.models import CalendarInvite
from engage.events.enums import AppearanceStatus
from engage.events.models import Appearance, Event
from engage.flows.speaking import answer_to_speak
from engage.kernel import clock as now
from engage.mail.faults import note_permanent
from engage.mail.models import Message
from engage.speakers.models import Speaker
from tests.factories import make_event, make_speaker
from tests.queries import statements_sent

Unit = Callable[[], AbstractContextManager[Session]]
Send = Callable[..., TestResponse]
DESK = "/organise/events/lunch/"
PAGE = DESK + "speakers"
ROLE = {"role": "speaker"}


@pytest.fixture
def lunch(unit: Unit) -> None:
    with unit():
        make_event(title="Views over lunch", slug="lunch")


@pytest.fixture
def draft(unit: Unit) -> None:
    with unit():
        make_event(title="Views over lunch", slug="lunch", published=False)


def ben_of(unit: Unit) -> UUID:
    with unit() as session:
        return make_speaker(session.scalars(select(Event)).one()).id


def answer(app: Flask, unit: Unit, who: UUID, status: AppearanceStatus, words: str) -> None:
    site = app.extensions["engage"].site()
    with unit():
        answer_to_speak(who, status, message=words, site=site, at=now.now(), by="page")


def kinds(unit: Unit) -> list[str]:
    with unit() as session:
        return [kind.value for kind in session.scalars(select(Message.kind).order_by(Message.id))]


def test_an_address_is_given_shown_to_organisers_alone_and_invited(
    send: Send, asha: FlaskClient, client: FlaskClient, lunch: None, unit: Unit
) -> None:
    """S23: never on a public page or feed."""
    assert send(PAGE, name="Ben Ali", email="Ben@Example.org", **ROLE).status_code == 303
    page = asha.get(PAGE).text
    assert "their invitation is on its way" in page
    assert "ben@example.org" in page
    assert "Invited, no answer yet" in page
    assert kinds(unit) == ["speaker_invited"]
    for public in ("/events/lunch/", "/events/", "/", "/events.ics", "/events/lunch.ics", "/events.atom"):
        text = client.get(public).text
        assert "ben@example.org" not in text, public
    assert "Ben Ali" in client.get("/events/lunch/").text


@pytest.mark.parametrize("address", ["ben", "ben@example.org, b@example.org", "ben@@example.org"])
def test_what_is_no_address_is_refused_beside_the_field(send: Send, lunch: None, unit: Unit, address: str) -> None:
    page = send(PAGE, name="Ben Ali", email=address, **ROLE)
    assert page.status_code == 422
    assert "Please write one e-mail address, such as name@example.org." in page.text
    assert f'value="{address}"' in page.text
    assert kinds(unit) == []


def test_a_draft_invites_only_when_told_to(send: Send, asha: FlaskClient, draft: None, unit: Unit) -> None:
    send(PAGE, name="Ben Ali", email="ben@example.org", **ROLE)
    page = asha.get(PAGE).text
    assert "Not asked" in page
    assert kinds(unit) == []
    with unit() as session:
        who = str(session.scalars(select(Appearance.id)).one())
    assert send(PAGE, invite=who).status_code == 303
    assert kinds(unit) == ["speaker_invited"]
    assert "Invited, no answer yet" in asha.get(PAGE).text
    assert send(DESK, to=DESK + "publish").status_code == 303
    assert kinds(unit) == ["speaker_invited", "speaker_invited"]


def test_answers_stand_on_both_pages_with_their_words_and_nowhere_else(
    app: Flask, asha: FlaskClient, client: FlaskClient, lunch: None, unit: Unit
) -> None:
    ben = ben_of(unit)
    answer(app, unit, ben, AppearanceStatus.DECLINED, "I am <b>away</b>.")
    for page in (PAGE, DESK):
        text = asha.get(page).text
        assert "Declined" in text
        assert "I am &lt;b&gt;away&lt;/b&gt;." in text
    assert "Somebody in the line-up has declined" in asha.get(DESK).text
    for public in ("/events/lunch/", "/events/lunch.ics", "/events.ics", "/"):
        assert "Ben Okafor" not in client.get(public).text, public
    refused = asha.post(PAGE, data={"csrf_token": _token(asha), "invite_again": str(ben)})
    assert refused.status_code == 409
    assert "They have declined, so they are not written to again." in refused.text


def test_the_buttons_send_again_order_take_out_and_put_back(
    send: Send, asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    ben = str(ben_of(unit))
    send(PAGE, name="Ada Lovelace", **ROLE)
    for button, said in (
        ("invite_again", "The invitation is on its way again."),
        ("down", "The order is saved."),
        ("up", "The order is saved."),
        ("take-out", "The line-up is one person shorter."),
        ("put_back", "They stand at the end of the line-up again."),
    ):
        pressed = send(f"{PAGE}/{ben}/take-out") if button == "take-out" else send(PAGE, **{button: ben})
        assert pressed.status_code == 303, button
        assert said in asha.get(PAGE).text, button
    assert kinds(unit) == ["speaker_invited", "speaker_invited", "speaker_removed", "speaker_invited"]
    assert re.findall(r"<h3[^>]*>(Ada Lovelace|Ben Okafor)<", asha.get(PAGE).text) == ["Ada Lovelace", "Ben Okafor"]


def test_taking_out_says_first_who_is_told_and_acts_only_when_that_is_confirmed(
    send: Send, asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    ben = ben_of(unit)
    before = kinds(unit)
    asked = f"{PAGE}/{ben}/take-out"
    page = asha.get(asked)
    assert page.status_code == 200
    assert "We tell them at once, by mail to ben@example.org, and the event leaves their calendar." in page.text
    assert send(PAGE, remove=str(ben)).status_code == 422, "the list itself takes nobody out"
    assert kinds(unit) == before
    assert asha.post(asked).status_code == 403
    assert kinds(unit) == before
    assert send(asked).status_code == 303
    assert kinds(unit) == [*before, "speaker_removed"]
    again = asha.get(asked)
    assert again.status_code == 303
    assert "There is nothing to take out" in asha.get(again.location).text
    assert asha.post(asked, data={"csrf_token": _token(asha)}).status_code == 404
    assert kinds(unit) == [*before, "speaker_removed"]


def test_taking_out_somebody_who_was_never_asked_says_that_nobody_is_told(
    send: Send, asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    send(PAGE, name="Ada Lovelace", **ROLE)
    page = asha.get(PAGE).text
    assert "No address" in page
    assert "Not asked" not in page
    (asked,) = re.findall(r'href="([^"]+/take-out)"', page)
    assert "Nobody is told: no invitation of theirs stands." in asha.get(asked).text
    assert send(asked).status_code == 303
    assert "Ada Lovelace" not in asha.get(PAGE).text
    assert kinds(unit) == []
    assert asha.get(asked).status_code == 404


@pytest.mark.parametrize("button", ["invite", "invite_again", "up", "down", "put_back"])
def test_a_button_of_another_line_up_or_of_nobody_finds_nobody(
    asha: FlaskClient, lunch: None, unit: Unit, button: str
) -> None:
    """S21: looked up through the event."""
    with unit():
        other = make_speaker(make_event(slug="other")).id
    for who in (str(other), "nobody", str(UUID(int=0))):
        answer = asha.post(PAGE, data={"csrf_token": _token(asha), button: who})
        assert answer.status_code == 404
    assert asha.get(f"{PAGE}/{other}").status_code == 404
    assert asha.get(f"{PAGE}/{other}/erase").status_code == 404
    assert asha.get(f"{PAGE}/{other}/take-out").status_code == 404
    assert asha.post(f"{PAGE}/{other}/take-out", data={"csrf_token": _token(asha)}).status_code == 404


def test_somebody_is_changed_on_a_page_of_their_own_that_tells_what_happened(
    app: Flask, send: Send, asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    ben = ben_of(unit)
    answer(app, unit, ben, AppearanceStatus.ACCEPTED, "Gladly.")
    page = f"{PAGE}/{ben}"
    filled = {"name": "Ben Okri", "role_title": "Poet", "organisation": "", "email": "ben@example.org", **ROLE}
    assert send(page, **filled).status_code == 303
    assert send(page, **filled).status_code == 303
    assert "Nothing was different" in asha.get(PAGE).text
    text = asha.get(page).text
    for words in (
        "Ben Okri",
        "Gladly.",
        "Accepted",
        "Put in the line-up by an organiser.",
        "Invited, since the event is published.",
        "They accepted.",
        "Changed by an organiser.",
        "By Asha Okafor",
        "Invitation to speak",
    ):
        assert words in text
    assert "Something was changed." not in text
    refused = send(page, **{**filled, "name": "  "})
    assert refused.status_code == 422
    assert "Give the speaker’s name." in refused.text


def test_an_address_at_which_mail_bounces_is_shown_with_the_reason(asha: FlaskClient, lunch: None, unit: Unit) -> None:
    ben = ben_of(unit)
    with unit():
        note_permanent("ben@example.org", "550 no such user", now.now())
    for page in (PAGE, DESK, f"{PAGE}/{ben}"):
        text = asha.get(page).text
        assert "Mail does not arrive" in text
        assert "550 no such user" in text


def test_an_address_is_erased_once_nobody_needs_it(send: Send, asha: FlaskClient, lunch: None, unit: Unit) -> None:
    """P18: no byte of it is left in line-up, calendar entry or mail."""
    ben = ben_of(unit)
    page = f"{PAGE}/{ben}"
    assert "Erase the address…" not in asha.get(page).text
    refused = send(page, to=f"{page}/erase")
    assert refused.status_code == 409
    assert "Take them out first" in refused.text
    send(f"{PAGE}/{ben}/take-out")
    assert "Erase the address…" in asha.get(page).text
    assert send(page, to=f"{page}/erase").status_code == 303
    assert send(page, to=f"{page}/erase").status_code == 303
    with unit() as session:
        assert session.scalars(select(Speaker.email)).all() == [None]
        stored = [
            *session.scalars(select(CalendarInvite.attendee_addr)),
            *session.scalars(select(Message.to_addr)),
            *map(str, session.scalars(select(Message.facts))),
        ]
    assert not [each for each in stored if "ben@example.org" in each]
    assert "The address was erased, with what they had written." in asha.get(page).text


def test_cancelling_says_how_many_speakers_are_told(send: Send, asha: FlaskClient, lunch: None, unit: Unit) -> None:
    ben_of(unit)
    send(PAGE, name="Ada Lovelace", **ROLE)
    page = asha.get(DESK + "cancel").text
    assert "One person was asked to speak." in page
    assert "One person in the line-up was not written to from here" in page
    send(DESK + "cancel", reason="Ill.")
    assert "The event is cancelled. One person is being told." in asha.get(DESK).text
    assert kinds(unit) == ["speaker_invited", "event_cancelled"]
    assert asha.get(PAGE).status_code == 200


def _token(asha: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', asha.get(PAGE).text)
    assert found is not None
    return found[1]


def test_after_the_event_nobody_is_asked_any_more(asha: FlaskClient, lunch: None, unit: Unit) -> None:
    ben_of(unit)
    with unit() as session:
        event = session.scalars(select(Event)).one()
        event.starts_at -= timedelta(days=30)
        event.ends_at -= timedelta(days=30)
    text = asha.get(PAGE).text
    assert "Send the invitation again" not in text
    assert "Take out" in text


@pytest.mark.parametrize("page", [PAGE, DESK])
def test_a_page_asks_as_often_for_thirty_speakers_as_for_two(
    asha: FlaskClient, lunch: None, unit: Unit, page: str
) -> None:
    ben_of(unit)
    asha.get(page)
    with statements_sent() as few:
        assert asha.get(page).status_code == 200
    with unit() as session:
        event = session.scalars(select(Event)).one()
        for number in range(29):
            make_speaker(event, f"Speaker {number}", f"s{number}@example.org")
    with statements_sent() as many:
        assert "Speaker 28" in asha.get(page).text
    assert len(many) == len(few), "\n\n".join(many)
