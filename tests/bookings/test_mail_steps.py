"""Reminders and follow-up in time: to whom, once, and never too late (R17, R20, P12)."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.enums import Attendance
from engage.bookings.guests import cannot_come
from engage.bookings.mail_plan import USUAL, MailPlan, Span, Unit
from engage.bookings.mail_steps import change_mail_plan, promise_coming_steps
from engage.bookings.models import Booking, Guest
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.bookings.stopping import set_reminders
from engage.edge import context
from engage.events.models import Event
from engage.events.queries import get_event
from engage.flows.cancelling import cancel_event
from engage.flows.invariants import INVARIANTS
from engage.flows.publishing import publish_event, set_recording
from engage.flows.rescheduling import change_event
from engage.kernel.models import Job
from engage.kernel.settings import Site
from engage.mail.enums import OPTIONAL
from engage.mail.models import Message
from tests.factories import details_of, make_event

Unit_ = Callable[[], AbstractContextManager[Session]]
Worker = Callable[..., int]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
START = datetime(2026, 9, 15, 11, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
WEEK, DAY, HOUR, MINUTE = timedelta(days=7), timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
VIDEO = "https://video.example.org/1"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


@pytest.fixture
def lunch(unit: Unit_) -> str:
    """Give the address of a published webinar two weeks away with five places."""
    with unit():
        event = make_event(slug="lunch", starts_at=START, capacity=5, published=False)
        publish_event(event.id, site=context.site(), at=NOW, actor=None)
        return event.slug


def book(unit: Unit_, site: Site, *names: str, at: datetime = NOW, **asked: bool) -> None:
    for name in names:
        with unit():
            request = PlaceRequest(name=name, email=f"{name}@example.org", locale="en", **asked)
            book_place(get_event("lunch").id, request, site=site, at=at)


def booking_of(session: Session, name: str) -> Booking:
    return session.scalars(select(Booking).where(Booking.email_normalised == f"{name}@example.org")).one()


def mails(unit: Unit_) -> list[tuple[str, str, str]]:
    """Return the optional mails in the order in which they were queued: step, name, state."""
    with unit() as session:
        found = session.scalars(select(Message).where(Message.kind.in_(OPTIONAL)).order_by(Message.id)).all()
        kinds = [row.facts["step"] if row.kind.value == "reminder" else row.kind.value for row in found]
        return sorted(
            (kind, row.to_addr.partition("@")[0], row.state.value) for kind, row in zip(kinds, found, strict=True)
        )


def sent(*lines: str) -> list[tuple[str, str, str]]:
    """Return what `mails` gives when mails such as "reminder-1d ana" are sent."""
    return sorted((*line.split(), "sent") for line in lines)  # type: ignore[misc]


def drops(unit: Unit_) -> list[str]:
    with unit() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "system:event:drop-mail"))
        return sorted(entry.after["step"] for entry in entries if entry.after)


def change_plan(unit: Unit_, plan: MailPlan, at: datetime = NOW) -> None:
    with unit():
        event = get_event("lunch")
        change_mail_plan(event.id, plan, version=event.version, at=at, actor=None)


def move(unit: Unit_, site: Site, starts_at: datetime, at: datetime) -> None:
    with unit():
        event = get_event("lunch")
        details = details_of(event, starts_at=starts_at)
        change_event(event.id, details, version=event.version, site=site, at=at, actor=None)


def note_presence(unit: Unit_, *names: str) -> None:
    with unit() as session:
        for name in names:
            booking_of(session, name).attendance = Attendance.ATTENDED


def record_it(unit: Unit_, at: datetime) -> None:
    with unit():
        set_recording(get_event("lunch").id, recording_url=VIDEO, at=at, actor=None)


@pytest.mark.usefixtures("lunch")
def test_each_reminder_goes_at_its_moment_to_whoever_has_a_place_by_then(
    unit: Unit_, site: Site, worker: Worker
) -> None:
    book(unit, site, "ana")
    worker(START - WEEK - MINUTE)
    assert mails(unit) == []
    worker(START - WEEK)
    book(unit, site, "ben", at=START - WEEK + MINUTE)
    worker(START - WEEK + 2 * MINUTE)
    assert mails(unit) == sent("reminder-7d ana")
    worker(START - DAY)
    worker(START - HOUR)
    worker(START - MINUTE)

    assert mails(unit) == sent(
        "reminder-7d ana", "reminder-1d ana", "reminder-1d ben", "reminder-1h ana", "reminder-1h ben"
    )


@pytest.mark.usefixtures("lunch")
def test_nobody_is_reminded_who_cancelled_waits_or_wants_no_reminders(unit: Unit_, site: Site, worker: Worker) -> None:
    """P12, S11: and who stopped them once gets none, until they are switched on again."""
    book(unit, site, "ana", "ben", "cleo", "eve")
    book(unit, site, "quiet", reminders=False)
    book(unit, site, "waiting")
    with unit() as session:
        cancel_booking(booking_of(session, "ben").id, site=site, at=START - WEEK - MINUTE)
        set_reminders(booking_of(session, "cleo").id, on=False, at=NOW)
    worker(START - WEEK)
    with unit() as session:
        set_reminders(booking_of(session, "cleo").id, on=True, at=NOW)
    worker(START - DAY)

    # The place that Ben gave back went to whoever waited, before the moment of the step.
    assert mails(unit) == sent(
        *("reminder-7d ana", "reminder-7d eve", "reminder-7d waiting"),
        *("reminder-1d ana", "reminder-1d cleo", "reminder-1d eve", "reminder-1d waiting"),
    )


@pytest.mark.usefixtures("lunch")
def test_guests_with_an_address_are_reminded_like_everybody_and_stop_it_for_themselves(
    unit: Unit_, site: Site, worker: Worker
) -> None:
    with unit() as session:
        guests = tuple(GuestRequest(name.title(), f"{name}@example.org") for name in ("gwen", "hana", "ida"))
        party = PlaceRequest("Ana", "ana@example.org", "en", places=5, guests=(*guests, GuestRequest("Nobody")))
        book_place(get_event("lunch").id, party, site=site, at=NOW)
        gwen, hana = (
            session.scalars(select(Guest.id).where(Guest.email_normalised == f"{name}@example.org")).one()
            for name in ("gwen", "hana")
        )
    worker(START - WEEK)
    with unit():
        set_reminders(gwen, on=False, at=START - WEEK)
        cannot_come(hana, site=site, at=START - WEEK)
    worker(START - DAY)
    note_presence(unit, "ana")
    record_it(unit, END)
    worker(END + HOUR)
    worker(END + DAY)

    assert [line for line in mails(unit) if line[0] != "reminder-1h"] == sent(
        *("reminder-7d ana", "reminder-7d gwen", "reminder-7d hana", "reminder-7d ida"),
        *("reminder-1d ana", "reminder-1d ida", "came ana", "missed ida"),
    )
    with unit() as session:
        of_ida = session.scalars(select(Message).where(Message.to_addr == "ida@example.org")).all()
        assert {message.about_type for message in of_ida} == {"booking_guest"}
        assert [line for invariant in INVARIANTS.values() for line in invariant()] == []


@pytest.mark.usefixtures("lunch")
def test_who_moves_up_after_the_moment_of_a_step_does_not_get_it_late(unit: Unit_, site: Site, worker: Worker) -> None:
    book(unit, site, "ana", "ben", "cleo", "dev", "eve", "waiting")
    with unit() as session:
        cancel_booking(booking_of(session, "ana").id, site=site, at=START - WEEK + MINUTE)
    worker(START - WEEK + HOUR)  # the worker comes an hour late

    assert [name for _, name, _ in mails(unit)] == ["ben", "cleo", "dev", "eve"]


@pytest.mark.usefixtures("lunch")
def test_of_several_reminders_that_are_overdue_only_the_latest_goes(unit: Unit_, site: Site, worker: Worker) -> None:
    book(unit, site, "ana")
    worker(START - HOUR + MINUTE)  # nobody worked for two weeks

    assert mails(unit) == sent("reminder-1h ana")
    assert drops(unit) == ["reminder-1d", "reminder-7d"]
    with unit() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "system:event:send-mail")).one()
        assert entry.after == {"step": "reminder-1h", "people": 1}


@pytest.mark.usefixtures("lunch")
def test_no_reminder_goes_once_the_event_has_begun(unit: Unit_, site: Site, worker: Worker) -> None:
    """R17: it is dropped, and the audit says so."""
    book(unit, site, "ana")
    worker(START)

    assert mails(unit) == []
    assert drops(unit) == ["reminder-1d", "reminder-1h", "reminder-7d"]


@pytest.mark.usefixtures("lunch")
def test_a_reminder_that_waited_for_a_mail_server_until_the_start_is_dropped(
    unit: Unit_, site: Site, worker: Worker
) -> None:
    """R17: so is one to somebody who cancelled meanwhile, and one that tells an old time."""
    book(unit, site, "ana", "ben")
    worker(START - DAY)
    with unit() as session:  # as if no server had taken the mails
        queued = update(Message).where(Message.kind.in_(OPTIONAL)).values(state="queued", sent_at=None)
        session.execute(queued)
        again = update(Job).where(Job.name == "mail.send").values(state="due", run_at=START - HOUR - MINUTE)
        session.execute(again)
        cancel_booking(booking_of(session, "ben").id, site=site, at=START - DAY + MINUTE)
    worker(START - HOUR - MINUTE)
    assert mails(unit) == sorted([*sent("reminder-1d ana"), ("reminder-1d", "ben", "dropped")])
    worker(START - HOUR)
    with unit() as session:
        session.execute(
            update(Message).where(Message.facts["step"].as_string() == "reminder-1h").values(state="queued")
        )
        session.execute(update(Job).where(Job.name == "mail.send").values(state="due", run_at=START))
    worker(START)

    assert ("reminder-1h", "ana", "dropped") in mails(unit)
    with unit() as session:
        acts = Counter(session.scalars(select(AuditEntry.act).where(AuditEntry.act == "system:message:drop")))
    assert acts == {"system:message:drop": 2}


@pytest.mark.usefixtures("lunch")
def test_an_event_that_moves_takes_its_reminders_along(unit: Unit_, site: Site, worker: Worker) -> None:
    """R20: a step is keyed by the instants that it rests on, so the old ones find nothing to do."""
    book(unit, site, "ana")
    worker(START - WEEK)
    move(unit, site, START + DAY, START - 5 * DAY)
    worker(START - DAY)  # when the old one was due
    assert mails(unit) == sent("reminder-7d ana")
    worker(START)

    # Seven days before the new start had passed when it moved: the mail that it moved says enough.
    assert mails(unit) == sent("reminder-7d ana", "reminder-1d ana")


@pytest.mark.usefixtures("lunch")
def test_an_event_that_moves_away_and_back_reminds_once(unit: Unit_, site: Site, worker: Worker) -> None:
    book(unit, site, "ana")
    worker(START - DAY)
    move(unit, site, START + DAY, START - DAY + MINUTE)
    move(unit, site, START, START - DAY + 2 * MINUTE)
    worker(START - DAY + 3 * MINUTE)
    worker(START - HOUR)

    assert mails(unit) == sent("reminder-1d ana", "reminder-1h ana")


@pytest.mark.usefixtures("lunch")
def test_a_cancelled_event_sends_nothing_more(unit: Unit_, site: Site, worker: Worker) -> None:
    book(unit, site, "ana")
    with unit():
        cancel_event(get_event("lunch").id, reason="Ill.", site=site, at=START - 2 * DAY, actor=None)
    worker(START - DAY)
    worker(END + WEEK)

    assert mails(unit) == []


@pytest.mark.usefixtures("lunch")
def test_after_the_end_each_person_gets_the_one_mail_that_is_for_them(unit: Unit_, site: Site, worker: Worker) -> None:
    book(unit, site, "ana", "ben", "cleo", "dev", "eve")
    book(unit, site, "waiting")
    change_plan(unit, MailPlan((), USUAL.came, USUAL.missed, USUAL.waited))
    note_presence(unit, "ana", "ben")
    with unit() as session:
        set_reminders(booking_of(session, "ben").id, on=False, at=NOW)
    record_it(unit, END + MINUTE)
    worker(END)  # the list is closed
    worker(END + HOUR)
    assert mails(unit) == sent("came ana")
    worker(END + DAY)

    people = ("cleo", "dev", "eve")
    assert mails(unit) == sent("came ana", *(f"missed {name}" for name in people), "waited waiting")


@pytest.mark.usefixtures("lunch")
def test_the_recording_is_waited_for_and_then_the_mails_go_at_once(unit: Unit_, site: Site, worker: Worker) -> None:
    book(unit, site, "ana", "ben", "cleo", "dev", "eve", "waiting")
    worker(END)
    worker(END + DAY)
    worker(END + 3 * DAY)
    assert [line for line in mails(unit) if line[0] in ("missed", "waited")] == []
    record_it(unit, END + 4 * DAY)
    worker(END + 4 * DAY)
    worker(END + 9 * DAY)

    counted = Counter(kind for kind, _, _ in mails(unit) if kind in ("missed", "waited"))
    assert counted == {"missed": 5, "waited": 1}


@pytest.mark.usefixtures("lunch")
def test_without_a_recording_the_questions_go_after_a_week_and_who_waited_is_left_alone(
    unit: Unit_, site: Site, worker: Worker
) -> None:
    book(unit, site, "ana", "ben", "cleo", "dev", "eve", "waiting")
    worker(END)
    worker(END + WEEK - MINUTE)
    before = [line for line in mails(unit) if line[0] in ("missed", "waited")]
    worker(END + WEEK)
    record_it(unit, END + WEEK + MINUTE)
    worker(END + WEEK + DAY)

    assert before == []
    assert Counter(kind for kind, _, _ in mails(unit) if kind in ("missed", "waited")) == {"missed": 5}


@pytest.mark.usefixtures("lunch")
def test_who_came_by_the_report_of_the_next_day_is_asked_and_not_told_that_they_missed_it(
    unit: Unit_, site: Site, worker: Worker
) -> None:
    book(unit, site, "ana", "ben")
    note_presence(unit, "ana")
    record_it(unit, END)
    worker(END + HOUR)
    note_presence(unit, "ben")
    worker(END + DAY)

    assert [line for line in mails(unit) if not line[0].startswith("reminder")] == sent("came ana", "came ben")


@pytest.mark.usefixtures("lunch")
def test_a_plan_that_changes_sends_what_it_says_now(unit: Unit_, site: Site, worker: Worker) -> None:
    book(unit, site, "ana")
    change_plan(unit, MailPlan((Span(2, Unit.DAYS), Span(1, Unit.HOURS)), None, None, None))
    worker(START - WEEK)
    worker(START - DAY)
    assert mails(unit) == sent("reminder-2d ana")
    change_plan(unit, MailPlan((Span(3, Unit.DAYS), Span(2, Unit.HOURS)), None, None, None), START - DAY)
    worker(START - HOUR)
    worker(END + WEEK)

    # Three days before had passed when it was chosen; nobody gets that one late.
    assert mails(unit) == sent("reminder-2d ana", "reminder-2h ana")


@pytest.mark.usefixtures("lunch")
def test_a_follow_up_whose_moment_is_changed_after_it_went_does_not_go_again(
    unit: Unit_, site: Site, worker: Worker
) -> None:
    book(unit, site, "ana")
    note_presence(unit, "ana")
    worker(END + HOUR)
    change_plan(unit, MailPlan((), Span(5, Unit.HOURS), USUAL.missed, None), END + 2 * HOUR)
    worker(END + 5 * HOUR)
    worker(END + WEEK)

    assert [line for line in mails(unit) if not line[0].startswith("reminder")] == sent("came ana")


@pytest.mark.usefixtures("lunch")
def test_a_follow_up_that_waits_for_the_recording_still_does_when_its_moment_is_changed(
    unit: Unit_, site: Site, worker: Worker
) -> None:
    """To one that has passed, too: it was not sent, so there is nothing to make up for."""
    book(unit, site, "ana")
    worker(END + 2 * DAY)
    change_plan(unit, MailPlan((), None, Span(12, Unit.HOURS), None), END + 2 * DAY)
    worker(END + 2 * DAY + HOUR)
    record_it(unit, END + 3 * DAY)
    worker(END + 3 * DAY)

    assert [line for line in mails(unit) if not line[0].startswith("reminder")] == sent("missed ana")


@pytest.mark.usefixtures("lunch")
def test_clocks_that_go_back_and_forward_neither_repeat_nor_skip(
    unit: Unit_, site: Site, worker: Worker, clock: time_machine.Traveller
) -> None:
    """R20: the worker's own clock is wrong for a while, in both directions."""
    book(unit, site, "ana")
    for moment in (
        START - WEEK,
        START - 2 * WEEK,
        START - WEEK + MINUTE,
        START - DAY,
        START - 3 * DAY,
        START - DAY + HOUR,
        START - HOUR,
        START - DAY,
        START - MINUTE,
    ):
        clock.move_to(moment)
        worker()
        with unit():
            promise_coming_steps(at=moment)

    assert mails(unit) == sent("reminder-7d ana", "reminder-1d ana", "reminder-1h ana")


def test_an_event_from_before_there_were_plans_is_promised_by_the_daily_tidying(
    unit: Unit_, site: Site, worker: Worker
) -> None:
    with unit():
        make_event(slug="lunch", starts_at=START)  # published without a promise
    book(unit, site, "ana")
    worker(START - WEEK - DAY)
    worker(START - WEEK)

    assert mails(unit) == sent("reminder-7d ana")


def test_what_had_passed_when_an_event_was_published_is_not_made_up_for(
    unit: Unit_, site: Site, worker: Worker
) -> None:
    with unit():
        event: Event = make_event(slug="lunch", starts_at=NOW + 2 * DAY, published=False)
        publish_event(event.id, site=context.site(), at=NOW, actor=None)
    book(unit, site, "ana")
    worker(NOW)
    assert mails(unit) == []
    worker(NOW + DAY)

    assert mails(unit) == sent("reminder-1d ana")
