"""What falls due about bookings: offers, lists, groups, access needs, planned mails, notices to organisers."""

from datetime import datetime
from uuid import UUID

import structlog

from engage.bookings.access_needs import delete_due_needs
from engage.bookings.groups import release_due_group
from engage.bookings.mail_steps import send_step
from engage.bookings.notices import promise_digest, send_digests, tell_at_once
from engage.bookings.waiting import close_list, expire_offer
from engage.events.services import EVENT_FULL
from engage.jobs.hands import Hands
from engage.kernel import jobs
from engage.kernel.jobs import ClaimedJob
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.enums import MessageKind

log = structlog.get_logger("engage.jobs")


def end_offer(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Pass a place on that somebody did not take in time."""
    with unit_of_work():
        expire_offer(UUID(job.arguments["booking"]), site=hands.site, at=at)
        jobs.finish(job.id)


def end_list(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Tell whoever still waits for an event that is over; one that moved has a job for its new end."""
    with unit_of_work():
        close_list(UUID(job.arguments["event"]), site=hands.site, at=at)
        jobs.finish(job.id)


def release_group(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Give the places that a group has left to everybody; a moment that was changed has a job of its own."""
    group_id, event_id = UUID(job.arguments["group"]), UUID(job.arguments["event"])
    with unit_of_work():
        release_due_group(group_id, event_id=event_id, site=hands.site, at=at)
        jobs.finish(job.id)


def end_needs(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Delete what people needed at events that are over long enough."""
    with unit_of_work():
        delete_due_needs(at=at)
        jobs.finish(job.id)


def send_planned_mail(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Queue one batch of a reminder or follow-up; the next one is this job's next turn."""
    with unit_of_work():
        turn = send_step(job.arguments, site=hands.site, at=at)
        if turn.after is not None:
            jobs.go_on(job.id, {**job.arguments, "after": str(turn.after)})
        elif turn.until is not None:
            jobs.sleep_until(job.id, turn.until)
        else:
            jobs.finish(job.id)


def tell_organisers(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Tell organisers who chose it that an event is full, or that somebody waits."""
    kind = MessageKind.EVENT_FULL if job.name == EVENT_FULL else MessageKind.FIRST_WAITING
    event_id, capacity = UUID(job.arguments["event"]), int(job.arguments["capacity"])
    with unit_of_work():
        tell_at_once(kind, event_id, capacity, site=hands.site, at=at)
        jobs.finish(job.id)


def send_digest_of_bookings(hands: Hands, job: ClaimedJob, at: datetime) -> None:
    """Tell organisers who chose it what came since the last time, and promise the next."""
    with unit_of_work():
        mails = send_digests(site=hands.site, at=at)
        promise_digest(site=hands.site, at=at)
        jobs.finish(job.id)
    log.info("digests", mails=mails)
