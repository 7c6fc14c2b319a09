"""Where the bytes lie: files with made-up names, outside everything that is served (S26).

They lie in a folder, or in a bucket of a store that speaks S3 (`engage.media.s3`). Names tell nothing, and a file's
time is the start of its day, so that nobody learns from the folder which recording came when (P4).
"""

import hashlib
import os
import re
import secrets
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from engage.kernel.clock import start_of_day
from engage.kernel.settings import Bucket, Site
from engage.media.errors import StorageFullError

PIECE = 256 * 1024
PIECE_TO_SEND = 64 * 1024
RESERVE = 500 * 1024 * 1024  # of the disk, in bytes: uploads leave it to the database and the logs (S28)
KEY = re.compile(r"[0-9a-f]{32}")


class Readable(Protocol):
    """What bytes are read from, its beginning first."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""

    def seek(self, offset: int, /) -> int:
        """Go on reading at a place."""


@dataclass(frozen=True)
class Kept:
    """What was stored: its name in the storage, its length in bytes, its digest."""

    key: str
    size: int
    sha256: str


GONE = Kept("", 0, "")  # what lay ready for a form, and is there no more


class Storage(ABC):
    """Where recordings lie, and a folder of this machine in which they are received and made.

    Where a store is asked over the network, every method but the last three may raise StorageAwayError.
    """

    def __init__(self, folder: Path, *, reserve: int = RESERVE) -> None:
        """Use a folder; nothing is made before something is kept."""
        self.folder = folder
        self.reserve = reserve

    @abstractmethod
    def keep(self, stream: Readable, *, at: datetime) -> Kept:
        """Store what a stream holds, a piece at a time. Raises StorageFullError, and leaves nothing then."""

    @abstractmethod
    def open(self, key: str) -> BinaryIO:
        """Open what is stored as a file of this machine. Raises FileNotFoundError, StorageFullError."""

    @abstractmethod
    def pieces(self, key: str, first: int, after: int) -> Iterator[bytes]:
        """Give the bytes from `first` to before `after`; asked for with the first one. Raises FileNotFoundError."""

    @abstractmethod
    def size(self, key: str) -> int | None:
        """Return how many bytes it has, None if it is not there."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Take it away; what is not there is no matter."""

    @abstractmethod
    def names(self, *, before: datetime | None = None) -> Iterator[str]:
        """Give the name of everything that is stored, or of what has been as it is since before a moment."""

    def keeps_what_is_deleted(self) -> bool:
        """Tell whether what was taken away can be had back (P13)."""
        return False

    def refuse_if_full(self, size: int) -> None:
        """Raise StorageFullError when that many bytes more in the folder would not leave the reserve."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free - size < self.reserve:
            raise StorageFullError

    def workroom(self) -> "TemporaryDirectory[str]":
        """Return a folder on the same disk, gone when it is left."""
        rooms = self.folder / "rooms"
        rooms.mkdir(mode=0o700, parents=True, exist_ok=True)
        return TemporaryDirectory(dir=rooms)

    def clear_up(self, before: datetime) -> int:
        """Take away what a killed process left half done before a moment; returns how many."""
        left = [*self.folder.glob("rooms/*"), *self.folder.glob("[0-9a-f][0-9a-f]/*.part")]
        count = 0
        for path in left:
            with suppress(FileNotFoundError):
                if _is_older(path, before):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                    count += 1
        return count


class FolderStorage(Storage):
    """A folder. A file has its name only when it is whole and on the disk (R4)."""

    def keep(self, stream: Readable, *, at: datetime) -> Kept:
        """Store it."""
        key, digest, size = new_key(), hashlib.sha256(), 0
        path = self._path(key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                while piece := stream.read(PIECE):
                    self.refuse_if_full(len(piece))
                    file.write(piece)
                    digest.update(piece)
                    size += len(piece)
                file.flush()
                os.fsync(file.fileno())
            day = start_of_day(at).timestamp()
            os.utime(part, (day, day))
            part.rename(path)
            _to_disk(path.parent)
        except OSError as error:
            raise StorageFullError from error
        finally:
            part.unlink(missing_ok=True)
        return Kept(key, size, digest.hexdigest())

    def open(self, key: str) -> BinaryIO:
        """Open it."""
        return self._path(key).open("rb")

    def pieces(self, key: str, first: int, after: int) -> Iterator[bytes]:
        """Read a part of it."""
        with self.open(key) as file:
            file.seek(first)
            while first < after and (piece := file.read(min(PIECE_TO_SEND, after - first))):
                first += len(piece)
                yield piece

    def size(self, key: str) -> int | None:
        """Measure it."""
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        """Unlink it."""
        self._path(key).unlink(missing_ok=True)

    def names(self, *, before: datetime | None = None) -> Iterator[str]:
        """Look into the folder; a file's own time says nothing of its age, its inode's does."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):
                if KEY.fullmatch(path.name) and (before is None or _is_older(path, before)):
                    yield path.name

    def _path(self, key: str) -> Path:
        return self.folder / place(key)


HALF_DONE = timedelta(hours=2)  # longer than anything takes
UNCLAIMED = timedelta(hours=26)  # longer than a file lies ready for a form that was refused


def storage_of(site: Site) -> Storage:
    """Return where the recordings of a site lie."""
    return storage_at(site.media_url) if site.media_bucket is None else storage_in(site.media_bucket)


@cache
def storage_at(url: str) -> FolderStorage:
    """Return the storage of a MEDIA_URL, `file:///folder`."""
    return FolderStorage(Path(unquote(urlsplit(url).path)))


@cache
def storage_in(bucket: Bucket) -> Storage:
    """Return the storage in a bucket."""
    from engage.media.s3 import S3Storage  # noqa: PLC0415 - a folder needs none of its library

    return S3Storage(bucket)


def new_key() -> str:
    """Return a name that nothing has."""
    return secrets.token_hex(16)


def place(key: str) -> str:
    """Return where a name lies, the same in a folder and in a bucket. Raises ValueError for what is no name."""
    if not KEY.fullmatch(key):
        raise ValueError(f"no name in a storage: {key!r}")
    return f"{key[:2]}/{key}"


def _is_older(path: Path, moment: datetime) -> bool:
    return path.stat().st_ctime < moment.timestamp()


def _to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
