"""A site whose recordings lie in a bucket, by its settings alone: sent, made, played, taken back (R5, R21, R35)."""

import io
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage import jobs
from engage.edge import uploads
from engage.kernel import clock
from engage.kernel.models import Job, JobState
from engage.kernel.settings import Site
from engage.media.enums import MediaState
from engage.media.models import MediaAsset
from engage.media.s3 import S3Storage
from engage.media.services import let_go
from engage.media.storage import storage_of
from engage.responses.models import Response
from tests.factories import hidden
from tests.media.makers import recording, voice
from tests.responses.makers import open_consultation
from tests.servers import Line

Unit = Callable[[], AbstractContextManager[Session]]
ADDRESS = "/consultations/levelling-up/respond"
FIELDS = {"attribution": "named", "display_name": "Gwen", "publish": "yes", "media_voice": "yes", "media_face": "yes"}
KEPT = "Your recording is kept with this page until tomorrow"
NOT_NOW = "We cannot take recordings at the moment."


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # no statement of its own


@pytest.fixture
def site_app(make_app: Callable[..., Flask], object_store_line: Line) -> Flask:
    """Give a site with a bucket of its own."""
    return make_app(
        MEDIA_URL=f"s3://engage-{secrets.token_hex(4)}/live",
        AWS_ENDPOINT_URL=object_store_line.address,
        AWS_ACCESS_KEY_ID="tests",
        AWS_SECRET_ACCESS_KEY="tests",
    )


@pytest.fixture
def site(site_app: Flask) -> Site:
    found: Site = site_app.extensions["engage"].site()
    return found


@pytest.fixture
def storage(site: Site) -> S3Storage:
    found = storage_of(site)
    assert isinstance(found, S3Storage)
    found._client.create_bucket(Bucket=found.bucket.name)
    return found


@pytest.fixture
def client(site_app: Flask, unit: Unit, storage: S3Storage) -> FlaskClient:
    """Give a visitor of a consultation whose first question takes recordings of one to five seconds."""
    with unit():
        question = open_consultation().questions[0]
        question.media_min_s, question.media_max_s = 1, 5
    return site_app.test_client()


@pytest.fixture
def work(site_app: Flask, site: Site) -> Callable[..., int]:
    def run(at: datetime | None = None) -> int:
        with site_app.app_context():
            return jobs.run_due_jobs(site, at=at or clock.now())

    return run


def send(client: FlaskClient, page: TestResponse, data: bytes | None = None, **typed: str) -> TestResponse:
    chosen = {"media-1": (io.BytesIO(data), "gwen.webm", "video/webm")} if data else {}
    return client.post(ADDRESS, data={**hidden(page), **FIELDS, **typed, **chosen}, content_type="multipart/form-data")


def recordings(unit: Unit) -> list[MediaAsset]:
    with unit() as session:
        found = list(session.scalars(select(MediaAsset)))
        session.expunge_all()
        return found


def test_what_is_sent_is_made_anew_and_played_in_parts_until_it_is_taken_back(
    client: FlaskClient, unit: Unit, storage: S3Storage, work: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "IN_MEMORY", 1000)
    monkeypatch.setattr(uploads, "MEGABYTE", 2000)  # so that it goes through the folder, as large ones do
    sent = send(client, client.get(ADDRESS), recording(3))
    assert sent.status_code == 303
    [received] = storage.names()
    work()
    [asset] = recordings(unit)
    assert asset.state is MediaState.READY
    assert set(storage.names()) == {asset.storage_key, asset.poster_key}
    assert received not in storage.names()
    assert [path for path in storage.folder.rglob("*") if path.is_file()] == []  # nothing stays here

    address = f"{sent.location.removesuffix('/')}/media/{asset.id}"
    whole = client.get(address)
    assert (whole.status_code, whole.content_length, len(whole.data)) == (200, asset.size, asset.size)
    part = client.get(address, headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.data) == (206, whole.data[100:300])
    assert part.headers["Content-Range"] == f"bytes 100-299/{asset.size}"
    assert (client.head(address).content_length, client.head(address).data) == (asset.size, b"")
    assert client.get(f"{address}/poster").data.startswith(b"\xff\xd8\xff")

    with unit() as session:
        found = session.get(MediaAsset, asset.id)
        assert found is not None
        let_go(found, at=clock.now())
    assert client.get(address).status_code == 404
    work()
    assert list(storage.names()) == []


