"""The pages on which people change what they said and where it may go, behind a receipt and in an account."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engage.kernel.settings import Site
from engage.responses.enums import IdentityBasis, Purpose
from engage.responses.services import Sender
from tests.factories import hidden, make_person, sign_in
from tests.pages import faults
from tests.responses.makers import answer, open_consultation, publish_all, responses_of

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def site(app: Flask) -> Site:
    found: Site = app.extensions["engage"].site()
    return found


@pytest.fixture
def published(unit: Unit, site: Site, clock: time_machine.Traveller) -> tuple[str, str]:
    """Give the receipt's address and that of a published answer of Dev's behind it."""
    with unit():
        dev = make_person()
        sender = Sender(IdentityBasis.MEMBER, dev.id, dev.name, dev.email)
        code = answer(open_consultation(), site=site, sender=sender)
        publish_all(code, moderator=make_person("mo@example.org", "moderator"))
        return f"/receipts/{code}/", f"/receipts/{code}/responses/{responses_of(code)[0].id}"


QUESTION = "/consultations/levelling-up/questions/1/"


def test_a_receipt_leads_to_a_change_that_is_read_again_before_it_is_shown(
    client: FlaskClient, published: tuple[str, str]
) -> None:
    """S48, rule 10."""
    receipt, mine = published
    assert f'href="{mine}/edit"' in client.get(receipt).text
    page = client.get(f"{mine}/edit")
    assert (faults(page), "Ask the tenants." in page.text) == ([], True)

    done = client.post(f"{mine}/edit", data={**hidden(page), "body": "Ask everybody."}, follow_redirects=True)

    assert (done.request.path, faults(done)) == (receipt, [])
    for said in (
        "Ask everybody.",
        "Your words are changed.",
        "Held back until a moderator",
        "not the words that came first",
    ):
        assert said in done.text
    assert "Set-Cookie" not in done.headers
    shown = client.get(QUESTION).text
    assert "Ask the tenants." not in shown
    assert "Ask everybody." not in shown


def test_a_stale_change_shows_both_texts_and_the_next_try_replaces(
    client: FlaskClient, published: tuple[str, str]
) -> None:
    """R11, R35."""
    _, mine = published
    opened = hidden(client.get(f"{mine}/edit"))
    client.post(f"{mine}/edit", data={**opened, "body": "From another window."})

    refused = client.post(f"{mine}/edit", data={**opened, "body": "From this window."})

    assert refused.status_code == 409
    assert "From another window." in refused.text
    assert "From this window." in refused.text
    done = client.post(f"{mine}/edit", data={**hidden(refused), "body": "From this window."}, follow_redirects=True)
    assert "From this window." in done.text


def test_boxes_say_what_stands_and_the_page_no_longer_shows_what_is_unticked(
    client: FlaskClient, published: tuple[str, str]
) -> None:
    """P12, P13."""
    _, mine = published
    page = client.get(f"{mine}/uses")
    assert (page.text.count("checked"), faults(page)) == (4, [])
    assert "My recorded voice" not in page.text

    quote = Purpose.QUOTE_REPORT.value
    done = client.post(f"{mine}/uses", data={**hidden(page), "uses": [quote]}, follow_redirects=True)

    assert "We have noted where your words may go." in done.text
    assert "Received; not for publication" in done.text
    assert "Ask the tenants." not in client.get(QUESTION).text
    assert client.get(f"{mine}/uses").text.count("checked") == 1


def test_a_page_left_open_gives_no_use_back_that_was_taken_since(
    client: FlaskClient, published: tuple[str, str]
) -> None:
    """R11, P13: the choice that stands and the one that was sent are both on the page, and the next try replaces."""
    _, mine = published
    opened = hidden(client.get(f"{mine}/uses"))
    client.post(f"{mine}/uses", data={**opened, "uses": ["quote_report"]})

    refused = client.post(f"{mine}/uses", data={**opened, "uses": ["publish_site", "quote_report"]})

    assert (refused.status_code, "chose anew meanwhile" in refused.text) == (409, True)
    assert refused.text.count("As a quotation in our reports") == 2  # beside its box, and as what stands
    assert "Received; not for publication" in client.get(published[0]).text
    nameless = client.post(f"{mine}/uses", data={**opened, "began": "", "uses": ["publish_site"]})
    assert nameless.status_code == 409
    both = {**hidden(refused), "uses": ["publish_site", "quote_report"]}
    assert client.post(f"{mine}/uses", data=both).status_code == 303
    assert client.get(f"{mine}/uses").text.count("checked") == 2


@pytest.mark.parametrize("typed", ["media_face", "sell", "publish_site\x00"])
def test_a_use_that_is_not_asked_about_is_refused_in_words(
    client: FlaskClient, published: tuple[str, str], typed: str
) -> None:
    """S22, S24."""
    _, mine = published
    page = client.get(f"{mine}/uses")
    refused = client.post(f"{mine}/uses", data={**hidden(page), "uses": ["quote_report", typed]})

    assert (refused.status_code, "Choose from the list." in refused.text) == (422, True)
    assert client.get(f"{mine}/uses").text.count("checked") == 4


def test_what_was_taken_back_offers_nothing_more(client: FlaskClient, published: tuple[str, str]) -> None:
    receipt, mine = published
    client.post(f"{receipt}withdraw", data=hidden(client.get(f"{receipt}withdraw")))

    assert mine not in client.get(receipt).text
    for page in ("edit", "uses"):
        gone = client.get(f"{mine}/{page}")
        assert (gone.status_code, "You took this response back" in gone.text) == (409, True)


def test_a_member_does_the_same_in_the_account(client: FlaskClient, published: tuple[str, str]) -> None:
    mine = "/account/responses" + published[1].partition("/responses")[2]
    sign_in(client, "dev@example.org")
    listed = client.get("/account/responses")
    assert (f'href="{mine}/edit"' in listed.text, faults(listed)) == (True, [])

    page = client.get(f"{mine}/edit")
    done = client.post(f"{mine}/edit", data={**hidden(page), "body": "Ask them all."}, follow_redirects=True)
    assert (done.request.path, "Ask them all." in done.text) == ("/account/responses", True)
    page = client.get(f"{mine}/uses")
    done = client.post(f"{mine}/uses", data=hidden(page), follow_redirects=True)
    assert "Nowhere: we read it and count it" in done.text
    refused = client.post(f"{mine}/uses", data={"uses": ["publish_site"]})
    assert refused.status_code == 422
    assert "Nowhere: we read it and count it" in client.get("/account/responses").text
