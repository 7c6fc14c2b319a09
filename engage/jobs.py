"""What the worker does: handlers by name, each job in transactions of its own, nothing sent inside one."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from engage.accounts.sessions import forget_old_sessions
from engage.audit.services import record
from engage.bookings.access_needs import DELETE_NEEDS, delete_due_needs
from engage.bookings.certificate_words import sheet_of
from engage.bookings.certificates import DRAW, MAKE_OUT, Progress, keep_drawn, make_out, undrawn
from engage.bookings.groups import release_due_group
from engage.bookings.mail_steps import SEND_STEP, is_still_wanted, promise_coming_steps, send_step
from engage.bookings.notices import DIGEST, FIRST_WAITING, promise_digest, send_digests, tell_at_once
from engage.bookings.waiting import CLOSE_LIST, EXPIRE_OFFER, close_list, expire_offer
from engage.drawing.process import DrawingError, LibrariesMissingError, Sheet, draw
from engage.events.services import EVENT_FULL, RELEASE_GROUP
from engage.flows.composing import ComposedMail, compose
from engage.kernel import jobs
from engage.kernel.db import db
from engage.kernel.errors import UnavailableError
from engage.kernel.jobs import ClaimedJob
from engage.kernel.models import Job, JobState, WorkerHeartbeat
from engage.kernel.plain import insert_unless_there
from engage.kernel.settings import Site
from engage.kernel.submission_keys import forget_old_keys
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.enums import OPTIONAL, MessageKind, MessageState
from engage.mail.models import Message
from engage.mail.queries import find_message
from engage.mail.services import SEND, keep_bytes, mark_dropped, mark_failed, mark_sent, note_fault
from engage.mail.transport import MailError, PermanentMailError, SmtpServer, SmtpTransport, TemporaryMailError

BATCH = 5  # what one worker holds at a time: sent well within the lease, even by a slow server
HEARTBEAT = timedelta(seconds=15)
KEEP_DONE_JOBS = timedelta(days=7)
LOOK_AGAIN = timedelta(hours=1)  # for a library that somebody has to install
TIDY = "tidy"
log = structlog.get_logger("engage.jobs")


class Transport(Protocol):
    """What hands a mail over."""

    def send(self, envelope_from: str, recipient: str, data: bytes) -> None:
        """Hand it over. Raises TemporaryMailError or PermanentMailError."""


class Drawer(Protocol):
    """What draws pages as PDF; `drawing.process.draw` is the usual one."""

    def __call__(self, sheets: Sequence[Sheet], *, stopping: threading.Event) -> list[bytes | None]:
        """Return each as PDF, None for one that cannot be drawn. Raises LibrariesMissingError, DrawingError."""


class OutboxOnly:
    """A developer's mail: the outbox is where it arrives (`/dev/mail`)."""

    def send(self, envelope_from: str, recipient: str, data: bytes) -> None:
        """Nothing leaves this machine."""


class NoServer:
    """A site without SMTP_URL: mail waits until there is one."""

    def send(self, envelope_from: str, recipient: str, data: bytes) -> None:
        """Refuse for now."""
        raise TemporaryMailError("SMTP_URL is not set")


class Runner:
    """One worker's hands. It holds a connection to the mail server, so it is for one thread."""

    def __init__(
        self,
        site: Site,
        *,
        smtp_url: str | None = None,
        transport: Transport | None = None,
        drawer: Drawer = draw,
        name: str = "worker",
        stopping: threading.Event | None = None,
    ) -> None:
        """Begin; `stopping` ends the work between two jobs."""
        self.site = site
        self.name = name
        self.stopping = stopping or threading.Event()
        self.transport = transport or _transport(site, smtp_url)
        self.draw = drawer
        self._last_beat: datetime | None = None
        self._tidied_on: date | None = None

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
                for job in claimed:
                    if self.stopping.is_set():
                        _give_back(job)
                    else:
                        self._do(job, at=now)
                        done += 1
        except (UnavailableError, DBAPIError) as error:
            db.session.rollback()
            log.warning("the database is busy or away", kind=type(error).__name__)
        finally:
            db.session.remove()
        return done

    def _beat(self, at: datetime) -> None:
        """Say that this worker is alive, and see to it that each day is tidied once."""
        if self._last_beat is not None and timedelta() <= at - self._last_beat < HEARTBEAT:
            return
        with unit_of_work() as session:
            session.merge(WorkerHeartbeat(name=self.name, at=at))
            if self._tidied_on != at.date():
                _promise_tidying(at)
                promise_digest(site=self.site, at=at)
        self._last_beat, self._tidied_on = at, at.date()

    def _claim(self, at: datetime) -> list[ClaimedJob]:
        due = db.session.scalar(
            select(Job.id).where(Job.state == JobState.DUE, Job.run_at <= at, jobs.is_free(at)).limit(1)
        )
        db.session.rollback()
        if due is None:  # the usual case: nothing was locked to find out
            return []
        with unit_of_work():
            return jobs.claim_due(at=at, limit=BATCH)

    def _do(self, job: ClaimedJob, *, at: datetime) -> None:
        """Do one job. Whatever goes wrong is this job's own affair."""
        handler = HANDLERS.get(job.name)
        try:
            if handler is None:
                raise LookupError(f"no handler is called {job.name}")
            handler(self, job, at)
        except (UnavailableError, DBAPIError):
            raise
        except Exception as error:  # noqa: BLE001, RUF100 - a job that fails must not stop the others
            db.session.rollback()
            log.exception("job failed", job=job.id, name=job.name)
            with unit_of_work():
                jobs.put_off(job, at=at, reason=f"{type(error).__name__}: {error}")


