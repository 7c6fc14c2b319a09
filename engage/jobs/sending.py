"""Sending mail: rendered once, its bytes kept, handed over outside any transaction."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engage.audit.services import record
from engage.bookings.mail_steps import is_still_wanted
from engage.flows.composing import ComposedMail, compose
from engage.flows.contexts.surroundings import Surroundings
from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.db import db
from engage.kernel.jobs import ClaimedJob
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.enums import OPTIONAL, MessageState
from engage.mail.faults import is_bad
from engage.mail.models import Message
from engage.mail.queries import find_message, find_messages
from engage.mail.services import keep_bytes, mark_dropped, mark_failed, mark_sent, note_fault
from engage.mail.transport import MailError, PermanentMailError, ServerAwayError

BAD_ADDRESS = "mail to this address bounced before"
log = structlog.get_logger("engage.jobs")


def render_ahead(hands: Hands, claimed: Sequence[ClaimedJob], at: datetime) -> None:
    """Render the mails of several jobs and keep them in one transaction; what fails is left to its own job."""
    composed, around = {}, Surroundings(hands.site)
    for message in find_messages([int(job.arguments["message"]) for job in claimed]):
        if _is_to_be_rendered(message) and _is_wanted(message, at):
            with suppress(Exception):
                composed[message.id] = _compose(hands, message, around)
    db.session.rollback()
    if composed:
        with unit_of_work():
            for message_id, mail in composed.items():
                keep_bytes(message_id, mail.data, subject=mail.subject)


def send_mail(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Hand the kept bytes of a message over outside any transaction, and say so; rendered first if need be."""
    keep = hands.site.development
    message = find_message(int(job.arguments["message"]))
    if message is None or message.state is not MessageState.QUEUED:
        with unit_of_work():
            jobs.finish(job.id)
        return
    message_id, to_addr, envelope_from = message.id, message.to_addr, message.envelope_from
    if not _is_wanted(message, at):
        _drop(job, message, at=at, keep=keep)
        return
    if is_bad(to_addr):
        db.session.rollback()
        _give_up(job, message_id, reason=BAD_ADDRESS, keep=keep)
        return
    data = message.bytes
    if data is None:
        try:
            composed = _compose(hands, message)
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
        hands.transport.send(envelope_from, to_addr, data)
    except PermanentMailError as error:
        _give_up(job, message_id, reason=str(error), keep=keep)
    except MailError as error:
        if isinstance(error, ServerAwayError):
            hands.rest.begin()
        with unit_of_work():
            note_fault(message_id, reason=str(error))
            if not jobs.put_off(job, at=at, reason=str(error)):
                mark_failed(message_id, reason=str(error), keep=keep)
    else:
        hands.rest.end()
        with unit_of_work():
            mark_sent(message_id, at=at, keep=keep)
            jobs.finish(job.id)


def _compose(hands: Hands, message: Message, around: Surroundings | None = None) -> ComposedMail:
    """Render a mail and sign it: the kept bytes hold the signature, so every attempt sends the same one."""
    composed = compose(message, site=hands.site, around=around)
    return ComposedMail(composed.subject, hands.sign(composed.data))


def _is_to_be_rendered(message: Message) -> bool:
    return message.state is MessageState.QUEUED and message.bytes is None


def _is_wanted(message: Message, at: datetime) -> bool:
    return message.kind not in OPTIONAL or is_still_wanted(message, at=at)


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
