"""Once a day: what has had its day goes."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete

from engage.accounts.link_tokens import forget_old_tokens
from engage.accounts.sessions import forget_old_sessions
from engage.bookings.access_needs import delete_due_needs
from engage.bookings.mail_steps import promise_coming_steps
from engage.flows.private_feeds import forget_feeds_of_nobody
from engage.jobs.hands import Hands
from engage.jobs.searching import merge_index, merge_index_that_keeps
from engage.kernel import jobs
from engage.kernel.db import db
from engage.kernel.jobs import ClaimedJob
from engage.kernel.models import Job, JobState, WorkerHeartbeat
from engage.kernel.submission_keys import forget_old_keys
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.received import wipe_old_inbound
from engage.mail.services import requeue_lost
from engage.media.errors import StorageAwayError
from engage.media.queries import keys_in_use
from engage.media.storage import HALF_DONE, UNCLAIMED, Storage, storage_of
from engage.responses.services.drafts import forget_old_drafts, promise_reminders
from engage.responses.services.first_state import publish_anonymous_of_days_before
from engage.responses.spam.checking import wipe_old_fields

KEEP_DONE_JOBS = timedelta(days=7)
TIDY = "tidy"
SWEEP = "sweep"
log = structlog.get_logger("engage.jobs")


def tidy(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Delete what has had its day: form keys, sessions that ended, links that prove an address, jobs that were
    done, silent workers, the words of mails that came in, private calendars of nobody, answers that nobody sent.

    People's access needs as well, should their own job not have run. What the plans of mails promise for the next
    days is promised again, which changes nothing where it is. What came anonymously and is read after it is shown is
    shown now that its day is over.
    """
    with unit_of_work() as session:
        delete_due_needs(at=at)
        forget_feeds_of_nobody()
        publish_anonymous_of_days_before(at=at)
        wipe_old_fields(at=at)
        promised = promise_coming_steps(at=at)
        wipe_old_inbound(at=at)
        forget_old_drafts(at=at)
        promise_reminders(at=at)
        keys = forget_old_keys(at=at)
        sessions = forget_old_sessions(at=at)
        forget_old_tokens(at=at)
        session.execute(delete(Job).where(Job.state == JobState.DONE, Job.created_at < at - KEEP_DONE_JOBS))
        session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.at < at - KEEP_DONE_JOBS))
        jobs.finish(job.id)
    merge_index(hands.stopping)
    log.info("tidied", keys=keys, sessions=sessions, steps=promised)


def sweep(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Find mails that nobody would send any more (R17), files that nobody knows of (R5, R30), words that went (P17)."""
    _clear_up(storage_of(hands.site), at)
    with unit_of_work():
        lost = requeue_lost(at=at)
        jobs.finish(job.id)
    merge_index_that_keeps(hands.stopping)
    if lost:
        log.warning("mails had no job", count=lost)


def _clear_up(storage: Storage, at: datetime) -> None:
    """Take away what a killed process left: half a file, or one that no row ever named."""
    left = storage.clear_up(at - HALF_DONE)
    try:
        lost = set(storage.names(before=at - UNCLAIMED))
        needed = keys_in_use() if lost else set()
        db.session.rollback()
        for key in lost - needed:
            storage.delete(key)
            left += 1
    except StorageAwayError:
        log.warning("files of recordings were not looked through: their store is away")
    if left:
        log.warning("files of recordings belonged to nothing", count=left)


def promise_tidying(at: datetime) -> None:
    """Promise the tidying of a day and the sweeping of an hour, each once."""
    jobs.defer_once(TIDY, at=at, run_at=at, dedupe_key=f"{TIDY}:{at.date()}")
    jobs.defer_once(SWEEP, at=at, run_at=at, dedupe_key=f"{SWEEP}:{at:%Y-%m-%dT%H}")
