"""Making out certificates after an event, and drawing them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from engage.bookings.certificate_words import sheet_of
from engage.bookings.certificates import Progress, keep_drawn, make_out, undrawn
from engage.drawing.process import DrawingError, LibrariesMissingError
from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.db import db
from engage.kernel.jobs import ClaimedJob
from engage.kernel.unit_of_work import unit_of_work

LOOK_AGAIN = timedelta(hours=1)  # for a library that somebody has to install
log = structlog.get_logger("engage.jobs")


def make_out_certificates(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Make out the certificates of a hundred bookings; the next hundred are this job's next turn."""
    given = job.arguments
    with unit_of_work():
        done = make_out(UUID(given["event"]), Progress.of(given), site=hands.site, at=at)
        if done.after is None:
            jobs.finish(job.id)
        else:
            jobs.go_on(job.id, {**given, **done.arguments()})


def draw_certificate(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Draw a certificate, and a few more of its event while the process is there: their jobs find them done.

    What cannot be drawn fails alone. Without the system's libraries the job waits, however long.
    """
    waiting = undrawn(UUID(job.arguments["certificate"]))
    db.session.rollback()
    try:
        drawn = _drawn(hands, waiting)
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


def _drawn(hands: Hands, waiting: list[tuple[UUID, dict[str, Any]]]) -> dict[UUID, bytes]:
    """Return what could be drawn; if one brings the process down, the first alone is tried again."""
    if not waiting:
        return {}
    try:
        drawn = hands.draw([sheet_of(facts) for _, facts in waiting], stopping=hands.stopping)
    except LibrariesMissingError:
        raise
    except DrawingError:
        if len(waiting) == 1 or hands.stopping.is_set():
            raise
        return _drawn(hands, waiting[:1])
    return {certificate_id: pdf for (certificate_id, _), pdf in zip(waiting, drawn, strict=True) if pdf is not None}
