"""Where all that was sent at one time may go is said once, by the receipt or in the account."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.consultations.queries import get_any_consultation
from engage.kernel import clock as real_clock
from engage.kernel.settings import Site
from engage.responses.enums import IdentityBasis, Purpose
from engage.responses.models import Response
from engage.responses.services import Owner, Sender, withdraw
from engage.responses.services.consenting import change_consents, sent_with
from tests.factories import hidden, make_person, sign_in
from tests.pages import faults
from tests.responses.makers import ANONYMOUS, EVERY_USE, answer, open_consultation, publish_all

Unit = Callable[[], AbstractContextManager[Session]]
QUOTE = Purpose.QUOTE_REPORT
RECORDED = {Purpose.MEDIA_VOICE, Purpose.MEDIA_FACE}
THREE = {1: "Ask the tenants.", 2: "Ask everybody.", 3: "Ask nobody."}


@pytest.fixture
def code(clock: time_machine.Traveller, unit: Unit, site: Site) -> str:
    """Give the receipt code of three answers that Dev sent at one time; about the third nothing is asked."""
    with unit():
        consultation = open_consultation()
        dev = make_person("dev@example.org")
        sender = Sender(IdentityBasis.MEMBER, person_id=dev.id, email="dev@example.org")
        made = answer(consultation, site=site, answers=THREE, sender=sender)
        publish_all(made, moderator=make_person("mo@example.org", "moderator"))
        consultation.questions[2].is_confidential = True
    return made


def _uses(unit: Unit) -> dict[str, set[Purpose]]:
    with unit() as session:
        rows = session.scalars(select(Response))
        return {row.body_original: {use for use in Purpose if row.allows(use)} for row in rows}


def _id(unit: Unit, body: str) -> str:
    with unit() as session:
        return str(session.scalars(select(Response.id).where(Response.body_original == body)).one())


def test_all_of_it_goes_the_same_way_by_the_receipt(client: FlaskClient, unit: Unit, code: str) -> None:
    """P12, P13: what nobody is asked about stays as it is."""
    before = _uses(unit)
    receipt = client.get(f"/receipts/{code}/")
    assert "Say where all of it may go…" in receipt.text
    address = receipt.text.split('/uses?together=yes"')[0].rpartition('"')[2] + "/uses"
    page = client.get(f"{address}?together=yes")
    assert (faults(page), "You sent 2 more responses at that time." in page.text) == ([], True)
    assert page.text.count("checked") == 5

    done = client.post(address, data={**hidden(page), "together": "yes", "uses": [QUOTE.value]})
    assert done.status_code == 303
    after = _uses(unit)
    assert after["Ask the tenants."] == after["Ask everybody."] == {QUOTE, *(before["Ask everybody."] & RECORDED)}
    assert after["Ask nobody."] == before["Ask nobody."]
    assert "Ask everybody." not in client.get("/consultations/levelling-up/questions/2/").text
    with unit() as session:
        assert list(session.scalars(select(AuditEntry.act))).count("web:response:consent") == 2


def test_without_the_tick_the_others_stay_and_in_the_account_it_is_the_same(
    client: FlaskClient, unit: Unit, code: str
) -> None:
    sign_in(client, "dev@example.org")
    mine = f"/account/responses/{_id(unit, 'Ask the tenants.')}/uses"
    before = _uses(unit)
    assert client.post(mine, data={**hidden(client.get(mine)), "uses": []}).status_code == 303
    assert _uses(unit)["Ask everybody."] == before["Ask everybody."]
    page = client.get(mine)
    assert client.post(mine, data={**hidden(page), "together": "yes", "uses": []}).status_code == 303
    assert not _uses(unit)["Ask everybody."] - RECORDED


def test_a_page_left_open_gives_nothing_back_to_any_of_them(client: FlaskClient, unit: Unit, code: str) -> None:
    """R11."""
    address = f"/receipts/{code}/responses/{_id(unit, 'Ask the tenants.')}/uses"
    other = f"/receipts/{code}/responses/{_id(unit, 'Ask everybody.')}/uses"
    opened = {**hidden(client.get(address)), "together": "yes", "uses": ["publish_site"]}
    client.post(other, data={**hidden(client.get(other)), "uses": []})

    for left in (opened, {**opened, "others": ""}, {**opened, "others": "x" * 900}):
        refused = client.post(address, data=left)
        assert (refused.status_code, "chose anew meanwhile" in refused.text) == (409, True)
    assert not _uses(unit)["Ask everybody."] - RECORDED
    again = client.post(address, data={**hidden(refused), "together": "yes", "uses": ["publish_site"]})
    assert again.status_code == 303
    assert Purpose.PUBLISH_SITE in _uses(unit)["Ask everybody."]


def test_what_was_taken_back_is_left_out_and_one_alone_asks_nothing_more(
    client: FlaskClient, unit: Unit, site: Site, code: str
) -> None:
    with unit() as session:
        for row in list(session.scalars(select(Response).where(Response.body_original != "Ask everybody."))):
            withdraw(code, response_id=row.id, at=real_clock.now())
    assert "Say where all of it" not in client.get(f"/receipts/{code}/").text
    page = client.get(f"/receipts/{code}/responses/{_id(unit, 'Ask everybody.')}/uses")
    assert "everything else that I sent" not in page.text


def test_of_an_anonymous_sitting_nothing_but_the_day_is_kept(unit: Unit, site: Site, code: str) -> None:
    """P2, P4."""
    with unit():
        made = answer(get_any_consultation("levelling-up"), site=site, answers={1: "One.", 2: "Two."}, naming=ANONYMOUS)
    with unit() as session:
        first = session.scalars(select(Response).where(Response.body_original == "One.")).one()
        given = {"wordings": dict.fromkeys(EVERY_USE, "x"), "language": "en", "at": real_clock.now()}
        state = sent_with(first.id).state
        change_consents(Owner(code=made), first.id, granted=frozenset(), together=state, **given)
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "web:response:consent"))
        assert {entry.object.partition(":")[0] for entry in entries} == {"consultation"}
