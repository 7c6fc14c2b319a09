"""An organiser takes a consultation from nothing to late answers, as the pages let them."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.consultations.hold_rules import HoldRules
from engage.consultations.queries import get_any_consultation
from engage.consultations.services import lock_question
from tests.consultations.makers import draft, numbers, opened
from tests.factories import hidden, sign_in
from tests.pages import Page

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
Send = Callable[..., TestResponse]
DESK = "/organise/consultations/"
PLANS = f"{DESK}river-plans/"
FIELDS = {
    "title": "River plans",
    "intro": "Two questions about the *river*.",
    "why_now": "The council decides in spring.",
    "opens_date": "2026-09-07",
    "opens_time": "09:00",
    "closes_date": "2026-10-05",
    "closes_time": "17:00",
    "moderation_mode": "pre",
}
QUESTION = {"text": "What first?", "type": "open", "allows_text": "yes", "media_min_s": "60", "media_max_s": "120"}


def read(visitor: FlaskClient) -> str:
    """Return the public page."""
    return visitor.get("/consultations/river-plans/").text


def _sent(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    """Send a form as it stands on its page: what is not given is what the page holds."""
    form = next(form for form in Page(client.get(address)).forms if "version" in form.kinds)
    return client.post(address, data={**form.values, **fields})


def test_from_a_draft_to_late_answers(asha: FlaskClient, send: Send, app: Flask) -> None:
    made = send(f"{DESK}new", **FIELDS)
    assert (made.status_code, made.location) == (303, PLANS)
    for text, kind, more in (
        ("What first?", "open", {}),
        ("Who pays?", "single", {"options": "The council\r\nThe farms", "other": "Somebody else"}),
        ("How sure are you?", "scale", {"options": "Not at all\nA little\nQuite"}),
    ):
        assert send(f"{PLANS}questions/new", **{**QUESTION, "text": text, "type": kind, **more}).status_code == 303
    page = asha.get(PLANS)
    assert "One of several" in page.text
    moved = asha.post(f"{PLANS}questions/2/up", data=hidden(page))
    assert moved.status_code == 303
    with app.app_context():
        assert numbers()[0] == (1, "Who pays?")

    visitor = app.test_client()
    assert visitor.get("/consultations/river-plans/").status_code == 404
    preview = asha.get(f"{PLANS}preview").text
    assert "This is how people will see it" in preview
    assert "Who pays?" in preview
    assert "/consultations/river-plans/questions/" not in preview.replace("/organise", "")

    assert asha.post(f"{PLANS}open", data=hidden(page)).status_code == 303
    public = read(visitor)
    assert (
        "You can answer from 9am (UK time) on Monday 7 September 2026 until 5pm (UK time) on Monday 5 October" in public
    )
    with time_machine.travel(datetime(2026, 9, 8, tzinfo=UTC), tick=False):
        sign_in(asha, "asha@example.org")
        moved_on = send(f"{PLANS}closing", date="2026-10-12", time="12:00")
        assert moved_on.status_code == 303
        assert "You can answer until midday (UK time) on Monday 12 October" in read(visitor)
        asha.post(f"{PLANS}close", data=hidden(asha.get(f"{PLANS}close")))
        assert "Closed on Tuesday 8 September 2026" in read(visitor)
    with time_machine.travel(datetime(2026, 9, 9, tzinfo=UTC), tick=False):
        sign_in(asha, "asha@example.org")
        assert send(f"{PLANS}late", date="2026-09-20", time="12:00").status_code == 303
        desk = asha.get(PLANS).text
        link = re.search(r"http://localhost(/consultations/river-plans/respond\?late=[\w-]{48})", desk)
        assert link
        public = read(visitor)
        assert (
            "Only people who were given a private link can still answer, until midday (UK time) on Sunday 20" in public
        )
        assert "late=" not in public
        ended = asha.post(f"{PLANS}late", data={**hidden(asha.get(PLANS)), "end": "yes"})
        assert ended.status_code == 303
        assert "respond?late=" not in asha.get(PLANS).text
        asha.post(f"{PLANS}withdraw", data=hidden(asha.get(f"{PLANS}withdraw")))
        assert "This consultation was withdrawn" in read(visitor)
        assert asha.get(f"{PLANS}closing").status_code == 409


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"closes_date": "2026-09-01"}, "It has to close after it opens."),
        ({"closes_date": "2027-03-28", "closes_time": "01:30"}, "01:30 does not exist"),
        ({"closes_date": "1999-01-01"}, "The year must be between 2000 and 2100."),
        ({"slug": "River!"}, "An address is made of small letters"),
        ({"contact_email": "nobody"}, "Please write one e-mail address"),
        ({"moderation_mode": "hold"}, "Choose at least one thing that holds a response back"),
        ({"moderation_mode": "never"}, "Choose one of the three."),
        ({"hold_words": "word\n" * 300}, "Please keep this to 200 words"),
        ({"hold_words": "x" * 61}, "Please keep each line to 60 characters."),
        ({"hold_flags": "101"}, "Write a number up to 100 in digits, or 0 for never."),
        ({"moderation_mode": "hold", "hold_flags": "3"}, "Choose at least one thing that holds a response back"),
    ],
)
def test_a_refused_draft_keeps_what_was_typed(
    asha: FlaskClient, send: Send, changes: dict[str, str], sentence: str
) -> None:
    """R35."""
    answer = send(f"{DESK}new", **{**FIELDS, **changes})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "The council decides in spring." in answer.text
    assert "river-plans" not in asha.get(DESK).text


def test_the_rules_that_hold_words_back_are_shown_again_and_kept_by_a_save_of_something_else(
    asha: FlaskClient, unit: Unit, send: Send
) -> None:
    typed = {"moderation_mode": "hold", "hold_links": "yes", "hold_words": "Casino", "hold_flags": "3"}
    send(f"{DESK}new", **{**FIELDS, **typed})
    assert _sent(asha, f"{PLANS}edit", title="River plans, again").status_code == 303

    with unit():
        rules = HoldRules.read(get_any_consultation("river-plans").hold_rules)
    assert rules == HoldRules(links=True, words=("casino",), flags=3)


def test_two_people_change_one_consultation_and_both_texts_are_shown(asha: FlaskClient, unit: Unit) -> None:
    """R11: the second one chooses, and nothing of the first is lost without their knowing."""
    with unit():
        draft()
    form = next(form for form in Page(asha.get(f"{PLANS}edit")).forms if "version" in form.kinds)
    assert _sent(asha, f"{PLANS}edit", title="Theirs", moderation_mode="post").status_code == 303

    stale = asha.post(f"{PLANS}edit", data={**form.values, "title": "Mine"})
    assert stale.status_code == 409
    for words in ("Two people changed this consultation", "Theirs", "Mine", "After it is shown"):
        assert words in stale.text
    again = next(form for form in Page(stale).forms if "version" in form.kinds)
    assert asha.post(f"{PLANS}edit", data=again.values).status_code == 303
    with unit():
        saved = get_any_consultation("river-plans")
        assert (saved.title, saved.moderation_mode) == ("Mine", "post")


def test_a_question_that_was_answered_says_what_stays(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        lock_question(opened().questions[0].id, datetime(2026, 9, 8, tzinfo=UTC))
    address = f"{PLANS}questions/1"
    assert "Somebody has answered this question." in asha.get(address).text
    refused = _sent(asha, address, type="single", options="Yes\nNo", text="Typed by Asha")
    assert refused.status_code == 409
    assert "Typed by Asha" in refused.text
    assert _sent(asha, address, text="What comes first?").status_code == 303
    assert "This is version 2." in asha.get(address).text
    assert "so it stays" in asha.get(f"{address}/remove").text
    assert asha.post(f"{address}/remove", data=hidden(asha.get(f"{PLANS}edit"))).status_code == 409


def test_a_stale_question_form_shows_both_texts(asha: FlaskClient, unit: Unit) -> None:
    """R11."""
    with unit():
        draft()
    address = f"{PLANS}questions/1"
    form = next(form for form in Page(asha.get(address)).forms if "version" in form.kinds)
    _sent(asha, address, text="Theirs?")
    stale = asha.post(address, data={**form.values, "text": "Mine?", "required": "yes"})

    assert stale.status_code == 409
    assert "Theirs?" in stale.text
    assert "Mine?" in stale.text
    again = next(form for form in Page(stale).forms if "version" in form.kinds)
    assert asha.post(address, data=again.values).status_code == 303
    with unit():
        assert numbers() == [(1, "Mine?")]


@pytest.mark.parametrize(
    "address", ["nothing/", "nothing/edit", "nothing/preview", "nothing/questions/1", "river-plans/questions/7"]
)
def test_what_is_not_there_is_not_found(asha: FlaskClient, unit: Unit, address: str) -> None:
    with unit():
        draft()

    assert asha.get(DESK + address).status_code == 404


def _framework(asha: FlaskClient, send: Send) -> str:
    """List two missions of a source that states three; return the address of the list."""
    made = send(f"{PLANS}frameworks/new", title="The missions", kind="mission", stated_count="3", **OVERDUE)
    assert made.status_code == 303
    address = re.search(rf'"({PLANS}frameworks/[0-9a-f-]{{36}})"', asha.get(PLANS).text)
    assert address
    for title in ("Better buses", "More work"):
        body = {"title": title, "body": "As the paper says.[^1] And more.[^2]", "target_year": "2030"}
        assert send(f"{address[1]}/themes/new", **body).status_code == 303
    return address[1]


OVERDUE = {"source_title": "The paper", "source_url": "https://example.org/paper", "review_due_on": "2026-08-01"}


def test_what_the_questions_are_about_stands_on_the_page_with_what_does_not_add_up(
    asha: FlaskClient, send: Send, unit: Unit, app: Flask
) -> None:
    """Rule 11: the organiser is told, the page says so in one line and shows nothing broken."""
    with unit():
        opened()
    _framework(asha, send)
    links = next(form for form in Page(asha.get(f"{PLANS}links")).forms if "relation" in form.kinds)
    assert asha.post(f"{PLANS}links", data=links.values).status_code == 303
    twice = next(form for form in Page(asha.get(f"{PLANS}links")).forms if "relation" in form.kinds)
    assert "That link is there already." in asha.post(f"{PLANS}links", data=twice.values).text
    notes = Page(asha.get(f"{PLANS}footnotes"))
    of = [option.get("value") for option in notes.tree.iter("option")]
    footnote = {"of": str(of[1]), "number": "1", "text": "The paper, 2022", "url": "https://example.org/paper"}
    assert send(f"{PLANS}footnotes", **footnote).status_code == 303
    assert "that no other footnote of this text has" in send(f"{PLANS}footnotes", **footnote).text

    desk = asha.get(PLANS).text
    for words in ("The source states 3; 2 are listed", "[^2] is cited and not listed", "This was due on Saturday 1 Au"):
        assert words in desk
    public = Page(app.test_client().get("/consultations/river-plans/"))
    for words in ("The source says 3. It lists 2", "Better buses supports 2 More work", "by 2030", "The paper, 2022"):
        assert words in public.text
    assert "This list was to be looked at again by Saturday 1 August 2026." in public.text
    assert "[^" not in public.text
    cited = [link.get("href") for link in public.tree.iter("a") if link.get("aria-label") == "Note 1"]
    assert cited == ["#framework-1-note-1"] * 2
    assert "framework-1-note-1" in public.ids
    [drawing] = [node for node in public.tree.iter() if node.get("role") == "img"]
    assert drawing.get("aria-label") == "A drawing of one link, which the list says in words."
    assert drawing.get("aria-describedby") in public.ids


def test_two_people_change_one_mission_and_both_texts_are_shown(asha: FlaskClient, send: Send, unit: Unit) -> None:
    """R11."""
    with unit():
        draft()
    address = _framework(asha, send)
    theme = re.search(rf'"({PLANS}themes/[0-9a-f-]{{36}})"', asha.get(PLANS).text)
    assert theme
    for where, field in ((address, "source_title"), (theme[1], "title")):
        form = next(form for form in Page(asha.get(where)).forms if "version" in form.kinds)
        _sent(asha, where, **{field: "Theirs"})
        stale = asha.post(where, data={**form.values, field: "Mine"})
        assert stale.status_code == 409
        assert "Theirs" in stale.text
        assert "Mine" in stale.text
        again = next(form for form in Page(stale).forms if "version" in form.kinds)
        assert asha.post(where, data=again.values).status_code == 303
    desk = asha.get(PLANS)
    assert "Mine" in desk.text
    removed = asha.post(f"{address}/remove", data=hidden(asha.get(f"{PLANS}edit")))
    assert removed.status_code == 303
    assert "The missions" not in asha.get(PLANS).text


def test_a_footnote_and_a_link_are_changed_in_their_lists(asha: FlaskClient, send: Send, unit: Unit) -> None:
    """R11: of two people who change one of them, the second sees both texts, with choices in words."""
    with unit():
        opened()
    _framework(asha, send)
    links = next(form for form in Page(asha.get(f"{PLANS}links")).forms if "relation" in form.kinds)
    asha.post(f"{PLANS}links", data=links.values)
    send(f"{PLANS}footnotes", of="consultation", number="1", text="The paper, 2022")
    for name, field, theirs, mine, words in (
        ("links", "relation", "depends_on", "conflicts", ("it depends on", "it conflicts with")),
        ("footnotes", "text", "The paper, 2023", "The paper, 2024", ("The paper, 2023", "The paper, 2024")),
    ):
        found = re.search(rf'"({PLANS}{name}/[0-9a-f-]{{36}})#change"', asha.get(f"{PLANS}{name}").text)
        assert found
        page = asha.get(found[1])
        assert page.text.count("Leave it as it is") == 1
        form = next(form for form in Page(page).forms if form.action == found[1])
        assert asha.post(found[1], data={**form.values, field: theirs}).status_code == 303
        stale = asha.post(found[1], data={**form.values, field: mine})
        assert stale.status_code == 409
        for sentence in ("Two people changed this consultation", *words):
            assert sentence in Page(stale).text
        again = next(form for form in Page(stale).forms if form.action == found[1])
        assert asha.post(found[1], data=again.values).location == f"{PLANS}{name}"
        unchanged = next(form for form in Page(asha.get(found[1])).forms if form.action == found[1])
        asha.post(found[1], data=unchanged.values)
        assert "Nothing was different" in asha.get(f"{PLANS}{name}").text
    refused = send(found[1], of="consultation", number="0", text="Typed by Asha")
    assert refused.status_code == 422
    assert "Typed by Asha" in refused.text
    assert "The paper, 2024" in asha.get(f"{PLANS}footnotes").text


def test_which_of_two_equal_hours_is_meant_is_asked_in_every_form(asha: FlaskClient, send: Send, unit: Unit) -> None:
    """R19: 1:30 on 25 October 2026 comes twice."""
    twice = {"closes_date": "2026-10-25", "closes_time": "01:30"}
    asked = send(f"{DESK}new", **{**FIELDS, **twice})
    assert asked.status_code == 422
    for words in ("Which of the two does it close at?", "The first: 1:30am BST (00:30 UTC)", "01:30 comes twice on"):
        assert words in asked.text
    assert "Which of the two does it open at?" not in asked.text
    assert send(f"{DESK}new", **{**FIELDS, **twice, "closes_fold": "2"}).status_code == 422
    assert send(f"{DESK}new", **{**FIELDS, **twice, "closes_fold": "1"}).location == PLANS
    edit = next(form for form in Page(asha.get(f"{PLANS}edit")).forms if "closes_fold" in form.kinds)
    assert edit.values["closes_fold"] == "1"
    send(f"{PLANS}questions/new", **QUESTION)
    asha.post(f"{PLANS}open", data=hidden(asha.get(PLANS)))
    moment = {"date": "2026-10-25", "time": "01:30"}
    asked = send(f"{PLANS}closing", **moment)
    assert (asked.status_code, "Which of the two?" in asked.text) == (422, True)
    assert send(f"{PLANS}closing", **moment, fold="0").status_code == 303
    with unit():
        assert get_any_consultation("river-plans").closes_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_people_read_that_it_is_worked_through_and_then_answered(asha: FlaskClient, unit: Unit, app: Flask) -> None:
    with unit():
        opened()
    visitor = app.test_client()
    refused = asha.post(f"{PLANS}analysing", data=hidden(asha.get(PLANS)))
    assert (refused.status_code, "Close it first." in refused.text) == (409, True)
    with time_machine.travel(datetime(2026, 10, 6, tzinfo=UTC), tick=False):
        sign_in(asha, "asha@example.org")
        for stage, on_desk, public in (
            ("analysing", "Being worked through", "We are reading and weighing what was said"),
            ("answered", "Answered", "We have published what we make of it."),
        ):
            assert asha.get(f"{PLANS}{stage}").status_code == 405
            assert asha.post(f"{PLANS}{stage}", data=hidden(asha.get(PLANS))).location == PLANS
            assert on_desk in asha.get(PLANS).text
            assert public in read(visitor)
        assert "Closed and answered" in visitor.get("/consultations/").text
        assert "Closed and answered" in visitor.get("/consultations/river-plans/questions/1/").text
