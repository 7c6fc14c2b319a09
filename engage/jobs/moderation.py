"""Telling moderators what waits for them."""

from datetime import datetime

import structlog

from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.jobs import ClaimedJob
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.services.digests import promise_to_read, send_to_read

log = structlog.get_logger("engage.jobs")


def send_digest_of_responses(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Tell moderators what waits to be read, and promise the next telling."""
    with unit_of_work():
        mails = send_to_read(site=hands.site, at=at)
        promise_to_read(site=hands.site, at=at)
        jobs.finish(job.id)
    log.info("moderators told", mails=mails)
