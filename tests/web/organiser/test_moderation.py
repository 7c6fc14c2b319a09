"""The queue, decisions, and what organisers learn about a consultation's context."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engage.kernel import clock as real_clock
from engage.kernel.settings import Site
from engage.responses.enums import IdentityBasis, Purpose
from engage.responses.services import Sender, withdraw
from tests.factories import hidden, make_person, sign_in
from tests.pages import faults
from tests.responses.makers import (
    ANONYMOUS,
    answer,
    comment,
    event_about,
    open_consultation,
    publish_all,
    responses_of,
)

Unit = Callable[[], AbstractContextManager[Session]]
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    """Give the site of the app under test."""
    found: Site = app.extensions["engage"].site()
    return found


@pytest.fixture
def moderator(unit: Unit, client: FlaskClient) -> FlaskClient:
    """Mo's browser, signed in."""
    with unit():
        make_person("mo@example.org", "moderator")
    sign_in(client, "mo@example.org")
    return client


def _decide(client: FlaskClient, address: str, **typed: str) -> int:
    return client.post(address, data={**hidden(client.get(address)), **typed}).status_code


def test_a_moderator_publishes_and_the_question_shows_it(unit: Unit, site: Site, moderator: FlaskClient) -> None:
    with unit():
        code = answer(open_consultation(), site=site, answers={1: "Count the warm nights."})
        address = f"/organise/responses/{responses_of(code)[0].id}"
    assert "Count the warm nights." in moderator.get("/organise/responses/").text

    assert _decide(moderator, address, action="publish") == 303
    assert "The response is published" in moderator.get("/organise/responses/").text

    visitor = moderator.application.test_client()
    assert "Count the warm nights." in visitor.get("/consultations/levelling-up/questions/1/").text
    assert "Count the warm nights." not in moderator.get("/organise/responses/").text
    assert "Count the warm nights." in moderator.get("/organise/responses/?state=published").text


def test_a_refusal_without_a_reason_and_a_publication_without_consent_are_said_beside_their_field(
    unit: Unit, site: Site, moderator: FlaskClient
) -> None:
    with unit():
        code = answer(open_consultation(), site=site, consents=frozenset({Purpose.QUOTE_REPORT}))
        address = f"/organise/responses/{responses_of(code)[0].id}"
    for typed, field in (
        ({"action": "refuse", "note": "A kept note."}, "reason_code"),
        ({"action": "publish", "note": "A kept note."}, "action"),
        ({"action": "destroy", "note": "A kept note."}, "action"),
        ({"action": "refuse", "reason_code": "whim", "note": "A kept note."}, "reason_code"),
        ({"note": "A kept note."}, "action"),
    ):
        page = moderator.post(address, data={**hidden(moderator.get(address)), **typed})
        assert (page.status_code, f'id="{field}-error"' in page.text) == (422, True), typed
        assert "A kept note." in page.text
    assert _decide(moderator, address, action="refuse", reason_code="off_topic", note="Try question 2.") == 303
    receipt = moderator.get(f"/receipts/{code}/").text
    assert "Not about this question or event" in receipt
    assert "Try question 2." in receipt


def test_a_reply_is_read_beside_what_it_replies_to(unit: Unit, site: Site, moderator: FlaskClient) -> None:
    with unit():
        event = event_about()
        first = comment(event, site=site, body="Count the warm nights.")
        [parent] = responses_of(first)
        publish_all(first, moderator=make_person("mia@example.org", "moderator"))
        [reply] = responses_of(comment(event, site=site, body="Yes, all of them.", parent_id=parent.id))
        address, parent_address = (f"/organise/responses/{each.id}" for each in (reply, parent))

    page = moderator.get(address)
    assert (faults(page), "It replies to Gwen Price" in page.text) == ([], True)
    assert "Count the warm nights." in page.text
    assert "It replies to" not in moderator.get(parent_address).text
    with unit():
        withdraw(first, at=real_clock.now())
    page = moderator.get(address)
    assert (faults(page), "It replies to words that were taken back" in page.text) == ([], True)
    assert "Count the warm nights." not in page.text


def test_a_reply_is_offered_wherever_one_may_stand(unit: Unit, site: Site, moderator: FlaskClient) -> None:
    """Rule 15: three under one another are the most; what is not published takes none."""
    with unit():
        event, mia = event_about(), make_person("mia@example.org", "moderator")
        ids: list[uuid.UUID] = []
        for number in range(4):
            code = comment(event, site=site, body=f"Words of depth {number}.", parent_id=ids[-1] if ids else None)
            ids.append(responses_of(code)[0].id)
            publish_all(code, moderator=mia)
        ids.append(responses_of(comment(event, site=site, body="These wait."))[0].id)

    offered = [f"/organise/responses/{id_}/reply" in moderator.get(f"/organise/responses/{id_}").text for id_ in ids]

    assert offered == [True, True, True, False, False]


