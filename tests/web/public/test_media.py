"""Recordings, played: by whom, in which parts, and with which headers (S26, S48, P13)."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.kernel.settings import Site
from engage.media.enums import MediaKind
from engage.media.making.process import Made
from engage.media.models import MediaAsset
from engage.media.services import keep_made
from engage.media.storage import FolderStorage, storage_at
from engage.responses.enums import ModerationAction, Purpose
from engage.responses.models import Response
from engage.responses.services import decide, withdraw
from engage.responses.services.answers import Answer
from tests.factories import make_person, sign_in
from tests.responses.makers import EVERY_USE, answer, open_consultation

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
FILM = bytes(range(256)) * 8
POSTER = b"\xff\xd8\xff poster"


@pytest.fixture
def site(app: Flask) -> Site:
    found: Site = app.extensions["engage"].site()
    return found


@pytest.fixture
def storage(site: Site) -> FolderStorage:
    """Give the app's storage, empty of what other tests left."""
    found = storage_at(site.media_url)
    for key in list(found.names()):
        found.delete(key)
    return found


@pytest.fixture
def filmed(clock: object, unit: Unit, site: Site, storage: FolderStorage) -> Callable[..., tuple[UUID, str]]:
    """Give a function that answers by a film which is ready; it returns its id and the receipt."""

    def film(*, consents: frozenset[Purpose] = EVERY_USE, published: bool = True) -> tuple[UUID, str]:
        with unit() as session:
            kept = storage.keep(io.BytesIO(b"as it was sent"), at=NOW)
            code = answer(
                open_consultation(), site=site, answers={1: Answer(recording=kept)}, consents=consents, at=NOW
            )
            response = session.scalars(select(Response)).one()
            assert response.media is not None
            made = Made(MediaKind.VIDEO, "video/mp4", 61_000, 640, 360, poster=True)
            stored = [storage.keep(io.BytesIO(data), at=NOW) for data in (FILM, POSTER)]
            assert keep_made(response.media.id, made, stored[0], stored[1], at=NOW)
            moderator = make_person("mo@example.org", "moderator")
            if published:
                decide(response.id, action=ModerationAction.PUBLISH, moderator=moderator.id, at=NOW)
            return response.media.id, code

    return film


def test_what_is_published_with_voice_and_face_is_played_by_everybody(
    client: FlaskClient, filmed: Callable[..., tuple[UUID, str]]
) -> None:
    media_id, _ = filmed()
    page = client.get("/consultations/levelling-up/questions/1/").text
    assert f'src="/media/{media_id}"' in page
    assert f'poster="/media/{media_id}/poster"' in page
    film = client.get(f"/media/{media_id}")
    assert (film.status_code, film.data, film.mimetype) == (200, FILM, "video/mp4")
    assert film.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in film.headers["Content-Security-Policy"]
    assert "Last-Modified" not in film.headers  # P4: nobody learns when it came
    poster = client.get(f"/media/{media_id}/poster")
    assert (poster.data, poster.mimetype) == (POSTER, "image/jpeg")


@pytest.mark.parametrize(
    ("asked", "status", "expected", "told"),
    [
        ("bytes=0-9", 206, FILM[:10], "bytes 0-9/2048"),
        ("bytes=2000-", 206, FILM[2000:], "bytes 2000-2047/2048"),
        ("bytes=-8", 206, FILM[-8:], "bytes 2040-2047/2048"),
        ("bytes=100-99999", 206, FILM[100:], "bytes 100-2047/2048"),
        ("bytes=9999-", 416, None, "bytes */2048"),
        ("lines=1-2", 200, FILM, None),
    ],
    ids=["first", "end", "last", "beyond", "outside", "unknown"],
)
def test_a_part_is_given_where_a_part_is_asked_for(
    client: FlaskClient,
    filmed: Callable[..., tuple[UUID, str]],
    asked: str,
    status: int,
    expected: bytes | None,
    told: str | None,
) -> None:
    """RFC 9110, section 14: players seek."""
    media_id, _ = filmed()
    answer_ = client.get(f"/media/{media_id}", headers={"Range": asked})
    assert answer_.status_code == status
    assert answer_.headers.get("Content-Range") == told
    if expected is not None:
        assert answer_.data == expected
        assert answer_.content_length == len(expected)


def test_head_tells_the_length_and_a_tag_saves_the_second_time(
    client: FlaskClient, filmed: Callable[..., tuple[UUID, str]]
) -> None:
    media_id, _ = filmed()
    head = client.head(f"/media/{media_id}")
    assert (head.status_code, head.data, head.content_length) == (200, b"", len(FILM))
    again = client.get(f"/media/{media_id}", headers={"If-None-Match": head.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("missing", [Purpose.PUBLISH_SITE, Purpose.MEDIA_VOICE, Purpose.MEDIA_FACE])
def test_without_each_consent_nobody_but_its_sender_and_moderators_plays_it(
    client: FlaskClient, app: Flask, filmed: Callable[..., tuple[UUID, str]], missing: Purpose
) -> None:
    """P14, rule 6: a face is not published with a voice, nor either with the words."""
    media_id, code = filmed(consents=EVERY_USE - {missing}, published=missing is not Purpose.PUBLISH_SITE)
    assert str(media_id) not in client.get("/consultations/levelling-up/questions/1/").text
    for part in ("", "/poster"):
        assert client.get(f"/media/{media_id}{part}").status_code == 404
    assert client.get(f"/receipts/{code}/media/{media_id}").data == FILM
    moderator = app.test_client()
    sign_in(moderator, "mo@example.org")
    assert moderator.get(f"/media/{media_id}").data == FILM


def test_what_no_moderator_saw_is_not_there_and_neither_is_anybody_elses(
    client: FlaskClient, app: Flask, unit: Unit, filmed: Callable[..., tuple[UUID, str]]
) -> None:
    """S48, S21: the same answer as for what never was."""
    media_id, code = filmed(published=False)
    with unit():
        make_person("dev@example.org")
    member = app.test_client()
    sign_in(member, "dev@example.org")
    for somebody in (client, member):
        assert somebody.get(f"/media/{media_id}").status_code == 404
        assert somebody.get(f"/media/{UUID(int=5)}").status_code == 404
    assert client.get(f"/receipts/{code}/media/{UUID(int=5)}").status_code == 404
    assert client.get(f"/receipts/{code[:-1]}x/media/{media_id}").status_code == 404


def test_taken_back_it_is_gone_at_once_for_everybody_and_its_bytes_follow(
    client: FlaskClient,
    unit: Unit,
    storage: FolderStorage,
    worker: Callable[..., int],
    filmed: Callable[..., tuple[UUID, str]],
) -> None:
    """P13: page, file and poster; a stored copy is asked for anew each time."""
    media_id, code = filmed()
    tag = client.get(f"/media/{media_id}").headers["ETag"]
    with unit():
        withdraw(code, at=NOW)
    for address in (f"/media/{media_id}", f"/media/{media_id}/poster", f"/receipts/{code}/media/{media_id}"):
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 404
    assert str(media_id) not in client.get("/consultations/levelling-up/questions/1/").text
    worker()
    assert list(storage.names()) == []
    with unit() as session:
        assert session.scalars(select(MediaAsset.state)).one() == "gone"
