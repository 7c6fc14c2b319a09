"""What a bounce does: the mail is marked, the address counted; a booking is never cancelled by it (5.4)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from engage.audit.services import record
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.mail.building import read_envelope
from engage.mail.enums import CONFIDENTIAL, TO_OURSELVES, InboundOutcome, MessageState
from engage.mail.faults import note_permanent, note_temporary
from engage.mail.inbound.reports import Failure, Report
from engage.mail.models import InboundMail, Message
from engage.mail.received import settle

DELIVERED_OR_NOT = (MessageState.SENT, MessageState.QUEUED, MessageState.FAILED)


def note_bounce(row: InboundMail, report: Report, *, site: Site, at: datetime) -> None:
    """Note what another server says became of a mail of ours.

    The mail is found by its envelope or the Message-ID that came back, and the report must name its recipient too:
    whoever forges one needs both. Of one that fits no mail the notice is dropped: what it is about may be confidential.
    """
    message = find_ours(row.envelope_to or "", [report.returned_id or ""])
    failure = None if message is None else _failure_of(message.to_addr, report)
    if message is None or failure is None or not (failure.is_permanent or failure.is_temporary):
        row.raw = None
        settle(row, InboundOutcome.UNMATCHED)
        return
    reason = f"{failure.status} {failure.reason}" if failure.status not in failure.reason else failure.reason
    if _blames_the_address(message, failure, site):
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
    if message.kind in CONFIDENTIAL:
        return
    act = "system:message:bounce" if is_lost else "system:message:delay"
    record(act, f"{about[0]}:{about[1]}", at=at, after={"kind": message.kind.value, "status": failure.status})


def find_ours(envelope_to: str, message_ids: Sequence[str]) -> Message | None:
    """Return the mail of ours that another is about: by the envelope that it came to, else by our Message-ID in it."""
    if read_envelope(envelope_to) is not None:
        found = db.session.scalar(select(Message).where(Message.envelope_from == envelope_to.lower()))
        if found is not None:
            return found
    return db.session.scalar(select(Message).where(Message.message_id.in_(message_ids)).order_by(Message.id).limit(1))


def _failure_of(address: str, report: Report) -> Failure | None:
    return next((failure for failure in report.failures if address in failure.addresses), None)


def _blames_the_address(message: Message, failure: Failure, site: Site) -> bool:
    """Tell whether a failure counts against the address. The site's own people are written to, whatever bounced."""
    is_ours = message.kind in TO_OURSELVES or message.to_addr == site.contact_email.strip().lower()
    return not is_ours and not failure.is_of_one_mail
