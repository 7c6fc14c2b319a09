"""The page "How people book": saved, refused beside the field, and both versions shown when two people write."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.events.models import Event
from tests.factories import hidden, make_event
from tests.pages import Page
from tests.web.organiser.conftest import Send

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/organise/events/lunch/booking"


@pytest.fixture(autouse=True)
def event(clock: time_machine.Traveller, unit: Unit) -> None:
    """Make a webinar in November."""
    with unit():
        make_event(slug="lunch", starts_at=datetime(2026, 11, 5, 12, 30, tzinfo=UTC))


def rules(unit: Unit) -> tuple[bool, bool, datetime | None]:
    """Return what is stored."""
    with unit() as session:
        event = session.scalars(select(Event)).one()
        return event.waiting_list, event.places_shown, event.members_only_until


def test_the_rules_are_saved_and_the_form_shows_them_again(unit: Unit, asha: FlaskClient, send: Send) -> None:
    """A box that is not ticked is not sent."""
    answer = send(PAGE, waiting_list="yes", date="2026-10-01", time="09:00")

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert rules(unit) == (True, False, datetime(2026, 10, 1, 8, 0, tzinfo=UTC))
    form = Page(asha.get(PAGE)).forms[1]
    assert {name: form.values.get(name) for name in ("waiting_list", "places_shown", "date", "time")} == {
        "waiting_list": "yes",
        "places_shown": None,
        "date": "2026-10-01",
        "time": "09:00",
    }


def test_a_day_without_a_time_is_refused_and_nothing_typed_is_lost(unit: Unit, send: Send) -> None:
    """R35."""
    answer = send(PAGE, places_shown="yes", date="2026-10-01", time="")

    assert answer.status_code == 422
    assert "Give the time as well." in answer.text
    assert 'value="2026-10-01"' in answer.text
    assert rules(unit) == (True, True, None)


def test_a_time_after_the_start_is_refused_beside_its_field(unit: Unit, send: Send) -> None:
    """With the reason."""
    answer = send(PAGE, waiting_list="yes", date="2026-11-06", time="09:00")

    assert answer.status_code == 422
    assert "Choose a time before the event starts" in answer.text
    assert rules(unit) == (True, True, None)


def test_an_hour_that_comes_twice_is_asked(unit: Unit, send: Send) -> None:
    """R19: both instants stand there to choose from."""
    fields = {"waiting_list": "yes", "places_shown": "yes", "date": "2026-10-25", "time": "01:30"}

    assert "The second, an hour later: 1:30am GMT" in send(PAGE, **fields).text
    assert send(PAGE, **fields, fold="1").status_code == 303
    assert rules(unit) == (True, True, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))


def test_an_old_page_is_refused_with_both_versions_and_may_be_sent_again(unit: Unit, asha: FlaskClient) -> None:
    """R11."""
    old = hidden(asha.get(PAGE))
    asha.post(PAGE, data={**old, "waiting_list": "yes"})

    refused = asha.post(PAGE, data={**old, "places_shown": "yes"})

    assert refused.status_code == 409
    assert "Saved by somebody else" in refused.text
    assert rules(unit) == (True, False, None)
    again = asha.post(PAGE, data={**hidden(refused), "places_shown": "yes"})
    assert again.status_code == 303
    assert rules(unit) == (False, True, None)


def test_a_form_without_a_version_is_refused(unit: Unit, asha: FlaskClient) -> None:
    """R11."""
    sent = hidden(asha.get(PAGE)) | {"version": ""}

    assert asha.post(PAGE, data=sent).status_code == 409
    assert rules(unit) == (True, True, None)
