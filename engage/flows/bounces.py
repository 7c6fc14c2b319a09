"""What a bounce does: the mail is marked, the address counted; a booking is never cancelled by it (5.4)."""

from datetime import datetime

from sqlalchemy import select, update

from engage.audit.services import record
from engage.kernel.db import db
from engage.mail.building import read_envelope
from engage.mail.enums import InboundOutcome, MessageState
from engage.mail.faults import note_permanent, note_temporary
from engage.mail.inbound.reports import Failure, Report
from engage.mail.models import InboundMail, Message
from engage.mail.received import settle

DELIVERED_OR_NOT = (MessageState.SENT, MessageState.QUEUED, MessageState.FAILED)


def note_bounce(row: InboundMail, report: Report, *, at: datetime) -> None:
    """Note what another server says became of a mail of ours.

    The mail is found by its envelope or the Message-ID that came back, and the report must name its recipient too:
    whoever forges one needs both.
    """
    message = _find_message(row.envelope_to or "", report)
    failure = None if message is None else _failure_of(message.to_addr, report)
    if message is None or failure is None or not (failure.is_permanent or failure.is_temporary):
        settle(row, InboundOutcome.UNMATCHED)
        return
    reason = f"{failure.status} {failure.reason}" if failure.status not in failure.reason else failure.reason
    (note_permanent if failure.is_permanent else note_temporary)(message.to_addr, reason, at)
    is_lost = failure.action == "failed"
    if is_lost:
        db.session.execute(
            update(Message)
            .where(Message.id == message.id, Message.state.in_(DELIVERED_OR_NOT))
            .values(state=MessageState.BOUNCED, last_error=reason[:1000])
        )
    about = (message.about_type, message.about_id)
    settle(row, InboundOutcome.BOUNCED if is_lost else InboundOutcome.DELAYED, about=about, detail=reason)
    act = "system:message:bounce" if is_lost else "system:message:delay"
    record(act, f"{about[0]}:{about[1]}", at=at, after={"kind": message.kind.value, "status": failure.status})


def _find_message(envelope_to: str, report: Report) -> Message | None:
    opaque = read_envelope(envelope_to)
    if opaque is not None:
        found = db.session.scalar(select(Message).where(Message.envelope_from == envelope_to.lower()))
        if found is not None:
            return found
    if report.returned_id is None:
        return None
    return db.session.scalar(select(Message).where(Message.message_id == report.returned_id))


def _failure_of(address: str, report: Report) -> Failure | None:
    return next((failure for failure in report.failures if address in failure.addresses), None)
