"""A form that is refused keeps its recordings for a day, without a row: nobody records a second time (R35, P2, R5)."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.bookings.queries import manage_token
from engage.kernel.settings import Site
from engage.media.models import MediaAsset
from engage.media.storage import FolderStorage, storage_at
from engage.responses.errors import AnswersClosedError
from engage.responses.models import Response, Submission
from engage.web.public import respond_views
from tests.factories import hidden
from tests.media.makers import voice
from tests.pages import faults
from tests.responses.makers import booking_of, event_about, open_consultation

Unit = Callable[[], AbstractContextManager[Session]]
ADDRESS = "/consultations/levelling-up/respond"
FIELDS = {"attribution": "named", "display_name": "Gwen", "publish": "yes", "media_voice": "yes"}
KEPT = "Your recording is kept with this page until tomorrow"


@pytest.fixture
def storage(app: Flask) -> FolderStorage:
    found = storage_at(app.extensions["engage"].site().media_url)
    for key in list(found.names()):
        found.delete(key)
    return found


@pytest.fixture
def asked(clock: time_machine.Traveller, unit: Unit) -> None:
    with unit():
        for question in open_consultation().questions:
            question.media_min_s, question.media_max_s = 1, 5


def send(client: FlaskClient, page: TestResponse, recording: bytes | None = None, **typed: str) -> TestResponse:
    """Send the form of a page, with a file for question 1 if there is one."""
    chosen = {"media-1": (io.BytesIO(recording), "gwen.webm")} if recording else {}
    data = {**hidden(page), **FIELDS, **typed, **chosen}
    return client.post(ADDRESS, data=data, content_type="multipart/form-data")


def refused(client: FlaskClient, recording: bytes | None = None) -> TestResponse:
    """Send a recording in a form that lacks the name to show."""
    return send(client, client.get(ADDRESS), recording or voice(2), display_name="")


def stored(unit: Unit) -> tuple[int, int]:
    with unit() as session:
        counts = (session.scalar(select(func.count()).select_from(model)) for model in (Response, MediaAsset))
        return tuple(count or 0 for count in counts)  # type: ignore[return-value]


@pytest.mark.usefixtures("asked")
def test_the_next_attempt_sends_what_was_kept(
    client: FlaskClient, unit: Unit, storage: FolderStorage, worker: Callable[..., int]
) -> None:
    page = refused(client)
    assert page.status_code == 422
    assert KEPT in page.text
    assert faults(page) == []
    assert stored(unit) == (0, 0)  # P2: no row knows of it
    [key] = storage.names()

    again = send(client, page, display_name="")  # refused once more: it is still the same file
    assert KEPT in again.text
    assert list(storage.names()) == [key]
    sent = send(client, again)
    assert sent.status_code == 303
    assert stored(unit) == (1, 1)
    assert send(client, again).location == sent.location  # R8: a double click
    worker()
    assert "<audio controls" in client.get(sent.location).text
    assert len(list(storage.names())) == 1
    assert send(client, again).location == sent.location  # and much later, once its bytes were made anew


@pytest.mark.usefixtures("asked")
def test_another_file_takes_its_place_and_it_can_be_left_out(
    client: FlaskClient, unit: Unit, storage: FolderStorage
) -> None:
    page = refused(client)
    [key] = storage.names()
    assert send(client, page, voice(3)).status_code == 303
    assert len(list(storage.names())) == 1
    assert key not in storage.names()

    page = refused(client)
    assert send(client, page, **{"leave-out-media-1": "yes", "answer-1": "In words."}).status_code == 303
    assert stored(unit) == (2, 1)
    assert len(list(storage.names())) == 1


@pytest.mark.usefixtures("asked")
def test_a_ticket_sends_once_holds_a_day_and_is_ours_alone(
    client: FlaskClient, unit: Unit, storage: FolderStorage, clock: time_machine.Traveller
) -> None:
    """S12: no made-up ticket reaches another file, and one file belongs to one answer."""
    page = refused(client)
    ticket = hidden(page)["kept-media-1"]
    words = {"answer-1": "Ask the tenants."}
    forged = [ticket[:-2] + "AA", ticket + "A", "x", ticket[30:], "A" * 174]
    for each in forged:
        answer = send(client, client.get(ADDRESS), **words, **{"kept-media-1": each})
        assert answer.status_code == 422
        assert "is not there any more" in answer.text
        assert "Ask the tenants." in answer.text
    assert send(client, page).status_code == 303
    twice = send(client, client.get(ADDRESS), **words, **{"kept-media-1": ticket})
    assert (twice.status_code, stored(unit)) == (422, (1, 1))

    page = refused(client)
    clock.shift(timedelta(hours=25))
    late = send(client, client.get(ADDRESS), **words, **{"kept-media-1": hidden(page)["kept-media-1"]})
    assert late.status_code == 422
    assert "is not there any more" in late.text


@pytest.mark.usefixtures("asked")
def test_what_a_service_refuses_keeps_it_too_and_a_fault_of_ours_does_not(
    client: FlaskClient, storage: FolderStorage, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R5: after a fault nothing is left."""

    def closed(*_args: object, **_options: object) -> str:
        raise AnswersClosedError

    page = client.get(ADDRESS)
    with monkeypatch.context() as patch:
        patch.setattr(respond_views, "receive", closed)
        answer = send(client, page, voice(2))
    assert answer.status_code == 409
    assert KEPT in answer.text
    [key] = storage.names()

    def broken(*_args: object, **_options: object) -> str:
        raise RuntimeError("a fault")

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    with monkeypatch.context() as patch:
        patch.setattr(respond_views, "receive", broken)
        patch.setattr(app, "testing", False)
        assert send(client, page, voice(3)).status_code == 500
    assert list(storage.names()) == [key]


def test_a_spoken_comment_that_turns_anonymous_keeps_its_recording_and_nothing_of_the_booking(
    client: FlaskClient, unit: Unit, site: Site, storage: FolderStorage, clock: time_machine.Traveller
) -> None:
    """P2, P10: only the pass travels with it."""
    with unit():
        address = f"/bookings/{manage_token(booking_of(event_about(open_consultation()), site=site), site)}/comment"
    data = {**hidden(client.get(address)), "attribution": "anonymous", "media": (io.BytesIO(voice(2)), "cleo.webm")}
    page = client.post(address, data=data, content_type="multipart/form-data")
    assert page.status_code == 422
    assert KEPT in page.text
    action = page.text.partition('action="')[2].partition('"')[0]
    assert "/comments/?pass=" in action
    assert client.post(action, data={**hidden(page), "publish": "yes"}).status_code == 303
    with unit() as session:
        assert session.scalars(select(Submission.respondent_id)).all() == [None]
    assert stored(unit) == (1, 1)
    assert len(list(storage.names())) == 1
