"""Asking Akismet, outside every transaction: it may be slow, and nobody waits for it."""

import uuid
from datetime import datetime, timedelta

import structlog

from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.jobs import ClaimedJob
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.enums import SpamVerdict
from engage.responses.services.first_state import settle_checked
from engage.responses.spam import akismet
from engage.responses.spam.checking import fields_of, take_verdict
from engage.responses.spam.verdicts import Feedback

log = structlog.get_logger("engage.jobs")


def check_for_spam(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Ask about one response and act on the answer; ask again later where the answer is not the last word."""
    check_id = uuid.UUID(job.arguments["check"])
    with unit_of_work():
        fields = fields_of(check_id)
        if fields is None or hands.site.akismet_mode == "off":
            jobs.finish(job.id)
            return
    answer = akismet.check(fields, site=hands.site)
    with unit_of_work():
        response = take_verdict(check_id, answer, site=hands.site, at=at)
        if response is not None:
            settle_checked(response, at=at)
        if answer.recheck_after_s is not None:
            jobs.sleep_until(job.id, at + timedelta(seconds=answer.recheck_after_s))
        elif answer.verdict is SpamVerdict.ERROR and not answer.is_final:
            jobs.put_off(job, at=at, reason=answer.detail or "no answer")
        else:
            jobs.finish(job.id)
    if answer.verdict is SpamVerdict.ERROR:
        log.warning("akismet did not judge", detail=answer.detail, final=answer.is_final)


def tell_akismet(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Tell it where a moderator found otherwise."""
    with unit_of_work():
        fields = fields_of(uuid.UUID(job.arguments["check"]))
        if fields is None or hands.site.akismet_mode == "off":
            jobs.finish(job.id)
            return
    heard = akismet.tell(Feedback(job.arguments["feedback"]), fields, site=hands.site)
    with unit_of_work():
        if heard:
            jobs.finish(job.id)
        else:
            jobs.put_off(job, at=at, reason="akismet did not take it")
