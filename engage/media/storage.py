"""Where the bytes lie: a folder of files with made-up names, outside everything that is served (S26).

Names tell nothing, and a file's time is the start of its day, so that nobody learns from the folder which recording
came when (P4).
"""

import hashlib
import os
import re
import secrets
import shutil
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
from engage.media.errors import StorageFullError

PIECE = 256 * 1024
RESERVE = 500 * 1024 * 1024  # of the disk, in bytes: uploads leave it to the database and the logs (S28)
KEY = re.compile(r"[0-9a-f]{32}")


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


@dataclass(frozen=True)
class Kept:
    """What was stored: its name in the storage, its length in bytes, its digest."""

    key: str
    size: int
    sha256: str


GONE = Kept("", 0, "")  # what lay ready for a form, and is there no more


class FolderStorage:
    """A folder. A file has its name only when it is whole and on the disk (R4)."""

    def __init__(self, folder: Path, *, reserve: int = RESERVE) -> None:
        """Use a folder; nothing is made before something is kept."""
        self.folder = folder
        self.reserve = reserve

    def keep(self, stream: Readable, *, at: datetime) -> Kept:
        """Store what a stream holds, a piece at a time. Raises StorageFullError, and leaves nothing then."""
        key, digest, size = secrets.token_hex(16), hashlib.sha256(), 0
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

    def refuse_if_full(self, size: int) -> None:
        """Raise StorageFullError when that many bytes more would not leave the reserve."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free - size < self.reserve:
            raise StorageFullError

    def open(self, key: str) -> BinaryIO:
        """Open what is stored. Raises FileNotFoundError."""
        return self._path(key).open("rb")

    def size(self, key: str) -> int:
        """Return how many bytes it has."""
        return self._path(key).stat().st_size

    def delete(self, key: str) -> None:
        """Take it away; what is not there is no matter."""
        self._path(key).unlink(missing_ok=True)

    def holds(self, key: str) -> bool:
        """Tell whether it is there."""
        return self._path(key).is_file()

    def names(self) -> Iterator[str]:
        """Give the name of everything that is stored."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            if KEY.fullmatch(path.name):
                yield path.name

    def changed_before(self, key: str, moment: datetime) -> bool:
        """Tell whether a file has been as it is since a moment; its own time says nothing, its inode's does."""
        try:
            return self._path(key).stat().st_ctime < moment.timestamp()
        except FileNotFoundError:
            return False

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
                if path.stat().st_ctime < before.timestamp():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                    count += 1
        return count

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise ValueError(f"no name in a storage: {key!r}")
        return self.folder / key[:2] / key


HALF_DONE = timedelta(hours=2)  # longer than anything takes
UNCLAIMED = timedelta(hours=26)  # longer than a file lies ready for a form that was refused


@cache
def storage_at(url: str) -> FolderStorage:
    """Return the storage of a MEDIA_URL, `file:///folder`."""
    return FolderStorage(Path(unquote(urlsplit(url).path)))


def _to_disk(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
