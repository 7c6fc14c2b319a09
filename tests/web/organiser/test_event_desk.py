"""An event's life on the desk: changed, published, cancelled; its line-up and questions; the pages that show it."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import Traveller
from werkzeug.test import TestResponse

from engage.consultations.enums import FrameworkKind
from engage.consultations.models import Framework, Question, Theme
from engage.events.enums import AppearanceStatus, EventStatus
from engage.events.models import Event
from engage.flows.speaking import answer_to_speak
from engage.kernel import clock as now
from engage.mail.enums import InboundKind, InboundOutcome, MessageState
from engage.mail.models import InboundMail, Message
from tests.factories import hidden, make_booking, make_consultation, make_event, make_person, make_speaker, sign_in

Unit = Callable[[], AbstractContextManager[Session]]
Send = Callable[..., TestResponse]
DESK = "/organise/events/lunch/"
EDIT = DESK + "edit"
START = datetime(2027, 3, 31, 11, 30, tzinfo=UTC)


@pytest.fixture
def lunch(unit: Unit) -> None:
    with unit():
        make_event(title="Views over lunch", slug="lunch", capacity=3, starts_at=START)


@pytest.fixture
def draft(unit: Unit) -> None:
    with unit():
        make_event(title="Views over lunch", slug="lunch", published=False, starts_at=START)


def fields(page: TestResponse) -> dict[str, str]:
    """Return what a browser would send of a page with an event's form."""
    found = hidden(page)
    for tag in re.findall(r'<input[^>]*class="input[^>]*>', page.text):
        given = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        found[given["name"]] = given.get("value", "")
    match = re.search(r'<textarea[^>]*name="description"[^>]*>\r?\n?(.*?)</textarea>', page.text, re.DOTALL)
    found["description"] = match[1] if match else ""
    return found


def change(client: FlaskClient, **values: Any) -> TestResponse:
    return client.post(EDIT, data={**fields(client.get(EDIT)), **values})


def the_event(session: Session) -> Event:
    return session.scalars(select(Event).where(Event.slug == "lunch")).one()


def test_a_change_is_stored_and_told_once_on_the_next_page(asha: FlaskClient, draft: None, unit: Unit) -> None:
    answer = change(asha, title="Three views", capacity="7")
    assert (answer.status_code, answer.headers["Location"]) == (303, DESK)
    assert "Your change is saved." in asha.get(DESK).text
    assert "Your change is saved." not in asha.get(DESK).text
    with unit() as session:
        assert (the_event(session).title, the_event(session).capacity) == ("Three views", 7)


def test_saving_without_a_change_changes_nothing(asha: FlaskClient, lunch: None, unit: Unit) -> None:
    with unit() as session:
        before = the_event(session).version
    assert change(asha).status_code == 303
    with unit() as session:
        assert the_event(session).version == before


def test_moving_a_published_event_says_who_is_told_and_tells_them(
    asha: FlaskClient, lunch: None, unit: Unit, outbox: Callable[[], list[Any]]
) -> None:
    with unit() as session:
        make_booking(the_event(session), email="cleo@example.org")
    assert "One person booked a place." in asha.get(EDIT).text
    assert change(asha, date="2027-04-07").status_code == 303
    assert [(mail.kind, mail.to) for mail in outbox()] == [
        ("invitation", "cleo@example.org"),
        ("moved", "cleo@example.org"),
    ]


def test_while_changes_are_collected_the_page_says_when_people_are_told(
    make_app: Callable[..., Flask], unit: Unit, clock: Traveller
) -> None:
    asha = make_app(CALENDAR_COLLECT_SECONDS="120").test_client()
    with unit():
        make_person("asha@example.org", "organiser")
        make_booking(make_event(title="Views over lunch", slug="lunch", starts_at=START), email="cleo@example.org")
    sign_in(asha, "asha@example.org")
    assert "will be told of your change" not in asha.get(DESK).text

    change(asha, title="Three views")

    page = asha.get(DESK).text
    assert (
        "People who booked or speak will be told of your change in 2 minutes. Further changes until then go into"
        in page
    )
    clock.shift(timedelta(seconds=70))
    assert "will be told of your change in one minute." in asha.get(DESK).text
    clock.shift(timedelta(minutes=1))
    assert "will be told of your change" not in asha.get(DESK).text


