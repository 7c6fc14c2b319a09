"""Members answer a consultation signed in: their answers are theirs, unless they are to be nobody's (P1, P2)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.kernel.db import db
from engage.mail.models import Message
from engage.responses.enums import IdentityBasis
from engage.responses.models import Respondent, RespondentIdentity, Response
from tests.factories import make_person, sign_in
from tests.pages import faults
from tests.responses.makers import open_consultation, send

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/consultations/levelling-up/respond"
MINE = "/account/responses"
SAID = "Ask the tenants."


@pytest.fixture(autouse=True)
def dev(unit: Unit, clock: time_machine.Traveller, client: FlaskClient) -> None:
    """Something to answer, and a member who is signed in."""
    with unit():
        open_consultation()
        make_person("dev@example.org", name="Dev Ident")
    sign_in(client, "dev@example.org")


def _known(unit: Unit) -> list[IdentityBasis]:
    with unit():
        return list(db.session.scalars(select(Respondent.identity_basis)))


def _mailed(unit: Unit) -> list[str]:
    with unit():
        return list(db.session.scalars(select(Message.to_addr)))


def test_what_a_member_answers_stands_in_the_account_and_the_receipt_goes_to_the_members_address(
    unit: Unit, client: FlaskClient
) -> None:
    page = client.get(PAGE)
    assert faults(page) == []
    assert "the receipt goes to dev@example.org" in page.text

    for words in (SAID, "And the landlords."):
        assert send(client, PAGE, send="yes", attribution="not_published", **{"answer-1": words}).status_code == 303
        assert words in client.get(MINE).text
    assert _known(unit) == [IdentityBasis.MEMBER]  # one person, though two sittings
    assert _mailed(unit) == ["dev@example.org"] * 2


def test_a_saved_answer_that_a_member_sends_is_theirs_too(unit: Unit, client: FlaskClient) -> None:
    address = send(client, PAGE, save="yes", attribution="not_published", **{"answer-1": SAID}).location
    assert faults(client.get(address)) == []
    assert _known(unit) == []  # nothing that is not sent belongs to anybody

    sent = send(client, address.partition("?")[0], send="yes", attribution="not_published", **{"answer-1": SAID})
    assert sent.status_code == 303
    assert SAID in client.get(MINE).text


def test_what_a_member_sends_anonymously_is_nobodys(unit: Unit, client: FlaskClient) -> None:
    """P2: no account, no address, no mail."""
    assert send(client, PAGE, send="yes", attribution="anonymous", **{"answer-1": SAID}).status_code == 303

    assert SAID not in client.get(MINE).text
    assert _known(unit) == _mailed(unit) == []
    with unit():
        assert db.session.scalars(select(RespondentIdentity)).all() == []


def test_an_address_beside_anonymous_words_is_refused_for_members_as_for_all(unit: Unit, client: FlaskClient) -> None:
    refused = send(client, PAGE, send="yes", attribution="anonymous", email="dev@example.org", **{"answer-1": SAID})
    assert (refused.status_code, SAID in refused.text) == (422, True)
    with unit():
        assert db.session.scalars(select(Response)).all() == []
