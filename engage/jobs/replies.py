"""Taking in mail that came, and asking who answered "maybe"."""

from datetime import datetime
from uuid import UUID

import structlog

from engage.bookings.by_calendar import ask_still_coming
from engage.flows.inbound import Handled, process_inbound
from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.db import db
from engage.kernel.errors import UnavailableError
from engage.kernel.jobs import ClaimedJob
from engage.kernel.settings import Site
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.enums import InboundOutcome
from engage.mail.inbound.reading import read_inbound
from engage.mail.received import keep_inbound, settle

log = structlog.get_logger("engage.jobs")


def take_in(raw: bytes, *, envelope_to: str, envelope_from: str | None, site: Site, at: datetime) -> Handled:
    """Read a mail that came in and do what it asks for, in one transaction; the same mail again changes nothing.

    `envelope_from` is "" for a mail that must not be answered, None where nobody said. A mail that brings a fault of
    ours to light is kept and stands in the log. Raises UnavailableError when the database is busy: hand it over again.
    """
    inbound = read_inbound(raw, envelope_from=envelope_from, authserv_id=site.authserv_id or site.mail_domain)
    try:
        with unit_of_work():
            handled = process_inbound(inbound, raw, envelope_to=envelope_to, site=site, at=at)
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001, RUF100 - one mail must not stop those behind it
        db.session.rollback()
        log.exception("mail that came in could not be handled", digest=inbound.digest)
        with unit_of_work():
            row = keep_inbound(inbound, raw, envelope_to=envelope_to, at=at)
            if row is not None:
                settle(row, InboundOutcome.FAILED, detail=type(error).__name__)
        handled = Handled(inbound.kind, InboundOutcome.FAILED, is_new=row is not None)
    log.info("mail came in", kind=handled.kind.value, outcome=handled.outcome.value, new=handled.is_new)
    return handled


def ask_who_may_come(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Ask somebody who answered "maybe" whether they come, a day before the event."""
    starts_at = datetime.fromisoformat(job.arguments["starts_at"])
    with unit_of_work():
        ask_still_coming(UUID(job.arguments["invite"]), starts_at, site=hands.site, at=at)
        jobs.finish(job.id)
