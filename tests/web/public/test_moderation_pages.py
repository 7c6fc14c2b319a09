"""The page that says how moderation works, and the form by which readers point at something."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.responses.enums import ModerationAction, ReasonCode
from engage.responses.models import Flag
from engage.responses.moderation_report import moderation_report
from engage.responses.services import decide
from tests.factories import hidden, make_person
from tests.pages import Page
from tests.responses.makers import ANONYMOUS, answer, open_consultation, publish_all, responses_of, send

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def site(app: Flask) -> Site:
    found: Site = app.extensions["engage"].site()
    return found


def test_anybody_flags_what_is_published(
    unit: Unit, site: Site, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    with unit():
        code = answer(open_consultation(), site=site)
        publish_all(code, moderator=make_person("mo@example.org", "moderator"))
        address = f"/responses/{responses_of(code)[0].id}/flag"
    assert send(client, address).status_code == 422
    assert send(client, address, reason="nonsense").status_code == 422

    answered = send(client, address, reason="spam", note="It sells boats.")

    assert answered.status_code == 303
    assert "A moderator will look at it" in client.get(answered.location).text
    assert "Set-Cookie" not in answered.headers
    assert client.get(f"/responses/{uuid.uuid4()}/flag").status_code == 404


def test_one_computer_flags_a_response_once_a_day_and_a_double_click_is_one_flag(
    unit: Unit, site: Site, make_app: Callable[..., Flask], clock: time_machine.Traveller
) -> None:
    """S31: nobody takes words off a page alone. Who flags something else, or from elsewhere, is heard."""
    with unit():
        code = answer(open_consultation(), site=site, answers={1: "One.", 2: "Another."})
        publish_all(code, moderator=make_person("mo@example.org", "moderator"))
        one, another = (f"/responses/{response.id}/flag" for response in responses_of(code))
    client = make_app(LIMITS="flag-one=1/day per address").test_client()
    typed = {**hidden(client.get(one)), "reason": "spam", "note": "It sells boats."}
    assert [client.post(one, data=typed).status_code for _ in range(2)] == [303, 303]

    again = send(client, one, reason="spam", note="It does sell boats.")
    assert (again.status_code, "We were told about this one today" in again.text) == (409, True)
    assert "It does sell boats." in again.text
    assert send(client, another, reason="spam").status_code == 303
    elsewhere = {**hidden(client.get(one)), "reason": "spam"}
    assert client.post(one, data=elsewhere, environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 303
    with unit():
        assert len(db.session.scalars(select(Flag)).all()) == 3


def test_the_page_counts_decisions_until_yesterday_and_tells_no_small_number(
    unit: Unit, site: Site, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    """P4: hours of those we know, days of the anonymous; P9: nothing under five."""
    with unit():
        mo = make_person("mo@example.org", "moderator").id
        consultation = open_consultation()
        known = [answer(consultation, site=site, answers={1: f"{n}"}) for n in range(5)]
        unknown = [answer(consultation, site=site, naming=ANONYMOUS) for _ in range(5)]
    clock.shift(timedelta(hours=3, minutes=30))
    with unit():
        for n, code in enumerate([*known, *unknown]):
            refuse = {"action": ModerationAction.REFUSE, "reason_code": ReasonCode.OFF_TOPIC if n else ReasonCode.SPAM}
            decide(responses_of(code)[0].id, moderator=mo, at=real_clock.now(), **refuse)  # type: ignore[arg-type]

    with unit():
        today = moderation_report(at=real_clock.now())
        report = moderation_report(at=real_clock.now() + timedelta(days=1))

    assert (today.refused, today.reasons, today.median_hours) == (0, {}, None)
    assert (report.refused, report.published) == (10, 0)
    assert report.reasons == {ReasonCode.OFF_TOPIC: 9, ReasonCode.SPAM: None}
    assert (report.median_hours, report.median_days_anonymous) == (4, 0)
    clock.shift(timedelta(days=1))
    page = Page(client.get("/moderation"))
    assert page.errors == []
    assert "fewer than 5 decisions" in page.text
    assert "4 hours" in page.text
