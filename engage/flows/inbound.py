"""A mail that came in, from its bytes to what it does: once, whatever brings it (calendar-mail 5.1, 5.2)."""

from dataclasses import dataclass
from datetime import datetime

from engage.flows.bounces import find_ours, note_bounce
from engage.flows.forwarding import forward
from engage.flows.replies import answer_invitation
from engage.kernel.settings import Site
from engage.mail.enums import CONFIDENTIAL, InboundKind, InboundOutcome
from engage.mail.inbound.reading import Inbound
from engage.mail.models import InboundMail
from engage.mail.received import conceal, find_inbound, keep_inbound, settle


@dataclass(frozen=True)
class Handled:
    """What a mail was taken for, what became of it, and whether it came for the first time."""

    kind: InboundKind
    outcome: InboundOutcome
    is_new: bool


def process_inbound(inbound: Inbound, raw: bytes, *, envelope_to: str, site: Site, at: datetime) -> Handled:
    """Do what a mail asks for, once: the same one again, by whatever way, changes nothing."""
    row = keep_inbound(inbound, raw, envelope_to=envelope_to, at=at)
    if row is None:
        known = find_inbound(inbound.digest)
        outcome = InboundOutcome.NOTED if known is None else InboundOutcome(known.outcome)
        return Handled(inbound.kind, outcome, is_new=False)
    if inbound.kind is InboundKind.BOUNCE and inbound.report is not None:
        note_bounce(row, inbound.report, site=site, at=at)
    elif not (inbound.kind is InboundKind.REPLY and answer_invitation(row, inbound, site=site, at=at)):
        if inbound.is_automatic:
            row.kind = InboundKind.AUTOMATIC
            settle(row, InboundOutcome.NOTED)
        else:
            row.kind = InboundKind.PERSON if inbound.kind is InboundKind.REPLY else inbound.kind
            forward(row, inbound, site=site, at=at)
    if _is_in_confidence(row, inbound):
        conceal(row)
    return Handled(row.kind, InboundOutcome(row.outcome), is_new=True)


def _is_in_confidence(row: InboundMail, inbound: Inbound) -> bool:
    """Tell whether a program wrote about a mail of ours that no list shows. A person's words are their own decision."""
    if row.kind not in (InboundKind.BOUNCE, InboundKind.AUTOMATIC):
        return False
    ids = inbound.headers.references if inbound.report is None else [inbound.report.returned_id or ""]
    message = find_ours(row.envelope_to or "", ids)
    return message is not None and message.kind in CONFIDENTIAL
