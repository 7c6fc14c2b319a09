"""Recordings from the upload to what is played: the worker's part, and that nothing is left behind (R5, R30, I9)."""

import dataclasses
import io
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage import jobs
from engage.flows.file_invariants import files_are_known
from engage.jobs import media
from engage.jobs.making import Making
from engage.kernel.clock import start_of_day
from engage.kernel.db import db
from engage.kernel.models import Job
from engage.kernel.settings import Site
from engage.media.enums import MediaKind, MediaState
from engage.media.errors import MediaEmptyError, StorageFullError
from engage.media.making.process import MakingError, StoppedError
from engage.media.models import MediaAsset
from engage.media.services import MAKE, let_go, take_in
from engage.media.storage import FolderStorage, storage_at
from tests.media.makers import recording, voice

NOW = datetime(2026, 9, 1, 9, 12, 34, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def site(app: Flask, tmp_path: Path) -> Site:
    """Give a site whose recordings lie in a folder of this test's own."""
    return dataclasses.replace(app.extensions["engage"].site(), media_url=f"file://{tmp_path}/media")


@pytest.fixture
def storage(site: Site) -> FolderStorage:
    return storage_at(site.media_url)


@pytest.fixture
def taken_in(unit: Unit, storage: FolderStorage) -> Callable[..., UUID]:
    """Give a function that takes a recording in."""

    def take(data: bytes, *, shortest_s: int = 1, longest_s: int = 5) -> UUID:
        with unit():
            given = {"kind": MediaKind.VIDEO, "shortest_s": shortest_s, "longest_s": longest_s}
            return take_in(io.BytesIO(data), **given, at=NOW, storage=storage).id

    return take


@pytest.fixture
def work(app: Flask, site: Site) -> Callable[..., int]:
    def run(at: datetime = NOW) -> int:
        with app.app_context():
            return jobs.run_due_jobs(site, at=at)

    return run


def found(unit: Unit, media_id: UUID) -> MediaAsset:
    with unit() as session:
        asset = session.get(MediaAsset, media_id)
        assert asset is not None
        session.expunge(asset)
        return asset


def names_of_jobs(unit: Unit) -> list[str]:
    with unit() as session:
        return [name for name in session.scalars(select(Job.name)) if name.startswith("media")]


def test_what_was_sent_is_replaced_by_what_was_made(
    unit: Unit, storage: FolderStorage, taken_in: Callable[..., UUID], work: Callable[..., int]
) -> None:
    data = recording(3)
    media_id = taken_in(data)
    before = found(unit, media_id)
    assert (before.state, before.size) == (MediaState.RECEIVED, len(data))

    work()
    after = found(unit, media_id)
    assert (after.state, after.mime, after.kind) == (MediaState.READY, "video/mp4", MediaKind.VIDEO)
    assert after.duration_ms is not None
    assert abs(after.duration_ms - 3000) < 100
    assert set(storage.names()) == {after.storage_key, after.poster_key}
    with storage.open(str(after.storage_key)) as file:
        assert len(file.read()) == after.size
    assert names_of_jobs(unit) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [(recording(7), "too_long"), (voice(0.2), "too_short"), (b"#EXTM3U\n/etc/passwd", "unreadable")],
)
def test_of_what_cannot_be_used_the_reason_stays_and_no_byte(
    unit: Unit,
    storage: FolderStorage,
    taken_in: Callable[..., UUID],
    work: Callable[..., int],
    data: bytes,
    reason: str,
) -> None:
    media_id = taken_in(data)
    work()
    asset = found(unit, media_id)
    assert (asset.state, asset.refusal, asset.storage_key, asset.sha256) == (MediaState.REFUSED, reason, None, None)
    assert list(storage.names()) == []
    assert names_of_jobs(unit) == []


def test_ten_at_once_are_all_made(
    unit: Unit, storage: FolderStorage, taken_in: Callable[..., UUID], work: Callable[..., int]
) -> None:
    data = voice(2)
    ids = [taken_in(data) for _ in range(10)]
    work()
    assert {found(unit, media_id).state for media_id in ids} == {MediaState.READY}
    assert len(list(storage.names())) == 10


def test_let_go_before_and_after_it_was_made_nothing_is_left(
    unit: Unit, storage: FolderStorage, taken_in: Callable[..., UUID], work: Callable[..., int]
) -> None:
    """P13: at once for everybody; the bytes follow."""
    made = taken_in(recording(2))
    work()
    waits = taken_in(recording(2))
    with unit() as session:
        for media_id in (made, waits):
            asset = session.get(MediaAsset, media_id)
            assert asset is not None
            let_go(asset, at=NOW)
    work()
    assert {found(unit, media_id).state for media_id in (made, waits)} == {MediaState.GONE}
    assert list(storage.names()) == []
    assert names_of_jobs(unit) == []


