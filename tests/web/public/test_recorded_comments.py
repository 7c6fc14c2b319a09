"""Comments that are spoken: by the pass and on a booking's page, with a consent of their own for voice and face."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.bookings.queries import manage_token
from engage.events.queries import event_pass
from engage.kernel.settings import Site
from engage.media.enums import MediaKind
from engage.media.models import MediaAsset
from engage.media.storage import FolderStorage, storage_at
from engage.responses.models import Consent, Response
from tests.factories import hidden
from tests.media.makers import voice
from tests.pages import faults
from tests.responses.makers import booking_of, event_about, open_consultation

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/events/over-lunch/comments/"
NAMED = {"attribution": "pseudonym", "display_name": "Marged", "publish": "yes", "media_voice": "yes"}


@dataclass(frozen=True)
class Links:
    """The ways in."""

    by_pass: str
    by_booking: str


@pytest.fixture
def storage(app: Flask) -> FolderStorage:
    """Give the app's storage, empty of what other tests left."""
    found = storage_at(app.extensions["engage"].site().media_url)
    for key in list(found.names()):
        found.delete(key)
    return found


@pytest.fixture
def links(unit: Unit, site: Site, clock: time_machine.Traveller) -> Links:
    """An event that ended yesterday, with one booking."""
    with unit():
        event = event_about(open_consultation())
        token = manage_token(booking_of(event, site=site), site)
        return Links(f"{PAGE}?pass={event_pass(event, site)}", f"/bookings/{token}/comment")


def say(client: FlaskClient, address: str, recording: bytes, *, seen: str = "", **typed: str) -> TestResponse:
    """Open a page, choose a file for its comment, and send it; `seen` is the page where it is another one."""
    data = {**hidden(client.get(seen or address)), **NAMED, **typed, "media": (io.BytesIO(recording), "marged.webm")}
    return client.post(address, data=data, content_type="multipart/form-data")


@pytest.mark.parametrize("way", ["by_pass", "by_booking"])
def test_a_comment_may_be_a_recording_alone(
    client: FlaskClient, unit: Unit, storage: FolderStorage, links: Links, worker: Callable[..., int], way: str
) -> None:
    answer = say(client, getattr(links, way), voice(2))
    assert answer.status_code == 303
    assert "Your recording is being made ready" in client.get(answer.location).text
    worker()
    page = client.get(answer.location).text
    assert "<audio controls" in page
    assert "marged.webm" not in page  # P8
    with unit() as session:
        asset = session.scalars(select(MediaAsset)).one()
        assert (asset.kind, asset.shortest_ms, asset.longest_ms) == (MediaKind.AUDIO, 1000, 120_000)
        granted = session.scalars(select(Consent.purpose).where(Consent.granted)).all()
        assert {each.value for each in granted} == {"publish_site", "media_voice"}
        assert session.scalars(select(Response.body_original)).one() == ""
    assert len(list(storage.names())) == 1


def test_a_comment_in_writing_is_asked_about_no_voice(client: FlaskClient, unit: Unit, links: Links) -> None:
    """Rule 6: what was ticked of a voice says nothing where none was recorded."""
    page = client.get(links.by_pass)
    client.post(links.by_pass, data={**hidden(page), **NAMED, "body": "The captions helped."})
    with unit() as session:
        purposes = {each.value for each in session.scalars(select(Consent.purpose))}
    assert purposes == {"publish_site", "quote_report", "share_government", "social_media"}


def test_without_words_and_recording_there_is_no_comment(client: FlaskClient, links: Links) -> None:
    answer = client.post(links.by_pass, data={**hidden(client.get(links.by_pass)), **NAMED})
    assert answer.status_code == 422
    assert "Write your comment first, or record it." in answer.text


def test_who_may_comment_may_record_and_nobody_else(
    client: FlaskClient, unit: Unit, storage: FolderStorage, links: Links
) -> None:
    """S21, S28: a stranger's page asks for no camera, and keeps no file."""
    for address in (links.by_pass, links.by_booking):
        page = client.get(address)
        assert faults(page) == []
        assert "camera=(self)" in page.headers["Permissions-Policy"]
        assert "media-src 'self' blob:" in page.headers["Content-Security-Policy"]
        assert "recorder.js" in page.text
    stranger = client.get(PAGE)
    assert "camera=(self)" not in stranger.headers["Permissions-Policy"]
    assert say(client, PAGE, voice(1), seen=links.by_pass).status_code == 403
    assert list(storage.names()) == []
    with unit() as session:
        assert session.scalars(select(Response)).all() == []