def test_a_site_whose_store_is_away_keeps_the_words_and_what_lay_ready(
    client: FlaskClient, unit: Unit, storage: S3Storage, object_store_line: Line
) -> None:
    """R21, R35."""
    ready = send(client, client.get(ADDRESS), voice(2), display_name="")
    assert KEPT in ready.text
    object_store_line.is_cut = True
    try:
        lost = send(client, client.get(ADDRESS), voice(3), **{"answer-1": "Ask the tenants."})
        assert lost.status_code == 503
        assert NOT_NOW in lost.text
        assert "Ask the tenants." in lost.text
        away = send(client, ready)
        assert away.status_code == 503
        assert KEPT in away.text
        refused = send(client, away, attribution="none of the five")
        assert refused.status_code == 422
        assert KEPT in refused.text
        assert recordings(unit) == []
        words = send(client, client.get(ADDRESS), **{"answer-2": "In words, while it is away."})
        assert words.status_code == 303
    finally:
        object_store_line.is_cut = False
    assert len(list(storage.names())) == 1
    assert send(client, refused).status_code == 303
    assert len(recordings(unit)) == len(list(storage.names())) == 1


def test_while_the_store_is_away_a_player_is_told_so_and_pages_go_on(
    client: FlaskClient, unit: Unit, work: Callable[..., int], object_store_line: Line
) -> None:
    sent = send(client, client.get(ADDRESS), voice(2))
    work()
    [asset] = recordings(unit)
    object_store_line.is_cut = True
    try:
        answer = client.get(f"{sent.location.removesuffix('/')}/media/{asset.id}")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
        assert "Recordings cannot be reached at the moment." in answer.text
        assert client.get(sent.location).status_code == 200
    finally:
        object_store_line.is_cut = False


def test_a_worker_whose_store_is_away_gives_nothing_up_and_does_everything_else(
    client: FlaskClient, unit: Unit, storage: S3Storage, work: Callable[..., int], object_store_line: Line
) -> None:
    """R5, R17, R36: what waits is made, and what was let go is deleted, as soon as the store is back."""
    now = clock.now()
    assert send(client, client.get(ADDRESS), voice(2)).status_code == 303
    work(now)
    assert send(client, client.get(ADDRESS), voice(3), **{"answer-2": "More."}).status_code == 303
    lost = storage.keep(io.BytesIO(b"never named by a row"), at=now).key
    with unit() as session:
        made = session.scalars(select(MediaAsset).where(MediaAsset.state == MediaState.READY)).one()
        let_go(made, at=now)
    object_store_line.is_cut = True
    try:
        for hour in (1, 2, 30):
            work(now + timedelta(hours=hour))
    finally:
        object_store_line.is_cut = False
    assert {asset.state for asset in recordings(unit)} == {MediaState.GONE, MediaState.RECEIVED}
    with unit() as session:
        left = session.execute(select(Job.name, Job.attempts).where(Job.state == JobState.DUE, Job.name.like("media%")))
        assert sorted(map(tuple, left)) == [("media.forget", 0), ("media.process", 0)]
        assert session.scalars(select(Job.state).where(Job.name == "sweep")).all() == [JobState.DONE] * 4
        assert len(session.scalars(select(Response)).all()) == 3
    assert len(list(storage.names())) == 3

    work(now + timedelta(hours=31))
    [ready] = [asset for asset in recordings(unit) if asset.state is MediaState.READY]
    assert list(storage.names()) == [ready.storage_key]
    assert lost not in storage.names()
