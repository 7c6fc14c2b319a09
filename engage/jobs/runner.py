"""The worker: it claims what is due, does each job by its handler, and says that it is alive."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engage.bookings.access_needs import DELETE_NEEDS
from engage.bookings.by_calendar import STILL_COMING
from engage.bookings.certificates import DRAW, MAKE_OUT
from engage.bookings.letters import SEND_LETTER
from engage.bookings.mail_steps import SEND_STEP
from engage.bookings.notices import DIGEST, FIRST_WAITING, promise_digest
from engage.bookings.waiting import CLOSE_LIST, EXPIRE_OFFER
from engage.drawing.process import draw
from engage.events.services import EVENT_FULL, RELEASE_GROUP
from engage.flows.telling import TELL
from engage.jobs.bookings import (
    end_list,
    end_needs,
    end_offer,
    release_group,
    send_digest_of_bookings,
    send_planned_mail,
    tell_organisers,
)
from engage.jobs.certificates import draw_certificate, make_out_certificates
from engage.jobs.drafts import remind_before_closing
from engage.jobs.hands import Drawer, Hands, Transport, usual_transport
from engage.jobs.letters import send_letters
from engage.jobs.media import forget_recordings, make_recording
from engage.jobs.moderation import send_digest_of_responses
from engage.jobs.replies import ask_who_may_come
from engage.jobs.searching import INDEX, index_responses
from engage.jobs.sending import render_ahead, send_mail
from engage.jobs.spam import check_for_spam, tell_akismet
from engage.jobs.telling import tell_of_changes
from engage.jobs.tidying import SWEEP, TIDY, promise_tidying, sweep, tidy
from engage.kernel import jobs
from engage.kernel.db import db
from engage.kernel.errors import UnavailableError
from engage.kernel.jobs import ClaimedJob
from engage.kernel.models import Job, WorkerHeartbeat
from engage.kernel.settings import Site
from engage.kernel.unit_of_work import is_busy, unit_of_work
from engage.mail.services import SEND
from engage.mail.signing import unsigned
from engage.media.services import FORGET, MAKE
from engage.responses.services.digests import TO_READ, promise_to_read
from engage.responses.services.drafts import REMIND
from engage.responses.spam.checking import CHECK as CHECK_SPAM
from engage.responses.spam.checking import TELL as TELL_AKISMET

BATCH = 20  # what one worker holds at a time
LONGEST_HOLD_S = 180  # then it begins nothing more of that: one mail to a slow server ends well within the lease
HEARTBEAT = timedelta(seconds=15)
log = structlog.get_logger("engage.jobs")

HANDLERS: dict[str, Callable[[Hands, ClaimedJob, datetime], None]] = {
    SEND: send_mail,
    TIDY: tidy,
    SWEEP: sweep,
    EXPIRE_OFFER: end_offer,
    CLOSE_LIST: end_list,
    SEND_STEP: send_planned_mail,
    SEND_LETTER: send_letters,
    DELETE_NEEDS: end_needs,
    RELEASE_GROUP: release_group,
    MAKE_OUT: make_out_certificates,
    DRAW: draw_certificate,
    EVENT_FULL: tell_organisers,
    FIRST_WAITING: tell_organisers,
    DIGEST: send_digest_of_bookings,
    TELL: tell_of_changes,
    STILL_COMING: ask_who_may_come,
    CHECK_SPAM: check_for_spam,
    TELL_AKISMET: tell_akismet,
    MAKE: make_recording,
    FORGET: forget_recordings,
    REMIND: remind_before_closing,
    INDEX: index_responses,
    TO_READ: send_digest_of_responses,
}


class Runner:
    """One worker's hands. It holds a connection to the mail server, so it is for one thread."""

    def __init__(
        self,
        site: Site,
        *,
        smtp_url: str | None = None,
        transport: Transport | None = None,
        drawer: Drawer = draw,
        sign: Callable[[bytes], bytes] = unsigned,
        name: str = "worker",
        stopping: threading.Event | None = None,
        without: tuple[str, ...] = (),
        only: tuple[str, ...] = (),
    ) -> None:
        """Begin; `stopping` ends the work between two jobs, `sign` is for each mail when it is rendered.

        Jobs with names in `without` are left to another; who does `only` some, one at a time, does nothing else.
        """
        self.site = site
        self.name = name
        self.stopping = stopping or threading.Event()
        self.without, self.only = without, only
        self.hands = Hands(site, transport or usual_transport(site, smtp_url), drawer, self.stopping, sign)
        self._last_beat: datetime | None = None
        self._promised_for: datetime | None = None

    def run_due(self, *, at: datetime) -> int:
        """Do every job that is due; returns how many were taken. A database that is busy or away is 0."""
        began, done = time.monotonic(), 0
        try:
            while not self.stopping.is_set():
                now = at + timedelta(seconds=int(time.monotonic() - began))
                self._beat(now)
                claimed = self._claim(now)
                if not claimed:
                    break
                done += self._do_all(claimed, at=now)
        except (UnavailableError, DBAPIError) as error:
            db.session.rollback()
            log.warning("the database is busy or away", kind=type(error).__name__)
        finally:
            db.session.remove()
        return done

    def _beat(self, at: datetime) -> None:
        """Say that this worker is alive, and see to it that days are tidied and hours are swept."""
        if self._last_beat is not None and timedelta() <= at - self._last_beat < HEARTBEAT:
            return
        if self.only:
            return
        hour = at.replace(minute=0, second=0, microsecond=0)
        with unit_of_work() as session:
            session.merge(WorkerHeartbeat(name=self.name, at=at))
            if self._promised_for != hour:
                promise_tidying(at)
                promise_digest(site=self.site, at=at)
                promise_to_read(site=self.site, at=at)
        self._last_beat, self._promised_for = at, hour

    def _claim(self, at: datetime) -> list[ClaimedJob]:
        without = (*self.without, SEND) if self.hands.rest.is_on else self.without
        due = db.session.scalar(select(Job.id).where(jobs.is_due(at, without=without, only=self.only)).limit(1))
        db.session.rollback()
        if due is None:  # the usual case: nothing was locked to find out
            return []
        with unit_of_work():
            limit = 1 if self.only else BATCH
            return jobs.claim_due(at=at, limit=limit, without=without, only=self.only)

    def _do_all(self, claimed: list[ClaimedJob], *, at: datetime) -> int:
        """Do jobs that this worker holds; returns how many. Another worker may have what it cannot begin in time."""
        began, left = time.monotonic(), []
        render_ahead(self.hands, [job for job in claimed if job.name == SEND], at)
        for job in claimed:
            is_late = self.stopping.is_set() or time.monotonic() - began > LONGEST_HOLD_S
            if is_late or (job.name == SEND and self.hands.rest.is_on):
                left.append(job.id)
            else:
                self._do(job, at=at)
        if left:
            with unit_of_work():
                jobs.release(left)
        return len(claimed) - len(left)

    def _do(self, job: ClaimedJob, *, at: datetime) -> None:
        """Do one job. Whatever goes wrong is this job's own affair."""
        handler = HANDLERS.get(job.name)
        try:
            if handler is None:
                raise LookupError(f"no handler is called {job.name}")
            handler(self.hands, job, at)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001, RUF100 - a job that fails must not stop the others
            db.session.rollback()
            if isinstance(error, DBAPIError) and is_busy(error):
                raise
            log.exception("job failed", job=job.id, name=job.name)
            with unit_of_work():
                jobs.put_off(job, at=at, reason=f"{type(error).__name__}: {error}")


def run_due_jobs(site: Site, *, at: datetime, transport: Transport | None = None) -> int:
    """Do everything that is due; returns how many jobs were taken."""
    return Runner(site, transport=transport).run_due(at=at)