def test_rows_jobs_and_files_know_the_day_alone(
    unit: Unit, storage: FolderStorage, taken_in: Callable[..., UUID]
) -> None:
    """P4: when an anonymous voice came is written down nowhere."""
    taken_in(voice(2))
    day = start_of_day(NOW)
    with unit() as session:
        job = session.scalars(select(Job).where(Job.name == MAKE)).one()
        assert (job.run_at, job.created_at) == (day, day)
    assert [os.stat(storage.folder / name[:2] / name).st_mtime for name in storage.names()] == [day.timestamp()]


def test_a_worker_that_is_stopped_leaves_the_recording_to_the_next_one(
    unit: Unit, taken_in: Callable[..., UUID], work: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R29."""
    media_id = taken_in(voice(2))

    def stopped(*_args: object, **_options: object) -> None:
        work_once.clear()
        raise StoppedError

    work_once = [1]
    with monkeypatch.context() as patch:
        patch.setattr(media, "make_again", stopped)
        patch.setattr(jobs.runner.jobs, "claim_due", _once(jobs.runner.jobs.claim_due, work_once))
        work()
    assert found(unit, media_id).state is MediaState.RECEIVED
    work()
    assert found(unit, media_id).state is MediaState.READY


def _once(claim: Callable[..., object], left: list[int]) -> Callable[..., object]:
    return lambda **options: claim(**options) if left else []


def test_what_fails_again_and_again_is_given_up_with_a_reason(
    unit: Unit,
    storage: FolderStorage,
    taken_in: Callable[..., UUID],
    work: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R36: no recording waits for ever."""
    media_id = taken_in(voice(2))

    def broken(*_args: object, **_options: object) -> None:
        raise MakingError("no such library")

    monkeypatch.setattr(media, "make_again", broken)
    for hour in range(media.TRIES):
        assert found(unit, media_id).state is MediaState.RECEIVED
        work(NOW + timedelta(hours=hour))
    work(NOW + timedelta(hours=9))
    assert found(unit, media_id).refusal == "too_hard"
    assert list(storage.names()) == []


def test_an_upload_whose_row_was_never_committed_is_swept_away_and_told_before(
    unit: Unit, app: Flask, site: Site, storage: FolderStorage, taken_in: Callable[..., UUID], work: Callable[..., int]
) -> None:
    """R5, I9: no file without a row after the sweep; no row without a file goes unseen."""
    taken_in(voice(2))
    work()
    [kept] = storage.names()
    lost = storage.keep(io.BytesIO(b"x" * 1000), at=NOW).key
    (storage.folder / "ab").mkdir(exist_ok=True)
    (storage.folder / "ab" / "half.part").write_bytes(b"half")
    now = datetime.now(UTC)
    with app.app_context():
        assert list(files_are_known(storage, now + timedelta(hours=25))) == []  # it may lie ready for a form
        assert list(files_are_known(storage, now + timedelta(hours=27))) == [f"file {lost}: no recording needs it"]
    work(now + timedelta(hours=3))
    assert set(storage.names()) == {kept, lost}
    assert not (storage.folder / "ab" / "half.part").exists()
    work(now + timedelta(hours=27))
    assert list(storage.names()) == [kept]
    storage.delete(kept)
    with app.app_context():
        assert [line.partition(": ")[2] for line in files_are_known(storage, now)] == [f"its file {kept} is not there"]


def test_an_empty_file_and_a_full_disk_are_refused(unit: Unit, tmp_path: Path) -> None:
    """S28: the reserve of the disk is not for uploads."""
    limits = {"kind": MediaKind.AUDIO, "shortest_s": 1, "longest_s": 5, "at": NOW}
    full = FolderStorage(tmp_path / "full", reserve=2**60)
    with pytest.raises(StorageFullError), unit():
        take_in(io.BytesIO(b"x"), **limits, storage=full)
    assert [path for path in full.folder.rglob("*") if path.is_file()] == []
    with pytest.raises(MediaEmptyError), unit():
        take_in(io.BytesIO(b""), **limits, storage=FolderStorage(tmp_path / "empty"))


def test_the_thread_of_the_worker_makes_recordings_and_nothing_else(
    unit: Unit, app: Flask, site: Site, taken_in: Callable[..., UUID]
) -> None:
    media_id, stopping = taken_in(voice(2)), threading.Event()
    with unit():
        jobs.runner.jobs.defer("tidy", at=NOW)
    making = Making(site, context=app.app_context, stopping=stopping)
    making.start()
    for _ in range(100):
        if found(unit, media_id).state is MediaState.READY:
            break
        stopping.wait(0.2)
    stopping.set()
    making.wait(10)
    assert found(unit, media_id).state is MediaState.READY
    with unit() as session:
        assert session.scalars(select(Job.state).where(Job.name == "tidy")).all() == ["due"]
    with app.app_context():
        db.session.remove()