def run_due_jobs(site: Site, *, at: datetime, transport: Transport | None = None) -> int:
    """Do everything that is due; returns how many jobs were taken."""
    return Runner(site, transport=transport).run_due(at=at)


def send_mail(runner: Runner, job: ClaimedJob, at: datetime) -> None:
    """Render a message once, keep its bytes, hand them over outside any transaction, and say so."""
    keep = runner.site.development
    message = find_message(int(job.arguments["message"]))
    if message is None or message.state is not MessageState.QUEUED:
        with unit_of_work():
            jobs.finish(job.id)
        return
    message_id, to_addr, envelope_from = message.id, message.to_addr, message.envelope_from
    if message.kind in OPTIONAL and not is_still_wanted(message, at=at):
        _drop(job, message, at=at, keep=keep)
        return
    data = message.bytes
    if data is None:
        try:
            composed = compose(message, site=runner.site)
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001, RUF100 - one poisoned mail fails alone
            db.session.rollback()
            log.exception("mail cannot be composed", message=message_id)
            _give_up(job, message_id, reason=f"cannot be composed: {type(error).__name__}", keep=keep)
            return
        data = _keep(message_id, composed)
    db.session.rollback()
    try:
        runner.transport.send(envelope_from, to_addr, data)
    except PermanentMailError as error:
        _give_up(job, message_id, reason=str(error), keep=keep)
    except MailError as error:
        with unit_of_work():
            note_fault(message_id, reason=str(error))
            if not jobs.put_off(job, at=at, reason=str(error)):
                mark_failed(message_id, reason=str(error), keep=keep)
    else:
        with unit_of_work():
            mark_sent(message_id, at=at, keep=keep)
            jobs.finish(job.id)


def tidy(runner: Runner, job: ClaimedJob, at: datetime) -> None:
    """Delete what has had its day: form keys, sessions that ended, jobs that were done, silent workers.

    People's access needs as well, should their own job not have run. What the plans of mails promise for the next
    days is promised again, which changes nothing where it is.
    """
    with unit_of_work() as session:
        delete_due_needs(at=at)
        promised = promise_coming_steps(at=at)
        keys = forget_old_keys(at=at)
        sessions = forget_old_sessions(at=at)
        session.execute(delete(Job).where(Job.state == JobState.DONE, Job.created_at < at - KEEP_DONE_JOBS))
        session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.at < at - KEEP_DONE_JOBS))
        jobs.finish(job.id)
    log.info("tidied", keys=keys, sessions=sessions, steps=promised)


def end_offer(runner: Runner, job: ClaimedJob, at: datetime) -> None:
    """Pass a place on that somebody did not take in time."""
    with unit_of_work():
        expire_offer(UUID(job.arguments["booking"]), site=runner.site, at=at)
        jobs.finish(job.id)


def end_list(runner: Runner, job: ClaimedJob, at: datetime) -> None:
    """Tell whoever still waits for an event that is over; one that moved has a job for its new end."""
    with unit_of_work():
        close_list(UUID(job.arguments["event"]), site=runner.site, at=at)
        jobs.finish(job.id)


def send_planned_mail(runner: Runner, job: ClaimedJob, at: datetime) -> None:
    """Queue one batch of a reminder or follow-up; the next one is this job's next turn."""
    with unit_of_work():
        turn = send_step(job.arguments, site=runner.site, at=at)
        if turn.after is not None:
            jobs.go_on(job.id, {**job.arguments, "after": str(turn.after)})
        elif turn.until is not None:
            jobs.sleep_until(job.id, turn.until)
        else:
            jobs.finish(job.id)


def end_needs(runner: Runner, job: ClaimedJob, at: datetime) -> None:
    """Delete what people needed at events that are over long enough."""
    with unit_of_work():
        delete_due_needs(at=at)
        jobs.finish(job.id)


def release_group(runner: Runner, job: ClaimedJob, at: datetime) -> None:
    """Give the places that a group has left to everybody; a moment that was changed has a job of its own."""
    group_id, event_id = UUID(job.arguments["group"]), UUID(job.arguments["event"])
    with unit_of_work():
        release_due_group(group_id, event_id=event_id, site=runner.site, at=at)
        jobs.finish(job.id)


def make_out_certificates(runner: Runner, job: ClaimedJob, at: datetime) -> None:
    """Make out the certificates of a hundred bookings; the next hundred are this job's next turn."""
    given = job.arguments
    with unit_of_work():
        done = make_out(UUID(given["event"]), Progress.of(given), site=runner.site, at=at)
        if done.after is None:
            jobs.finish(job.id)
        else:
            jobs.go_on(job.id, {**given, **done.arguments()})


