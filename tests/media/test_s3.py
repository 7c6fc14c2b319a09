"""Recordings in a bucket: the same as in a folder, and nothing is lost while its store is away (R4, R5, R21, I9)."""

import dataclasses
import hashlib
import io
import os
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engage.flows.file_invariants import files_are_known
from engage.kernel.settings import Bucket
from engage.media.errors import StorageAwayError, StorageFullError, StorageNotTakingError
from engage.media.s3 import S3Storage
from tests.servers import Line

NOW = datetime(2026, 9, 1, 9, 12, 34, tzinfo=UTC)
FILM = os.urandom(700_000)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # no statement of its own


@pytest.fixture
def bucket(object_store_line: Line, tmp_path: Path) -> Iterator[Bucket]:
    """Give a bucket of this test's own, in which something lies that is not ours."""
    found = Bucket(
        name=f"engage-{secrets.token_hex(4)}",
        prefix="live/",
        folder=tmp_path / "receiving",
        region="us-east-1",
        endpoint=object_store_line.address,
        key_id="tests",
        secret="tests",
    )
    client = S3Storage(found)._client
    client.create_bucket(Bucket=found.name)
    for name in (f"other/aa/{'a' * 32}", "live/notes.txt", f"live/bb/{'a' * 32}", f"live/old/aa/{'a' * 32}"):
        client.put_object(Bucket=found.name, Key=name, Body=b"not ours")
    yield found
    object_store_line.is_cut = False


@pytest.fixture
def storage(bucket: Bucket) -> S3Storage:
    return S3Storage(bucket)


def test_what_is_kept_lies_there_whole_until_it_is_deleted(storage: S3Storage) -> None:
    kept = storage.keep(io.BytesIO(FILM), at=NOW)
    assert (kept.size, kept.sha256) == (len(FILM), hashlib.sha256(FILM).hexdigest())
    assert list(storage.names()) == [kept.key]
    assert storage.size(kept.key) == len(FILM)
    with storage.open(kept.key) as file:
        assert os.fstat(file.fileno()).st_size == len(FILM)  # another process can read it
        assert file.read() == FILM
    assert list(storage.folder.iterdir()) == []

    storage.delete(kept.key)
    storage.delete(kept.key)
    assert (storage.size(kept.key), list(storage.names())) == (None, [])
    with pytest.raises(FileNotFoundError):
        storage.open(kept.key)
    with pytest.raises(FileNotFoundError):
        next(storage.pieces(kept.key, 0, 1))


@pytest.mark.parametrize(("first", "after"), [(0, 700_000), (0, 10), (699_990, 700_000), (300_000, 500_001), (5, 5)])
def test_a_part_is_fetched_alone(storage: S3Storage, first: int, after: int) -> None:
    key = storage.keep(io.BytesIO(FILM), at=NOW).key
    assert b"".join(storage.pieces(key, first, after)) == FILM[first:after]


def test_what_is_new_is_told_from_what_lay_there_before(storage: S3Storage) -> None:
    key, now = storage.keep(io.BytesIO(b"x"), at=NOW).key, datetime.now(UTC)
    assert list(storage.names(before=now - timedelta(minutes=1))) == []
    assert list(storage.names(before=now + timedelta(minutes=1))) == [key]


def test_a_name_that_is_none_of_ours_asks_nothing(storage: S3Storage) -> None:
    for name in ("../live/notes.txt", "", "A" * 32):
        with pytest.raises(ValueError, match="no name in a storage"):
            storage.size(name)


def test_while_the_store_is_away_everything_is_refused_and_nothing_changes(
    storage: S3Storage, object_store_line: Line
) -> None:
    """R21."""
    long = bytes(16 * 1024 * 1024)  # more than lies on the way
    key = storage.keep(io.BytesIO(long), at=NOW).key
    playing = storage.pieces(key, 0, len(long))
    next(playing)
    object_store_line.is_cut = True
    with pytest.raises(StorageAwayError):
        b"".join(playing)
    refused: list[Callable[[], object]] = [
        lambda: storage.size(key),
        lambda: storage.delete(key),
        lambda: storage.open(key),
        lambda: list(storage.names()),
        lambda: next(storage.pieces(key, 0, 1)),
    ]
    for ask in refused:
        with pytest.raises(StorageAwayError):
            ask()
    with pytest.raises(StorageNotTakingError, match="your words are still on this page"):
        storage.keep(io.BytesIO(b"lost?"), at=NOW)

    object_store_line.is_cut = False
    assert list(storage.names()) == [key]
    assert b"".join(storage.pieces(key, 0, len(long))) == long


def test_a_bucket_that_is_not_there_is_a_store_that_is_away_and_no_recording_is_given_up_for_it(
    bucket: Bucket,
) -> None:
    elsewhere = S3Storage(dataclasses.replace(bucket, name="engage-nowhere"))
    with pytest.raises(StorageAwayError):
        elsewhere.open("a" * 32)
    with pytest.raises(StorageNotTakingError):
        elsewhere.keep(io.BytesIO(b"x"), at=NOW)


def test_the_reserve_of_this_machines_disk_is_kept_here_too(bucket: Bucket) -> None:
    """S28."""
    key = S3Storage(bucket).keep(io.BytesIO(FILM), at=NOW).key
    with pytest.raises(StorageFullError):
        S3Storage(bucket, reserve=2**60).open(key)
    assert list(bucket.folder.iterdir()) == []


@pytest.mark.usefixtures("database")
def test_the_check_says_what_is_lost_what_is_kept_for_ever_and_when_it_cannot_know(
    storage: S3Storage, unit: Callable[..., object], object_store_line: Line
) -> None:
    """I9, P13."""
    key = storage.keep(io.BytesIO(b"x"), at=NOW).key
    later = datetime.now(UTC) + timedelta(hours=27)
    versions = {"Bucket": storage.bucket.name, "VersioningConfiguration": {"Status": "Enabled"}}
    with unit():  # type: ignore[attr-defined]
        assert list(files_are_known(storage, later)) == [f"file {key}: no recording needs it"]
        storage.delete(key)
        storage._client.put_bucket_versioning(**versions)
        assert [line.partition(",")[0] for line in files_are_known(storage, later)] == [
            "the bucket keeps old versions of its objects"
        ]
        object_store_line.is_cut = True
        assert list(files_are_known(storage, later)) == [
            "the store of recordings is away: nothing is known of the files"
        ]
