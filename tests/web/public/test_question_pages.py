"""What the public reads about a consultation and its questions, and what it never reads."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engage.flows.cancelling import cancel_event
from engage.kernel import clock as real_clock
from engage.kernel.settings import Site
from engage.responses.enums import Attribution, Purpose
from engage.responses.services import Naming, withdraw
from tests.factories import make_person
from tests.responses.makers import ANONYMOUS, answer, comment, event_about, open_consultation, publish_all, responses_of

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
HOME = "/consultations/levelling-up/"
FIRST = HOME + "questions/1/"


def test_the_consultation_says_why_it_asks_and_where_its_source_does_not_add_up(
    unit: Unit, client: FlaskClient
) -> None:
    """Rule 11."""
    with unit():
        event_about(open_consultation(), ended_ago=-timedelta(days=7))
    page = client.get(HOME)

    assert page.status_code == 200
    for words in ("Because of the <em>paper</em>", "The source says 12", "It lists 2", "What about matter 3?"):
        assert words in page.text
    assert 'href="/events/over-lunch/"' in page.text
    assert 'href="/consultations/levelling-up/respond"' in page.text
    assert page.headers.get("Set-Cookie") is None
    assert client.get(HOME, headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    assert 'href="/consultations/levelling-up/"' in client.get("/consultations/").text


def test_answers_and_comments_are_read_together_and_apart_with_their_provenance(
    unit: Unit, site: Site, client: FlaskClient
) -> None:
    with unit():
        consultation = open_consultation()
        event = event_about(consultation)
        moderator = make_person("mo@example.org", "moderator")
        question_id = consultation.questions[0].id
        for code in (
            answer(consultation, site=site, answers={1: "The tenants count nights."}),
            answer(consultation, site=site, answers={1: "Measure it for ten years."}, naming=ANONYMOUS),
            comment(
                event,
                site=site,
                body="I came out thinking.",
                question_id=question_id,
                naming=Naming(Attribution.PSEUDONYM, "Marged"),
            ),
        ):
            publish_all(code, moderator=moderator)
    together, answers, comments = (client.get(FIRST + query).text for query in ("", "?show=answers", "?show=comments"))

    for words in ("The tenants count nights.", "Measure it for ten years.", "I came out thinking."):
        assert words in together
    assert ("I came out" in answers, "tenants" in answers) == (False, True)
    assert ("I came out" in comments, "tenants" in comments) == (True, False)
    for words in ("Together (3)", "Answers only (2)", "Comments only (1)", "Gwen Price", "Anonymous", "Marged"):
        assert words in together
    assert 'Comment after the <a href="/events/over-lunch/comments/">webinar of 31 August</a>' in together
    assert 'href="/events/over-lunch/"' in together
    assert client.get(FIRST + "?show=nonsense&page=99999999999999999999").status_code == 200


def test_words_that_nobody_may_publish_stand_on_no_public_page(unit: Unit, site: Site, client: FlaskClient) -> None:
    """I12, S48: waiting, without consent, refused, taken back."""
    with unit():
        consultation = open_consultation()
        event = event_about(consultation)
        moderator = make_person("mo@example.org", "moderator")
        secret = "Secret heron words"
        answer(consultation, site=site, answers={1: secret + " waiting"})
        answer(consultation, site=site, answers={1: secret}, consents=frozenset({Purpose.QUOTE_REPORT}))
        comment(event, site=site, body=secret)
        code = answer(
            consultation, site=site, answers={1: secret}, naming=Naming(Attribution.NAMED, "Secret heron name")
        )
        publish_all(code, moderator=moderator)
        withdraw(code, at=real_clock.now())
    rules = [rule for rule in client.application.url_map.iter_rules() if "GET" in (rule.methods or ())]
    seen = 0
    for rule in rules:
        address = rule.rule.replace("<slug>", "levelling-up" if "consultation" in rule.rule else "over-lunch")
        address = address.replace("<int:number>", "1")
        if "<" in address or address.startswith("/dev/"):
            continue
        page = client.get(address)
        seen += page.status_code == 200
        assert "Secret heron" not in page.text, address
    assert seen >= 5
    assert "One answer was here. The person who gave it took it back." in client.get(FIRST).text


def test_what_people_type_is_shown_literally(unit: Unit, site: Site, client: FlaskClient) -> None:
    """S1."""
    with unit():
        consultation = open_consultation()
        name = '"><img src=x onerror=alert(1)>'
        code = answer(
            consultation,
            site=site,
            answers={1: "<script>alert(1)</script> {{ 7*7 }} %(name)s"},
            naming=Naming(Attribution.PSEUDONYM, name),
        )
        publish_all(code, moderator=make_person("mo@example.org", "moderator"))
    page = client.get(FIRST).text

    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} %(name)s" in page
    assert "<img" not in page
    assert "<script>" not in page


def test_the_page_tells_no_arrival_until_the_day_is_over(unit: Unit, site: Site, client: FlaskClient) -> None:
    """P4: a number or an ETag that moved with an anonymous answer would tell its minute."""
    with unit():
        open_consultation()
    before = client.get(FIRST)
    with unit() as session:
        from engage.consultations.queries import get_consultation

        answer(get_consultation("levelling-up"), site=site, naming=ANONYMOUS)
        del session
    after = client.get(FIRST)

    assert (after.text, after.headers["ETag"]) == (before.text, before.headers["ETag"])


@pytest.mark.parametrize("number", [0, 4, 2**31, 2**63, 2**64, 10**60])
def test_a_question_number_beyond_every_range_is_not_found(unit: Unit, client: FlaskClient, number: int) -> None:
    with unit():
        open_consultation()

    assert client.get(f"{HOME}questions/{number}/").status_code == 404


@pytest.mark.parametrize("slug", ["nobody", "%00", "%ff", "x" * 3000, "🙂", "..%2f.."])
def test_a_consultation_that_does_not_exist_is_not_found(client: FlaskClient, slug: str) -> None:
    for address in (f"/consultations/{slug}/", f"/consultations/{slug}/respond"):
        assert client.get(address).status_code == 404


def test_the_receipt_shows_the_reason_and_takes_back_one_answer_or_all(
    unit: Unit, site: Site, client: FlaskClient
) -> None:
    """Rule 10, P13: a page, then a button; a second time changes nothing."""
    with unit():
        consultation = open_consultation()
        code = answer(consultation, site=site, answers={1: "First words.", 2: "Second words."})
        publish_all(code, moderator=make_person("mo@example.org", "moderator"))
        first = str(responses_of(code)[0].id)
    ask = client.get(f"/receipts/{code}/withdraw?response={first}")
    assert "First words." in ask.text
    assert "Second words." not in ask.text
    assert "First words." in client.get(FIRST).text  # opening the page changed nothing

    gone = client.post(f"/receipts/{code}/withdraw", data={"response": first})

    assert (gone.status_code, gone.location) == (303, f"/receipts/{code}/")
    assert "First words." not in client.get(FIRST).text
    assert "Second words." in client.get(HOME + "questions/2/").text
    assert client.post(f"/receipts/{code}/withdraw", data={"response": first}).status_code == 303
    client.post(f"/receipts/{code}/withdraw")
    receipt = client.get(f"/receipts/{code}/")
    assert ("Second words." in receipt.text, receipt.text.count("Taken back")) == (False, 2)


@pytest.mark.parametrize("code", ["forged", "%00", "%ff%fe", "A" * 27, "x" * 5000])
def test_a_forged_receipt_is_not_found(client: FlaskClient, code: str) -> None:
    for address in (f"/receipts/{code}/", f"/receipts/{code}/withdraw"):
        assert client.get(address).status_code == 404
    assert client.post(f"/receipts/{code}/withdraw", data={"response": str(2**70)}).status_code == 404


def test_a_cancelled_event_is_called_cancelled_where_its_question_names_it(
    unit: Unit, site: Site, client: FlaskClient
) -> None:
    with unit():
        event = event_about(open_consultation(), ended_ago=timedelta(days=-2))
        cancel_event(event.id, reason="The speaker is ill.", site=site, at=real_clock.now(), actor=None)

    assert "Cancelled" in client.get(FIRST).text
