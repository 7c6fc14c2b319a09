"""Files that come with a form: each capped and digested while it is received, on no disk under a name (R30, S25).

What is more than a file may have is read and thrown away, so that the form around it comes back with all that was
typed; a request that is larger than all of that is refused before it is read.
"""

import hashlib
import tempfile
from typing import Any, cast

from flask import Flask, Request, request
from werkzeug.datastructures import FileStorage

from engage.edge import context
from engage.media.errors import MediaTooLargeError, StorageFullError
from engage.media.storage import storage_of

MEGABYTE = 1024 * 1024
LARGEST_FILE = 250 * MEGABYTE  # two minutes of a telephone's best
LARGEST_REQUEST = 512 * MEGABYTE
IN_MEMORY = MEGABYTE


class Incoming:
    """The bytes of one file: in memory while they are few, then on disk without a name, so that nothing is left."""

    def __init__(self) -> None:
        self.size = 0
        self.digest = hashlib.sha256()
        self.refusal: type[StorageFullError] | type[MediaTooLargeError] | None = None
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=None)  # noqa: SIM115 - closed by its owner
        self._checked = 0

    def write(self, data: bytes) -> int:
        """Take a piece."""
        self.size += len(data)
        if self.size > LARGEST_FILE:
            self.refusal = MediaTooLargeError
        elif self.size - self._checked > MEGABYTE:
            self._check_disk()
        if self.refusal is None:
            self.digest.update(data)
            self._file.write(data)
        return len(data)

    def _check_disk(self) -> None:
        storage = storage_of(context.site())
        try:
            storage.refuse_if_full(self.size)
        except StorageFullError:
            self.refusal = StorageFullError
        if self._checked == 0 and self.refusal is None:
            self._move_to(str(storage.folder))
        self._checked = self.size

    def _move_to(self, folder: str) -> None:
        """Go on in the folder of recordings: what the system calls temporary may be memory."""
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by its owner
        self._file.seek(0)
        file.write(self._file.read())
        self._file.close()
        self._file = file  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __iter__(self) -> Any:
        return iter(self._file)


class UploadRequest(Request):
    """A request whose files are received as above, and closed when it has been answered."""

    incoming: list[Incoming]

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> Any:
        self.__dict__.setdefault("incoming", []).append(file := Incoming())
        return file

    def close_incoming(self) -> None:
        """Close every file, also of a form that was refused while it came."""
        for file in self.__dict__.get("incoming", ()):
            file.close()


def init_app(app: Flask) -> None:
    """Receive files so."""
    app.request_class = UploadRequest

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        cast("UploadRequest", request).close_incoming()


def allow_large() -> None:
    """Let this request be as large as recordings are; asked for before the form is read."""
    request.max_content_length = LARGEST_REQUEST


def uploaded(name: str) -> FileStorage | None:
    """Return a file that was chosen for a field of the form, None if none was.

    Raises MediaTooLargeError, StorageFullError.
    """
    file = request.files.get(name)
    if file is None or not file.filename:
        return None
    refusal = file.stream.refusal  # type: ignore[attr-defined]
    if refusal is MediaTooLargeError:
        raise MediaTooLargeError(name, limit=LARGEST_FILE // MEGABYTE)
    if refusal is not None:
        raise refusal
    return file


def digests() -> list[tuple[str, str]]:
    """Return name and digest of each file that was chosen: they are part of what a form says."""
    chosen = [(name, file) for name, file in request.files.items(multi=True) if file.filename]
    return [(name, file.stream.digest.hexdigest()) for name, file in sorted(chosen, key=lambda each: each[0])]  # type: ignore[attr-defined]