def test_capacity_below_the_number_booked_is_refused_with_the_number(
    asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    with unit() as session:
        event = the_event(session)
        make_booking(event, email="cleo@example.org")
        make_booking(event, email="dai@example.org")
    answer = change(asha, capacity="1")
    assert answer.status_code == 409
    assert "2 places are booked already" in answer.text
    assert 'id="capacity-error"' in answer.text
    with unit() as session:
        assert the_event(session).capacity == 3


def test_a_published_event_is_not_moved_to_the_past(asha: FlaskClient, lunch: None) -> None:
    answer = change(asha, date="2020-01-01")
    assert answer.status_code == 422
    assert "The start is in the past." in answer.text


def stale_after(app: Flask, unit: Unit, mine: dict[str, str], asha: FlaskClient, **hers: str) -> Any:
    """Return what Asha sees who saves `mine` after Bet saved `hers`."""
    with unit():
        make_person("bet@example.org", "organiser")
    bet = app.test_client()
    sign_in(bet, "bet@example.org")
    change(bet, **hers)
    return asha.post(EDIT, data=mine)


def test_a_stale_change_names_only_what_both_changed_and_takes_over_the_rest(
    app: Flask, asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    mine = {**fields(asha.get(EDIT)), "title": "My title", "summary": "My summary."}
    stale = stale_after(app, unit, mine, asha, title="Her title", capacity="9")

    assert stale.status_code == 409
    rows = stale.text.split('class="row-list')[1].split("</ul>")[0]
    assert "<p>Her title</p>" in rows
    assert "<p>My title</p>" in rows
    assert "<p>9</p>" in rows
    assert "You left it as it was, so theirs stands in the form." in rows
    assert rows.count("Yours, not saved") == 1, "the title alone is to be chosen"
    assert "My summary." not in rows, "she left it alone"
    assert "Date" not in rows
    held = fields(stale)
    assert (held["title"], held["summary"], held["capacity"]) == ("My title", "My summary.", "9")
    assert asha.post(EDIT, data=held).status_code == 303
    with unit() as session:
        event = the_event(session)
        assert (event.title, event.summary, event.capacity) == ("My title", "My summary.", 9)


def test_who_changed_other_things_finds_both_in_the_form(
    app: Flask, asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    mine = {**fields(asha.get(EDIT)), "title": "My title"}
    stale = stale_after(app, unit, mine, asha, date="2027-04-08")

    assert stale.status_code == 409
    assert "You changed different things, so the form below holds both." in stale.text
    assert "Yours, not saved" not in stale.text
    assert (fields(stale)["title"], fields(stale)["date"]) == ("My title", "2027-04-08")


@pytest.mark.parametrize("began", ["", "spoilt", ".".join(["0" * 12] * 9)])
def test_without_knowing_what_somebody_began_from_both_texts_are_shown(
    began: str, app: Flask, asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    mine = {**fields(asha.get(EDIT)), "title": "My title", "began": began}
    stale = stale_after(app, unit, mine, asha, title="Her title", capacity="9")

    assert stale.status_code == 409
    assert stale.text.count("Yours, not saved") == 2
    assert fields(stale)["capacity"] == mine["capacity"]


def test_a_stale_change_is_refused_with_both_texts_and_can_be_sent_again(
    app: Flask, asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    with unit():
        make_person("bet@example.org", "organiser")
    bet = app.test_client()
    sign_in(bet, "bet@example.org")
    mine = {**fields(asha.get(EDIT)), "title": "My title"}
    change(bet, title="Her title")

    stale = asha.post(EDIT, data=mine)

    assert stale.status_code == 409
    assert "Somebody else changed this event" in stale.text
    assert stale.text.index("<p>Her title</p>") < stale.text.index("<p>My title</p>")
    assert fields(stale)["title"] == "My title"
    with unit() as session:
        assert the_event(session).title == "Her title"
    assert asha.post(EDIT, data=fields(stale)).status_code == 303
    with unit() as session:
        assert the_event(session).title == "My title"


@pytest.mark.parametrize("version", ["", "x", "-1", "１", "9" * 30])
def test_a_change_without_a_version_that_we_gave_is_refused(
    asha: FlaskClient, lunch: None, unit: Unit, version: str
) -> None:
    assert change(asha, version=version, title="Other").status_code == 409
    with unit() as session:
        assert the_event(session).title == "Views over lunch"


def test_publishing_shows_the_event_to_everybody(send: Send, asha: FlaskClient, draft: None, unit: Unit) -> None:
    assert "Publish this event" in asha.get(DESK).text
    answer = send(DESK, to=DESK + "publish")
    assert (answer.status_code, answer.headers["Location"]) == (303, DESK)
    assert "The event is published" in asha.get(DESK).text
    with unit() as session:
        assert the_event(session).status is EventStatus.PUBLISHED


def test_publishing_for_members_first_does_not_say_that_everybody_can_book(
    send: Send, asha: FlaskClient, draft: None, unit: Unit
) -> None:
    with unit() as session:
        the_event(session).members_only_until = START
    assert "Everybody can then see it, and members can book a place." in asha.get(DESK).text
    send(DESK, to=DESK + "publish")
    page = asha.get(DESK).text
    assert "everybody can see it, and members can book a place." in page
    assert "see it and book" not in page


def test_the_event_and_its_list_of_bookings_say_the_same_of_places_kept(
    asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    with unit() as session:
        the_event(session).places_kept = 2
    for page in (DESK, DESK + "bookings"):
        assert "places kept for groups" in asha.get(page).text


def test_publishing_without_a_join_address_is_refused_on_the_page(send: Send, unit: Unit) -> None:
    with unit():
        make_event(slug="lunch", published=False, join_url="")
    answer = send(DESK, to=DESK + "publish")
    assert answer.status_code == 422
    assert "Give the address where people join before you publish the event." in answer.text
    with unit() as session:
        assert the_event(session).status is EventStatus.DRAFT


def test_publishing_needs_the_token_of_the_page(asha: FlaskClient, draft: None, unit: Unit) -> None:
    assert asha.post(DESK + "publish").status_code == 403
    assert asha.get(DESK + "publish").status_code == 405
    with unit() as session:
        assert the_event(session).status is EventStatus.DRAFT


def test_cancelling_asks_first_says_who_is_told_and_tells_them_once(
    send: Send, asha: FlaskClient, lunch: None, unit: Unit, outbox: Callable[[], list[Any]]
) -> None:
    with unit() as session:
        event = the_event(session)
        make_booking(event, email="cleo@example.org")
        make_booking(event, email="dai@example.org")
    page = asha.get(DESK + "cancel").text
    assert "2 people booked a place. Each is told by mail" in page

    answer = send(DESK + "cancel", reason="The speaker is ill.")

    assert (answer.status_code, answer.headers["Location"]) == (303, DESK)
    after = asha.get(DESK).text
    assert "2 people are being told." in after
    assert "The speaker is ill." in after
    assert sorted(mail.to for mail in outbox() if mail.kind == "event_cancelled") == [
        "cleo@example.org",
        "dai@example.org",
    ]
    again = asha.post(DESK + "cancel", data={"reason": "Again.", "csrf_token": hidden(asha.get(DESK))["csrf_token"]})
    assert again.status_code == 303
    assert len([mail for mail in outbox() if mail.kind == "event_cancelled"]) == 2
    assert asha.get(EDIT).status_code == 409


def test_cancelling_without_a_reason_is_refused(send: Send, lunch: None, unit: Unit) -> None:
    answer = send(DESK + "cancel", reason=" \x00 ")
    assert answer.status_code == 422
    assert "Say why the event is cancelled" in answer.text
    with unit() as session:
        assert the_event(session).status is EventStatus.PUBLISHED


def test_speakers_are_added_and_taken_out(send: Send, asha: FlaskClient, lunch: None) -> None:
    page = DESK + "speakers"
    assert send(page, name="Ben Ali", role_title="Chief", organisation="Tŷ Sampl", role="speaker").status_code == 303
    assert send(page, name="Carys", role="chair").status_code == 303
    shown = asha.get(page).text
    assert shown.index("Ben Ali") < shown.index("Carys")
    assert "Tŷ Sampl" in asha.get(DESK).text
    first = re.findall(r'href="([^"]+/take-out)"', shown)[0]
    assert send(first).status_code == 303
    assert "Ben Ali" not in asha.get(page).text.partition("Who is in it")[2]


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ({"name": ""}, 422, "Give the speaker’s name."),
        ({"name": "x" * 201}, 422, "Please keep this to 200 characters."),
        ({"name": "Ben", "role": "king"}, 422, "Choose guest speaker or chair."),
        ({"name": "Ben", "organisation": "x" * 201}, 422, "Please keep this to 200 characters."),
    ],
)
def test_speakers_are_refused_beside_the_field(
    send: Send, lunch: None, given: dict[str, str], status: int, sentence: str
) -> None:
    answer = send(DESK + "speakers", **{"role": "speaker", "organisation": "Tŷ Sampl", **given})
    assert answer.status_code == status
    assert sentence in answer.text


def test_the_same_speaker_twice_is_refused(send: Send, lunch: None) -> None:
    send(DESK + "speakers", name="Ben Ali", role="speaker")
    answer = send(DESK + "speakers", name="Ben Ali", role="speaker")
    assert answer.status_code == 409
    assert "is in the line-up in that role already" in answer.text


@pytest.mark.parametrize("appearance", ["x", "0", "00000000-0000-0000-0000-000000000000", "9" * 40])
def test_taking_out_somebody_who_is_not_there_is_not_found(send: Send, lunch: None, appearance: str) -> None:
    assert send(f"{DESK}speakers/{appearance}/take-out").status_code == 404


def test_questions_of_any_consultation_are_ticked(send: Send, asha: FlaskClient, lunch: None, unit: Unit) -> None:
    with unit() as session:
        make_consultation()
        ids = [str(id_) for id_ in session.scalars(select(Question.id).order_by(Question.number))]
    assert send(DESK + "questions", questions=[ids[1], ids[0]]).status_code == 303
    page = asha.get(DESK + "questions").text
    assert len(re.findall(r"<input[^>]* checked>", page)) == 2
    assert send(DESK + "questions").status_code == 303
    assert "checked" not in asha.get(DESK + "questions").text


@pytest.mark.parametrize("ticked", ["x", "00000000-0000-0000-0000-000000000001", "9" * 30])
def test_a_question_that_does_not_exist_is_refused(send: Send, lunch: None, unit: Unit, ticked: str) -> None:
    with unit():
        make_consultation()
    answer = send(DESK + "questions", questions=[ticked])
    assert answer.status_code == 422
    assert "One of the questions does not exist any more." in answer.text


def test_the_page_of_a_draft_says_what_it_still_needs(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        make_event(slug="lunch", published=False, join_url="")
    page = asha.get(DESK).text
    assert "Nobody can join yet" in page
    assert "Nobody is in the line-up" in page
    assert "No question is chosen" in page
    assert "Publish this event" not in page
    assert "4 things" in page


def test_the_page_shows_the_mail_with_its_state_and_the_last_fault_in_words(
    asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    with unit() as session:
        make_booking(the_event(session), email="cleo@example.org")
        message = session.scalars(select(Message)).one()
        message.state, message.last_error = MessageState.FAILED, "550 no such box"
    page = asha.get(DESK).text
    assert "One mail could not be delivered" in page
    assert "There is no such mailbox at their server." in page
    assert "/organise/messages/?event=lunch" in page
    assert "One could not be delivered" in page


def test_the_desk_lists_drafts_and_frameworks_whose_counts_differ(asha: FlaskClient, draft: None, unit: Unit) -> None:
    assert "“Views over lunch” is a draft" in asha.get("/organise/").text
    with unit() as session:
        consultation = make_consultation()
        session.add(
            Framework(
                consultation_id=consultation.id,
                kind=FrameworkKind.MISSION,
                title="Missions",
                stated_count=12,
                themes=[Theme(number=n, title=f"Mission {n}") for n in range(1, 11)],
            )
        )
    page = asha.get("/organise/").text
    assert "“Missions” does not list what its source announces" in page
    assert "The source says 12, and 10 are listed." in page


def test_the_desk_names_what_is_urgent_with_a_link_to_each(
    app: Flask, asha: FlaskClient, lunch: None, unit: Unit
) -> None:
    site, at = app.extensions["engage"].site(), now.now()
    with unit() as session:
        ben = make_speaker(the_event(session))
        make_speaker(the_event(session), "Ada Lovelace", "ada@example.org")
        ben_id = ben.id
    with unit():
        answer_to_speak(ben_id, AppearanceStatus.DECLINED, message="", site=site, at=at, by="page")
    with unit() as session:
        one, two = session.scalars(select(Message).where(Message.kind == "speaker_invited").order_by(Message.id))
        one.state, two.state = MessageState.BOUNCED, MessageState.FAILED
        for number, outcome in enumerate((InboundOutcome.KEPT, InboundOutcome.FORWARDED)):
            words = {"kind": InboundKind.PERSON, "outcome": outcome.value, "raw": b"Hello", "received_at": at}
            session.add(InboundMail(digest=f"{number:064}", nonce="n", **words))
    page = asha.get("/organise/").text
    for words in (
        "Ben Okafor has declined: “Views over lunch”",
        'href="/organise/events/lunch/speakers"',
        "One mail came back in the last seven days",
        'href="/organise/messages/?state=bounced"',
        "One mail of the last seven days could not be sent",
        'href="/organise/messages/?state=failed"',
        "What one person wrote was mailed to nobody",
        'href="/organise/messages/received?kind=person"',
    ):
        assert words in page, words
    assert "Ada Lovelace" not in page


def test_the_desk_of_an_empty_site_says_what_will_be_there(asha: FlaskClient) -> None:
    assert "Nothing waits for you" in asha.get("/organise/").text
    assert "No event yet" in asha.get("/organise/events/").text


PAGES = [
    *("", "edit", "speakers", "questions", "cancel", "bookings", "bookings.csv", "bookings.xlsx", "bookings/print"),
    "responses",
]


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_the_desk_are_for_organisers_and_are_stored_nowhere(
    app: Flask, asha: FlaskClient, lunch: None, unit: Unit, page: str
) -> None:
    with unit():
        make_person("dev@example.org", "member")
    dev = app.test_client()
    sign_in(dev, "dev@example.org")
    mine = asha.get(DESK + page)
    assert mine.status_code == (303 if page == "responses" else 200)
    assert mine.headers["Cache-Control"] == "no-store"
    assert dev.get(DESK + page).status_code == 404
    visitor = app.test_client().get(DESK + page)
    assert (visitor.status_code, visitor.headers["Location"]) == (303, f"/sign-in?next={DESK}{page}")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("slug", ["nothing-here", "x" * 500, "%00", "9999999999999999999999"])
def test_events_that_do_not_exist_are_not_found(asha: FlaskClient, page: str, slug: str) -> None:
    assert asha.get(f"/organise/events/{slug}/{page}").status_code == 404


def test_times_stand_in_the_zone_of_the_event(asha: FlaskClient, unit: Unit) -> None:
    with unit():
        make_event(slug="lunch", starts_at=START)
    page = asha.get(DESK).text
    assert "12:30pm to 1:30pm, UK time (BST)" in page
    assert "Doors open on Wednesday 31 March 2027, 12:15pm" in page
