"""The recording's address: given by an organiser, followed by everybody afterwards (rule 14)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from engage.kernel import clock
from tests.factories import hidden, make_event

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/organise/events/lunch/recording"


@pytest.fixture(autouse=True)
def _yesterday(unit: Unit) -> None:
    with unit():
        make_event(slug="lunch", starts_at=clock.now() - timedelta(days=1))


def test_the_recording_stands_on_the_public_page(asha: FlaskClient, client: FlaskClient) -> None:
    sent = asha.post(PAGE, data={**hidden(asha.get(PAGE)), "recording_url": "https://video.example/1"})

    assert sent.status_code == 303
    assert 'href="https://video.example/1"' in client.get("/events/lunch/").text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "video", "https://user:word@video.example/", "file:///etc"])
def test_what_is_no_web_address_is_refused_and_kept_in_the_form(asha: FlaskClient, address: str) -> None:
    sent = asha.post(PAGE, data={**hidden(asha.get(PAGE)), "recording_url": address})

    assert sent.status_code == 422
    assert f'value="{address}"' in sent.text
    assert address not in asha.get("/events/lunch/").text
