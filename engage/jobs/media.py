"""Making recordings anew, and deleting files that no row names any more."""

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog

from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.db import db
from engage.kernel.errors import EngageError
from engage.kernel.jobs import ClaimedJob
from engage.kernel.unit_of_work import unit_of_work
from engage.media.enums import MediaKind, MediaState, Refusal
from engage.media.errors import StorageAwayError, StorageFullError
from engage.media.making.process import MADE, POSTER, MakingError, StoppedError, UnusableError, make_again
from engage.media.models import MediaAsset
from engage.media.services import finish, keep_made, refuse
from engage.media.storage import Kept, Storage, storage_of
from engage.responses.mails import queue_media_refused

TRIES = 4
AGAIN_AFTER = timedelta(minutes=5)
log = structlog.get_logger("engage.jobs")


@dataclass(frozen=True)
class Task:
    """A recording that waits: its row, the most that is kept of it, its name in the storage, its limits in ms."""

    media_id: UUID
    kind: MediaKind
    key: str
    shortest_ms: int
    longest_ms: int


def make_recording(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Make a recording anew, or say why it cannot be used; what was sent goes either way."""
    media_id = UUID(job.arguments["media"])
    task = _task(media_id)
    db.session.rollback()
    if task is None:
        with unit_of_work():
            finish(job.id)
        return
    try:
        _make(hands, job, task, at)
    except UnusableError as error:
        _refuse(hands, job, media_id, error.refusal, at=at)
    except FileNotFoundError:
        _refuse(hands, job, media_id, Refusal.UNREADABLE, at=at)
    except StoppedError:
        with unit_of_work():
            jobs.release([job.id])
    except (StorageAwayError, StorageFullError) as error:
        _wait(job, error, at)
    except MakingError as error:
        log.exception("a recording could not be made", attempts=job.attempts, reason=str(error))
        if job.attempts >= TRIES:
            _refuse(hands, job, media_id, Refusal.TOO_HARD, at=at)
            return
        with unit_of_work():
            jobs.try_again(job.id, at + AGAIN_AFTER * job.attempts)


def forget_recordings(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Delete files that no row names any more."""
    storage = storage_of(hands.site)
    try:
        for key in job.arguments["keys"]:
            storage.delete(key)
    except StorageAwayError as error:
        _wait(job, error, at)
        return
    with unit_of_work():
        finish(job.id)


def _wait(job: ClaimedJob, error: EngageError, at: datetime) -> None:
    """Try again later, however often: no recording is at fault when its store is away."""
    log.warning("a recording waits for its store", kind=type(error).__name__)
    with unit_of_work():
        jobs.release([job.id])
        jobs.try_again(job.id, at + AGAIN_AFTER)


def _task(media_id: UUID) -> Task | None:
    asset = db.session.get(MediaAsset, media_id)
    if asset is None or asset.state is not MediaState.RECEIVED or asset.storage_key is None:
        return None
    return Task(media_id, asset.kind, asset.storage_key, asset.shortest_ms or 0, asset.longest_ms or 0)


def _make(hands: Hands, job: ClaimedJob, task: Task, at: datetime) -> None:
    storage, began = storage_of(hands.site), time.monotonic()

    def alive() -> None:
        with unit_of_work():
            jobs.hold_on(job.id, at=at + timedelta(seconds=int(time.monotonic() - began)))

    with storage.workroom() as room, storage.open(task.key) as source:
        folder = Path(room)
        alive()  # a store far away may have taken long
        made = make_again(
            source,
            folder,
            kind=task.kind,
            shortest_ms=task.shortest_ms,
            longest_ms=task.longest_ms,
            stopping=hands.stopping,
            alive=alive,
        )
        alive()
        stored = [_keep(folder / name, storage, at) for name in ((MADE, POSTER) if made.poster else (MADE,))]
    is_wanted = False
    try:
        with unit_of_work():
            is_wanted = keep_made(task.media_id, made, stored[0], stored[1] if made.poster else None, at=at)
            finish(job.id)
    finally:
        if not is_wanted:
            with suppress(StorageAwayError):  # then it is swept away
                for kept in stored:
                    storage.delete(kept.key)


def _keep(path: Path, storage: Storage, at: datetime) -> Kept:
    with path.open("rb") as file:
        return storage.keep(file, at=at)


def _refuse(hands: Hands, job: ClaimedJob, media_id: UUID, refusal: Refusal, *, at: datetime) -> None:
    """Say why a recording cannot be used, also by mail where its sender gave an address."""
    with unit_of_work():
        if refuse(media_id, refusal, at=at) is not None:
            queue_media_refused(media_id, refusal, site=hands.site, at=at)
        finish(job.id)
