"""Taking recordings in, what becomes of them, and letting them go.

No row and no job of a recording knows more than the day (P4): an anonymous voice is not to be told apart from others
by when it came. So the jobs are promised as of the day's beginning, and are gone once done.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from engage.kernel import jobs
from engage.kernel.clock import start_of_day
from engage.kernel.db import db
from engage.kernel.models import Job
from engage.media.enums import MediaKind, MediaState, Refusal, TrackKind
from engage.media.errors import MediaEmptyError, MediaNoLongerKeptError
from engage.media.making.process import Made
from engage.media.models import MediaAsset, MediaTrack
from engage.media.storage import GONE, Kept, Readable, Storage

MAKE, FORGET = "media.process", "media.forget"


@dataclass(frozen=True)
class Given:
    """A recording that is stored already: the most that is kept of it, and how long it may be, in seconds."""

    kept: Kept
    kind: MediaKind
    shortest_s: int
    longest_s: int


def take_in(
    stream: Readable,
    *,
    kind: MediaKind,
    shortest_s: int,
    longest_s: int,
    at: datetime,
    storage: Storage,
) -> MediaAsset:
    """Store a recording and promise that it is made again; returns its row.

    `kind` is the most that is taken: of AUDIO only what is heard is kept. The lengths are in seconds and are measured
    later, by decoding. Whoever calls takes the bytes away again should the transaction fail (`storage.delete`).
    Raises MediaEmptyError, StorageFullError, StorageAwayError.
    """
    return take_in_given(Given(storage.keep(stream, at=at), kind, shortest_s, longest_s), at=at)


def take_in_given(given: Given, *, at: datetime) -> MediaAsset:
    """Do the same with bytes that were stored before the transaction, so that nobody waits for them in it.

    Raises MediaEmptyError, MediaNoLongerKeptError.
    """
    if given.kept == GONE:
        raise MediaNoLongerKeptError
    if given.kept.size == 0:
        raise MediaEmptyError
    asset = MediaAsset(
        kind=given.kind,
        storage_key=given.kept.key,
        size=given.kept.size,
        sha256=given.kept.sha256,
        shortest_ms=given.shortest_s * 1000,
        longest_ms=given.longest_s * 1000,
        received_on=at.astimezone(UTC).date(),
        tracks=[],
    )
    try:
        with db.session.begin_nested():
            db.session.add(asset)
    except IntegrityError as error:  # another form sent it meanwhile
        raise MediaNoLongerKeptError from error
    jobs.defer(MAKE, at=start_of_day(at), media=str(asset.id))
    db.session.flush()
    return asset


def keep_made(media_id: uuid.UUID, made: Made, kept: Kept, poster: Kept | None, *, at: datetime) -> bool:
    """Put what was made in the place of what was sent; False if it was let go meanwhile."""
    asset = _waiting(media_id)
    if asset is None:
        return False
    _forget(asset, at=at)
    asset.state, asset.kind, asset.mime = MediaState.READY, made.kind, made.mime
    asset.storage_key, asset.size, asset.sha256 = kept.key, kept.size, kept.sha256
    asset.poster_key = poster.key if poster else None
    asset.duration_ms, asset.width, asset.height = made.duration_ms, made.width, made.height
    db.session.flush()
    return True


def refuse(media_id: uuid.UUID, refusal: Refusal, *, at: datetime) -> MediaAsset | None:
    """Say why a recording cannot be used, and keep no byte of it. None if it was let go meanwhile."""
    asset = _waiting(media_id)
    if asset is not None:
        _forget(asset, at=at)
        asset.state, asset.refusal, asset.sha256 = MediaState.REFUSED, refusal.value, None
        db.session.flush()
    return asset


def let_go(asset: MediaAsset, *, at: datetime) -> None:
    """Take a recording and what stands beside it away, at once for everybody; its bytes go right after the commit."""
    _forget(asset, at=at)
    asset.state, asset.sha256, asset.refusal = MediaState.GONE, None, None
    asset.tracks.clear()
    db.session.flush()


def set_track(asset: MediaAsset, kind: TrackKind, body: str, *, language: str, day: date) -> None:
    """Let captions or a transcript stand beside a recording, in the place of what stood there; "" takes it away."""
    track = next((track for track in asset.tracks if track.kind is kind), None)
    if not body:
        asset.tracks = [each for each in asset.tracks if each is not track]
    elif track is None:
        asset.tracks.append(MediaTrack(kind=kind, language=language, body=body, made_on=day))
    else:
        track.body, track.language, track.made_on = body, language, day
    db.session.flush()


def finish(job_id: int) -> None:
    """Leave no trace of a job that was done: its number and its lease would tell an order."""
    db.session.execute(delete(Job).where(Job.id == job_id))


def _waiting(media_id: uuid.UUID) -> MediaAsset | None:
    statement = select(MediaAsset).where(MediaAsset.id == media_id).with_for_update()
    asset = db.session.scalar(statement, execution_options={"populate_existing": True})
    return asset if asset is not None and asset.state is MediaState.RECEIVED else None


def _forget(asset: MediaAsset, *, at: datetime) -> None:
    keys = [key for key in (asset.storage_key, asset.poster_key) if key]
    asset.storage_key = asset.poster_key = None
    if keys:
        jobs.defer(FORGET, at=start_of_day(at), keys=keys)
