"""Letters of organisers, in batches."""

from datetime import datetime

from engage.bookings.letters import send_letter_batch
from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.jobs import ClaimedJob
from engage.kernel.unit_of_work import unit_of_work


def send_letters(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Queue one batch of a letter; the next one is this job's next turn."""
    with unit_of_work():
        after = send_letter_batch(job.arguments, site=hands.site, at=at)
        if after is None:
            jobs.finish(job.id)
        else:
            jobs.go_on(job.id, {**job.arguments, "after": str(after)})
