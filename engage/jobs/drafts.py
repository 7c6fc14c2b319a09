"""Reminding people of answers that they saved and did not send."""

import uuid
from datetime import datetime

from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.jobs import ClaimedJob
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.services.drafts import remind_of_drafts


def remind_before_closing(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Queue one batch of reminders; the next one is this job's next turn."""
    with unit_of_work():
        if remind_of_drafts(uuid.UUID(job.arguments["consultation"]), site=hands.site, at=at):
            jobs.go_on(job.id, job.arguments)
        else:
            jobs.finish(job.id)
