"""The index of responses: made again where it is missing, and merged so that it tells nothing and holds nothing old."""

import threading
import time
import uuid
from datetime import datetime

from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.jobs import ClaimedJob
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.search.index import index_some, keeps_what_is_taken_out, merge_some

INDEX = "responses.index"  # also in migration 0006
LONGEST_MERGE_S = 30.0
PAUSE_S = 0.01  # in which others write


def index_responses(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Index some hundred responses; the next are this job's next turn."""
    after = job.arguments.get("after")
    with unit_of_work():
        last = index_some(None if after is None else uuid.UUID(after))
        if last is None:
            jobs.finish(job.id)
        else:
            jobs.go_on(job.id, {"after": str(last)})


def merge_index(stopping: threading.Event) -> None:
    """Merge the parts of the index, a little at a time, for half a minute at most; the next time goes on."""
    until, begin, is_more = time.monotonic() + LONGEST_MERGE_S, True, True
    while is_more and time.monotonic() < until and not stopping.wait(PAUSE_S):
        with unit_of_work():
            is_more = merge_some(begin=begin)
        begin = False


def merge_index_that_keeps(stopping: threading.Event) -> None:
    """Merge it where words that were taken out stay in its parts until then (SQLite before 3.42)."""
    with unit_of_work():
        keeps = keeps_what_is_taken_out()
    if keeps:
        merge_index(stopping)
