"""Sending mail: rendered once, its bytes kept, handed over outside any transaction."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engage.audit.services import record
from engage.bookings.mail_steps import is_still_wanted
from engage.flows.composing import compose
from engage.flows.contexts.surroundings import Surroundings
from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.db import db
from engage.kernel.jobs import ClaimedJob
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.enums import OPTIONAL, MessageState
from engage.mail.models import Message
from engage.mail.queries import find_message, find_messages, find_to_send
from engage.mail.services import Rendered, keep_bytes, mark_dropped, mark_failed, mark_sent, note_fault
from engage.mail.transport import MailError, PermanentMailError, ServerAwayError

BAD_ADDRESS = "mail to this address bounced before"
log = structlog.get_logger("engage.jobs")


def render_ahead(hands: Hands, claimed: Sequence[ClaimedJob], at: datetime) -> None:
    """Render the mails of several jobs, keep them in one transaction, and read at once what sending them needs.

    What fails is left to its own job.
    """
    ids = [int(job.arguments["message"]) for job in claimed]
    rendered, around = [], Surroundings(hands.site)
    for message in find_messages(ids):
        if _is_to_be_rendered(message) and _is_wanted(message, at):
            with suppress(Exception):
                rendered.append(_rendered(hands, message, around))
    db.session.rollback()
    if rendered:
        with unit_of_work():
            keep_bytes(rendered)
    if ids:
        hands.ahead.keep(find_to_send(ids))


def send_mail(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Hand the kept bytes of a message over outside any transaction, and say so; rendered first if need be."""
    keep, message_id = hands.site.development, int(job.arguments["message"])
    found = hands.ahead.take(message_id) or find_to_send([message_id]).get(message_id)
    if found is None or found.state is not MessageState.QUEUED:
        with unit_of_work():
            jobs.finish(job.id)
        return
    if found.kind in OPTIONAL and _drop_unwanted(job, message_id, at=at, keep=keep):
        return
    if found.is_bad:
        db.session.rollback()
        _give_up(job, message_id, reason=BAD_ADDRESS, keep=keep)
        return
    data = found.bytes or _render_alone(hands, job, message_id)
    if data is None:
        return
    db.session.rollback()
    try:
        hands.transport.send(found.envelope_from, found.to_addr, data)
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
        with unit_of_work(durable=False):
            mark_sent(message_id, at=at, keep=keep)
            jobs.finish(job.id)


def _render_alone(hands: Hands, job: ClaimedJob, message_id: int) -> bytes | None:
    """Render a mail that `render_ahead` left, and keep it; None when it was given up, since it cannot be rendered."""
    message = find_message(message_id)
    if message is None:
        return None
    try:
        rendered = _rendered(hands, message)
    except DBAPIError:
        raise
    except Exception as error:  # noqa: BLE001, RUF100 - one poisoned mail fails alone
        db.session.rollback()
        log.exception("mail cannot be composed", message=message_id)
        reason = f"cannot be composed: {type(error).__name__}"
        _give_up(job, message_id, reason=reason, keep=hands.site.development)
        return None
    return _kept(rendered)


def _rendered(hands: Hands, message: Message, around: Surroundings | None = None) -> Rendered:
    """Render a mail and sign it: the kept bytes hold the signature, so every attempt sends the same one."""
    composed = compose(message, site=hands.site, around=around)
    return Rendered(message.id, composed.subject, hands.sign(composed.data))


def _is_to_be_rendered(message: Message) -> bool:
    return message.state is MessageState.QUEUED and message.bytes is None


def _is_wanted(message: Message, at: datetime) -> bool:
    return message.kind not in OPTIONAL or is_still_wanted(message, at=at)


def _kept(mail: Rendered) -> bytes:
    """Keep the bytes, unless somebody else's came first; returns those that are kept."""
    with unit_of_work() as session:
        keep_bytes([mail])
        kept = session.scalar(select(Message.bytes).where(Message.id == mail.message_id))
    return mail.data if kept is None else kept


def _give_up(job: ClaimedJob, message_id: int, *, reason: str, keep: bool) -> None:
    with unit_of_work():
        mark_failed(message_id, reason=reason, keep=keep)
        jobs.bury(job.id, reason=reason)


def _drop_unwanted(job: ClaimedJob, message_id: int, *, at: datetime, keep: bool) -> bool:
    """Leave an optional mail that nobody needs any more unsent, and note that it was (R17); tell whether it is so."""
    message = find_message(message_id)
    if message is None or _is_wanted(message, at):
        return False
    kind, about = message.kind, f"{message.about_type}:{message.about_id}"
    with unit_of_work():
        mark_dropped(message_id, keep=keep)
        record("system:message:drop", about, at=at, after={"kind": kind.value})
        jobs.finish(job.id)
    return True