def draw_certificate(runner: Runner, job: ClaimedJob, at: datetime) -> None:
    """Draw a certificate, and a few more of its event while the process is there: their jobs find them done.

    What cannot be drawn fails alone. Without the system's libraries the job waits, however long.
    """
    waiting = undrawn(UUID(job.arguments["certificate"]))
    db.session.rollback()
    try:
        drawn = _drawn(runner, waiting)
    except LibrariesMissingError as error:
        log.warning("certificates wait", missing=str(error))
        with unit_of_work():
            jobs.sleep_until(job.id, at + LOOK_AGAIN)
        return
    with unit_of_work():
        for certificate_id, pdf in drawn.items():
            keep_drawn(certificate_id, pdf, at=at)
        if waiting and waiting[0][0] not in drawn:
            jobs.put_off(job, at=at, reason="it cannot be drawn")
        else:
            jobs.finish(job.id)


def _drawn(runner: Runner, waiting: list[tuple[UUID, dict[str, Any]]]) -> dict[UUID, bytes]:
    """Return what could be drawn; if one brings the process down, the first alone is tried again."""
    if not waiting:
        return {}
    try:
        drawn = runner.draw([sheet_of(facts) for _, facts in waiting], stopping=runner.stopping)
    except LibrariesMissingError:
        raise
    except DrawingError:
        if len(waiting) == 1 or runner.stopping.is_set():
            raise
        return _drawn(runner, waiting[:1])
    return {certificate_id: pdf for (certificate_id, _), pdf in zip(waiting, drawn, strict=True) if pdf is not None}


def tell_organisers(runner: Runner, job: ClaimedJob, at: datetime) -> None:
    """Tell organisers who chose it that an event is full, or that somebody waits."""
    kind = MessageKind.EVENT_FULL if job.name == EVENT_FULL else MessageKind.FIRST_WAITING
    event_id, capacity = UUID(job.arguments["event"]), int(job.arguments["capacity"])
    with unit_of_work():
        tell_at_once(kind, event_id, capacity, site=runner.site, at=at)
        jobs.finish(job.id)


def send_digest_of_bookings(runner: Runner, job: ClaimedJob, at: datetime) -> None:
    """Tell organisers who chose it what came since the last time, and promise the next."""
    with unit_of_work():
        mails = send_digests(site=runner.site, at=at)
        promise_digest(site=runner.site, at=at)
        jobs.finish(job.id)
    log.info("digests", mails=mails)


HANDLERS: dict[str, Callable[[Runner, ClaimedJob, datetime], None]] = {
    SEND: send_mail,
    TIDY: tidy,
    EXPIRE_OFFER: end_offer,
    CLOSE_LIST: end_list,
    SEND_STEP: send_planned_mail,
    DELETE_NEEDS: end_needs,
    RELEASE_GROUP: release_group,
    MAKE_OUT: make_out_certificates,
    DRAW: draw_certificate,
    EVENT_FULL: tell_organisers,
    FIRST_WAITING: tell_organisers,
    DIGEST: send_digest_of_bookings,
}


def _transport(site: Site, smtp_url: str | None) -> Transport:
    if smtp_url:
        return SmtpTransport(SmtpServer.from_url(smtp_url))
    return OutboxOnly() if site.development else NoServer()


def _keep(message_id: int, composed: ComposedMail) -> bytes:
    """Keep the bytes, unless somebody else's came first; returns those that are kept."""
    with unit_of_work() as session:
        keep_bytes(message_id, composed.data, subject=composed.subject)
        kept = session.scalar(select(Message.bytes).where(Message.id == message_id))
    return composed.data if kept is None else kept


def _give_up(job: ClaimedJob, message_id: int, *, reason: str, keep: bool) -> None:
    with unit_of_work():
        mark_failed(message_id, reason=reason, keep=keep)
        jobs.bury(job.id, reason=reason)


def _drop(job: ClaimedJob, message: Message, *, at: datetime, keep: bool) -> None:
    """Leave a mail that nobody needs any more unsent, and note that it was (R17)."""
    message_id, kind, about = message.id, message.kind, f"{message.about_type}:{message.about_id}"
    with unit_of_work():
        mark_dropped(message_id, keep=keep)
        record("system:message:drop", about, at=at, after={"kind": kind.value})
        jobs.finish(job.id)


def _give_back(job: ClaimedJob) -> None:
    """Let another worker have a job at once that this one took and will not do."""
    with unit_of_work():
        jobs.release(job.id)


def _promise_tidying(at: datetime) -> None:
    values: dict[str, Any] = {
        "name": TIDY,
        "arguments": {},
        "run_at": at,
        "dedupe_key": f"{TIDY}:{at.date()}",
        "state": JobState.DUE,
        "attempts": 0,
        "created_at": at,
    }
    insert_unless_there(Job, values, unique=("dedupe_key",))