def test_a_page_left_open_undoes_no_decision_of_somebody_else(unit: Unit, site: Site, moderator: FlaskClient) -> None:
    """R11: the page says where it is now, keeps what was typed, and the next try decides; twice the same is once."""
    with unit():
        code = answer(open_consultation(), site=site, answers={1: "Count the warm nights."})
        address = f"/organise/responses/{responses_of(code)[0].id}"
    opened = hidden(moderator.get(address))
    refusal = {"action": "refuse", "reason_code": "off_topic"}
    assert moderator.post(address, data={**opened, **refusal}).status_code == 303

    stale = moderator.post(address, data={**opened, "action": "publish", "note": "A kept note."})
    assert (stale.status_code, "Something else was decided" in stale.text) == (409, True)
    assert "A kept note." in stale.text
    assert moderator.post(address, data={**opened, "stood": "", "action": "publish"}).status_code == 409
    visitor = moderator.application.test_client()
    assert "Count the warm nights." not in visitor.get("/consultations/levelling-up/questions/1/").text

    assert moderator.post(address, data={**opened, **refusal}).status_code == 303
    assert moderator.post(address, data={**hidden(stale), "action": "publish"}).status_code == 303
    assert "Count the warm nights." in visitor.get("/consultations/levelling-up/questions/1/").text


def test_nothing_is_decided_on_words_that_were_taken_back(unit: Unit, site: Site, moderator: FlaskClient) -> None:
    with unit():
        code = answer(open_consultation(), site=site)
        address = f"/organise/responses/{responses_of(code)[0].id}"
    fields = hidden(moderator.get(address))
    with unit():
        withdraw(code, at=real_clock.now())

    page = moderator.post(address, data={**fields, "action": "publish"})

    assert page.status_code == 409
    assert "Ask the tenants." not in page.text


def test_the_queue_filters_by_event_and_consultation(unit: Unit, site: Site, moderator: FlaskClient) -> None:
    with unit():
        consultation = open_consultation()
        answer(consultation, site=site, answers={1: "An answer."}, naming=ANONYMOUS)
        comment(event_about(consultation), site=site, body="A comment.")
    by_event = moderator.get("/organise/responses/?event=over-lunch").text
    by_consultation = moderator.get("/organise/responses/?consultation=levelling-up").text

    assert ("A comment." in by_event, "An answer." in by_event) == (True, False)
    assert ("A comment." in by_consultation, "An answer." in by_consultation) == (False, True)
    assert moderator.get("/organise/responses/?state=nonsense&page=-1").status_code == 200
    assert moderator.get("/organise/responses/?event=nobody").status_code == 404
    assert moderator.get("/organise/responses/" + "9" * 40).status_code == 404


def test_a_member_and_a_visitor_find_no_queue(unit: Unit, site: Site, client: FlaskClient) -> None:
    """S20, S21."""
    with unit():
        make_person("dev@example.org")
        address = f"/organise/responses/{responses_of(answer(open_consultation(), site=site))[0].id}"
    assert client.get(address).status_code == 303
    sign_in(client, "dev@example.org")

    for page in (address, "/organise/responses/", "/organise/consultations/"):
        assert client.get(page).status_code == 404
    assert client.post(address, data={"action": "publish"}).status_code == 404


def test_an_organiser_sees_where_stated_and_listed_counts_differ(unit: Unit, client: FlaskClient) -> None:
    """Rule 11."""
    with unit():
        make_person("asha@example.org", "organiser")
        open_consultation()
    sign_in(client, "asha@example.org")

    assert "Counts differ" in client.get("/organise/consultations/").text
    page = client.get("/organise/consultations/levelling-up/").text
    assert "The source states 12; 2 are listed." in page


def test_a_member_takes_back_their_own_comment(unit: Unit, site: Site, client: FlaskClient) -> None:
    with unit():
        person = make_person("dev@example.org")
        sender = Sender(IdentityBasis.MEMBER, person.id, person.name, person.email)
        consultation = open_consultation()
        own = f"/account/responses/{responses_of(answer(consultation, site=site, sender=sender))[0].id}/withdraw"
        other = f"/account/responses/{responses_of(answer(consultation, site=site))[0].id}/withdraw"
    sign_in(client, "dev@example.org")
    assert "Ask the tenants." in client.get(own).text
    assert client.get(other).status_code == 404
    assert client.post(own).status_code == 422  # without the token of the page

    assert client.post(own, data=hidden(client.get(own))).status_code == 303
    assert "You took this one back." in client.get("/account/responses").text
