"""A copy of one's own words: printed by whoever holds the receipt, mailed to nobody but whom they belong to."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engage.kernel import clock as real_clock
from engage.kernel.settings import Site
from engage.kernel.tokens import mailed_proof
from engage.responses.enums import Attribution, IdentityBasis
from engage.responses.services import Naming, Sender, withdraw
from tests.conftest import SentMail
from tests.factories import make_person
from tests.pages import faults
from tests.responses.makers import ANONYMOUS, NAMED, answer, open_consultation, responses_of, send

Unit = Callable[[], AbstractContextManager[Session]]
GWEN = Sender(IdentityBasis.GUEST, email="gwen@example.org")


@pytest.fixture
def site(app: object) -> Site:
    """Give the site of the app under test."""
    found: Site = app.extensions["engage"].site()  # type: ignore[attr-defined]
    return found


def receipt(unit: Unit, site: Site, *, sender: Sender = GWEN, naming: Naming = NAMED) -> str:
    with unit():
        words = {1: "Ask the tenants.\nAll of them.", 2: "Six weeks."}
        return answer(open_consultation(), site=site, answers=words, sender=sender, naming=naming)


def copies(outbox: Callable[[], list[SentMail]]) -> list[SentMail]:
    return [sent for sent in outbox() if sent.kind == "answers_copy"]


def text_of(sent: SentMail) -> str:
    body = sent.mail.get_body(("plain",)) if sent.mail else None
    return str(body.get_content()) if body else ""


def test_who_comes_by_the_mail_with_the_receipt_has_the_words_mailed_there(
    unit: Unit,
    site: Site,
    client: FlaskClient,
    clock: time_machine.Traveller,
    outbox: Callable[[], list[SentMail]],
    worker: Callable[..., int],
) -> None:
    code = receipt(unit, site)
    worker()
    (mail,) = outbox()
    [link] = [word for word in text_of(mail).split() if "/copy" in word]
    address = link.removeprefix(site.base_url)

    assert faults(client.get(address)) == []
    with unit():
        withdraw(code, response_id=responses_of(code)[1].id, at=real_clock.now())
    sent = send(client, address)
    assert (sent.status_code, "on its way" in client.get(sent.location).text) == (303, True)
    worker()
    [copy] = copies(outbox)
    assert copy.to == "gwen@example.org"
    assert "What about matter 1?" in text_of(copy)
    assert "Ask the tenants." in text_of(copy).splitlines()
    assert "Six weeks." not in text_of(copy)


def test_nobody_has_words_mailed_to_an_address_that_they_only_typed(
    unit: Unit, site: Site, client: FlaskClient, clock: time_machine.Traveller, outbox: Callable[[], list[SentMail]]
) -> None:
    """S31: the site is nobody's means to write to strangers."""
    code = receipt(unit, site)
    for query in ("", "?mailed=", f"?mailed={code}", f"?mailed={mailed_proof(site.link_secrets, 'other')}"):
        page = client.get(f"/receipts/{code}/copy{query}")
        assert "Mail me a copy" not in page.text
        assert "Ask the tenants." in page.text
        assert send(client, f"/receipts/{code}/copy{query}").status_code == 422
    assert copies(outbox) == []


def test_of_an_anonymous_sitting_nothing_can_be_mailed_whatever_is_brought(
    unit: Unit, site: Site, client: FlaskClient, clock: time_machine.Traveller, outbox: Callable[[], list[SentMail]]
) -> None:
    """P2."""
    code = receipt(unit, site, sender=Sender(IdentityBasis.GUEST), naming=ANONYMOUS)
    address = f"/receipts/{code}/copy?mailed={mailed_proof(site.link_secrets, code)}"

    assert "nothing tells us who you are" in client.get(address).text
    assert send(client, address).status_code == 422
    assert outbox() == []


def test_a_member_has_it_at_the_address_of_the_account_and_at_most_three_a_day(
    unit: Unit, site: Site, client: FlaskClient, clock: time_machine.Traveller, outbox: Callable[[], list[SentMail]]
) -> None:
    with unit():
        dev = make_person("dev@example.org", name="Dev")
        member = Sender(IdentityBasis.MEMBER, person_id=dev.id, name="Dev", email="dev@example.org")
    code = receipt(unit, site, sender=member, naming=Naming(Attribution.NOT_PUBLISHED))
    for _turn in range(5):
        assert send(client, f"/receipts/{code}/copy").status_code == 303
    assert [copy.to for copy in copies(outbox)] == ["dev@example.org"] * 3


def test_an_unknown_code_opens_nothing(client: FlaskClient, clock: time_machine.Traveller) -> None:
    assert client.get("/receipts/" + "A" * 27 + "/copy").status_code == 404
