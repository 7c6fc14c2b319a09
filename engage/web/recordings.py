"""Recordings in forms: stored before the transaction, and gone again where no row took them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from flask import Response

from engage.edge import context, limits
from engage.edge.headers import POLICY
from engage.edge.uploads import uploaded
from engage.kernel import clock
from engage.kernel.db import db
from engage.media.queries import which_are_needed
from engage.media.storage import Kept, storage_at


class TakesRecordings(Protocol):
    """A form with fields for recordings."""

    recordings: dict[str, Kept]

    def __iter__(self) -> Iterator[Any]:
        """Give its fields."""


@contextmanager
def stored_recordings(form: TakesRecordings) -> Iterator[None]:
    """Store the files that were chosen for the fields `media…` of a form, and let it have them as `recordings`.

    Whatever happens inside, a file that no row names at the end is deleted: the form was refused, or had come before
    (R5, R8). Raises MediaTooLargeError, StorageFullError.
    """
    storage, kept = storage_at(context.site().media_url), dict[str, Kept]()
    try:
        for name in [field.name for field in form if field.name.startswith("media-") or field.name == "media"]:
            file = uploaded(name)
            if file is not None:
                limits.check("upload")
                file.stream.seek(0)
                kept[name] = storage.keep(file.stream, at=clock.now())
        form.recordings = kept
        yield
    finally:
        if kept:
            keys = {each.key for each in kept.values()}
            needed = which_are_needed(keys)
            db.session.rollback()
            for key in keys - needed:
                storage.delete(key)


def let_record(page: Response) -> Response:
    """Let a page use the camera and the microphone, once its reader agrees, and play what they took."""
    page.headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=(), interest-cohort=()"
    page.headers["Content-Security-Policy"] = f"{POLICY}; media-src 'self' blob:"
    return page
