"""Telling people what changed of an event, once edits were collected."""

from datetime import datetime
from uuid import UUID

from engage.flows.telling import tell_changes
from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.jobs import ClaimedJob
from engage.kernel.unit_of_work import unit_of_work


def tell_of_changes(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Queue the mails of one batch; the next one is this job's next turn."""
    after = job.arguments.get("after")
    with unit_of_work():
        reached = tell_changes(
            UUID(job.arguments["event"]), after=UUID(after) if after else None, site=hands.site, at=at
        )
        if reached is None:
            jobs.finish(job.id)
        else:
            jobs.go_on(job.id, {**job.arguments, "after": str(reached)})
