"""Recordings in forms: stored before the transaction, and gone again where no row took them.

Where a form is refused for another reason, its recordings lie in the storage for a day, without a row: a ticket in the
form alone knows them (R35, P2).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from flask import Response, request

from engage.edge import context, limits
from engage.edge.headers import POLICY
from engage.edge.uploads import uploaded
from engage.kernel import clock
from engage.kernel.db import db
from engage.kernel.errors import EngageError, NotFoundError
from engage.kernel.tokens import read_signed, sign_text
from engage.media.errors import (
    MediaEmptyError,
    MediaNoLongerKeptError,
    MediaNotKeptError,
    MediaTooLargeError,
    StorageAwayError,
)
from engage.media.queries import which_are_needed
from engage.media.storage import GONE, Kept, Storage, storage_of

TICKET = "upload"
KEEPS = timedelta(hours=24)
TICKET_FIELD, LEAVE_OUT = "kept-", "leave-out-"  # before the name of the field that it is a recording of


@dataclass(frozen=True)
class Ticket:
    """A recording that lies ready for a form: what the form says of it, and how large it is, in bytes."""

    text: str
    size: int


class TakesRecordings(Protocol):
    """A form with fields for recordings."""

    recordings: dict[str, Kept]
    tickets: dict[str, Ticket]

    def __iter__(self) -> Iterator[Any]:
        """Give its fields."""

    def refuse(self, error: EngageError, field: str | None = None) -> None:
        """Put a refusal beside a field."""


@contextmanager
def stored_recordings(form: TakesRecordings) -> Iterator[None]:
    """Store the files that were chosen for the fields `media…` of a form, and let it have them as `recordings`.

    Where the form is refused inside, they are kept for it (`tickets`). Else a file that no row names at the end is
    deleted: the form had come before, or fell to a fault of ours (R5, R8). Raises MediaTooLargeError, StorageFullError,
    StorageAwayError, TooManyError.
    """
    storage, is_refused = _storage(), False
    form.recordings = {}
    try:
        for name in _names(form):
            if (kept := _received(name, storage)) is not None:
                form.recordings[name] = kept
        yield
    except NotFoundError:
        raise
    except EngageError:
        is_refused = True
        form.tickets = _tickets({**_lying_ready(form), **form.recordings})
        raise
    finally:
        here = [*form.recordings.items(), *(() if is_refused else _known(form).items())]
        _let_go({kept.key for name, kept in here if kept.key and name not in form.tickets}, storage)


def keep_recordings(form: TakesRecordings) -> None:
    """Keep the recordings of a form that is refused before anything of it is stored; where one cannot be, say so."""
    storage, found, ready = _storage(), dict[str, Kept](), _lying_ready(form)
    for name in _names(form):
        try:
            kept = _received(name, storage)
        except MediaTooLargeError as error:
            form.refuse(error, field=name)
        except EngageError:
            if name in ready:  # it is there still, but its storage does not say so now
                found[name] = ready[name]
            else:
                form.refuse(MediaNotKeptError(), field=name)
        else:
            if kept is GONE:
                form.refuse(MediaNoLongerKeptError(), field=name)
            elif kept is not None and kept.size == 0:
                _delete({kept.key}, storage)
                form.refuse(MediaEmptyError(), field=name)
            elif kept is not None:
                found[name] = kept
    form.tickets = _tickets(found)


def let_record(page: Response) -> Response:
    """Let a page use the camera and the microphone, once its reader agrees, and play what they took."""
    page.headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=(), interest-cohort=()"
    page.headers["Content-Security-Policy"] = f"{POLICY}; media-src 'self' blob:"
    return page


def _storage() -> Storage:
    return storage_of(context.site())


def _names(form: TakesRecordings) -> list[str]:
    return [field.name for field in form if field.name.startswith("media-") or field.name == "media"]


def _received(name: str, storage: Storage) -> Kept | None:
    """Return what came for a field: a new file, else what lies ready for it; GONE where it lay there too long."""
    file = uploaded(name)
    if file is not None:
        limits.check("upload")
        file.stream.seek(0)
        return storage.keep(file.stream, at=clock.now())
    if not request.form.get(TICKET_FIELD + name) or request.form.get(LEAVE_OUT + name):
        return None
    kept = _read(request.form[TICKET_FIELD + name])
    return kept if kept is not None and storage.size(kept.key) is not None else GONE


def _lying_ready(form: TakesRecordings) -> dict[str, Kept]:
    """Return what lay ready for a form and is wanted in it still."""
    replaced = {name for name, file in request.files.items() if file.filename}
    return {
        name: kept
        for name, kept in _known(form).items()
        if name not in replaced and not request.form.get(LEAVE_OUT + name)
    }


def _known(form: TakesRecordings) -> dict[str, Kept]:
    """Return what lay ready for a form, also what its sender left out of it or put another file in the place of."""
    found = {name: _read(request.form.get(TICKET_FIELD + name, "")) for name in _names(form)}
    return {name: kept for name, kept in found.items() if kept is not None}


def _tickets(recordings: Mapping[str, Kept]) -> dict[str, Ticket]:
    """Return a ticket for each recording that is there; the one that came with the form stays as it is."""
    made = {}
    for name, kept in recordings.items():
        if kept.size:  # not GONE, and not empty
            old = request.form.get(TICKET_FIELD + name, "")
            made[name] = Ticket(old if _read(old) == kept else _written(kept), kept.size)
    return made


def _written(kept: Kept) -> str:
    text = f"{kept.key} {kept.size} {kept.sha256}"
    return sign_text(context.site().link_secrets, TICKET, text, clock.now())


def _read(ticket: str) -> Kept | None:
    text = read_signed(context.site().link_secrets, TICKET, ticket, clock.now(), lifetime=KEEPS)
    if text is None:
        return None
    key, size, sha256 = text.split()
    return Kept(key, int(size), sha256)


def _let_go(keys: set[str], storage: Storage) -> None:
    if not keys:
        return
    needed = which_are_needed(keys)
    db.session.rollback()
    _delete(keys - needed, storage)


def _delete(keys: set[str], storage: Storage) -> None:
    """Delete files that no row names; those of a storage that is away are swept away later."""
    with suppress(StorageAwayError):
        for key in keys:
            storage.delete(key)
