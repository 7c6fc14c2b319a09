"""Saying what one needs: on the booking form, and on one's own page."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.access_needs import answer_need
from engage.bookings.models import AccessNeed
from engage.kernel.settings import Site
from tests.conftest import TEST_BEGINS
from tests.factories import hidden
from tests.web.public.visiting import send, tokens

Unit = Callable[[], AbstractContextManager[Session]]
pytestmark = pytest.mark.usefixtures("clock")


def needs(unit: Unit) -> list[str]:
    with unit() as session:
        return list(session.scalars(select(AccessNeed.body)))


def post(client: FlaskClient, page: str, words: str) -> tuple[int, str]:
    """Send the form of somebody's own page; returns the status and where it leads."""
    answer = client.post(page, data={**hidden(client.get(page)), "access_needs": words})
    return answer.status_code, answer.headers.get("Location", "")


def test_the_form_says_who_reads_it_and_when_it_is_deleted(make_app: Callable[..., Flask], slug: str) -> None:
    """P15."""
    page = make_app(ACCESS_NEEDS_KEPT_DAYS="9").test_client().get(f"/events/{slug}/book").text

    assert "Only our access lead and administrators read it, to arrange it for this event." in page
    assert "It is deleted 9 days after the event." in page


def test_needs_come_with_the_booking_in_their_own_lines(client: FlaskClient, slug: str, unit: Unit) -> None:
    assert send(client, slug, access_needs=" BSL.\r\nBreaks.\x00 ").status_code == 303
    assert needs(unit) == ["BSL.\nBreaks."]


def test_too_many_words_are_kept_in_the_form_and_nothing_is_stored(client: FlaskClient, slug: str, unit: Unit) -> None:
    answer = send(client, slug, access_needs="x" * 1001)

    assert answer.status_code == 422
    assert "Please keep this to 1000 characters." in answer.text
    assert "x" * 1001 in answer.text
    assert '<details id="more" open>' in answer.text
    assert needs(unit) == []


def test_the_holder_reads_changes_and_takes_back_what_they_need(
    client: FlaskClient, slug: str, unit: Unit, site: Site
) -> None:
    send(client, slug)
    token, _ = tokens(unit, site)
    mine, page = f"/bookings/{token}/", f"/bookings/{token}/access-needs"
    assert "Say what I need" in client.get(mine).text

    assert post(client, page, "BSL.") == (303, f"{mine}?done=access#access")
    assert needs(unit) == ["BSL."]
    shown = client.get(f"{mine}?done=access").text
    assert "We know what you need." in shown
    assert "BSL." not in shown
    assert "BSL." in client.get(page).text

    assert post(client, page, "") == (303, f"{mine}?done=access#access")
    assert needs(unit) == []
    assert "We keep nothing about what you need." in client.get(f"{mine}?done=access").text


def test_the_holder_reads_what_we_promised(client: FlaskClient, slug: str, unit: Unit, site: Site) -> None:
    send(client, slug, access_needs="BSL.")
    token, _ = tokens(unit, site)
    page = f"/bookings/{token}/access-needs"
    with unit() as session:
        booking_id = session.scalars(select(AccessNeed.booking_id)).one()
        answer_need(booking_id, promised="Two interpreters.", kinds=[], version=1, at=TEST_BEGINS, actor=None)
    assert "and we have answered" in client.get(f"/bookings/{token}/").text
    assert "Two interpreters." in client.get(page).text
    post(client, page, "BSL and breaks.")
    assert "Our promise, before you changed your words" in client.get(page).text


def test_after_the_event_nothing_new_is_asked_for_and_what_is_there_can_go(
    client: FlaskClient, slug: str, unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    send(client, slug, access_needs="BSL.")
    token, _ = tokens(unit, site)
    page = f"/bookings/{token}/access-needs"
    clock.shift(timedelta(days=8))

    assert post(client, page, "More.")[0] == 409
    assert needs(unit) == ["BSL."]
    assert post(client, page, "")[0] == 303
    assert needs(unit) == []
    assert client.get(page).status_code == 409


def test_too_many_changes_are_put_off_with_what_was_typed(
    make_app: Callable[..., Flask], slug: str, unit: Unit, site: Site
) -> None:
    """S31."""
    client = make_app(LIMITS="manage=1/min per address").test_client()
    send(client, slug)
    token, _ = tokens(unit, site)
    page = f"/bookings/{token}/access-needs"
    assert post(client, page, "BSL.")[0] == 303
    answer = client.post(page, data={**hidden(client.get(page)), "access_needs": "Captions, please."})

    assert (answer.status_code, "Captions, please." in answer.text) == (429, True)
    assert int(answer.headers["Retry-After"]) > 0
    assert needs(unit) == ["BSL."]
