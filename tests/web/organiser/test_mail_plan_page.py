"""The page of an event's reminders and follow-up: what goes when, changed, refused, and both texts when two write."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.mail_plan import MailPlan, Span, Unit, read_plan
from engage.bookings.models import Booking
from engage.edge import context
from engage.events.models import Event
from engage.flows.publishing import publish_event, set_recording
from tests.factories import hidden, make_booking, make_event, sign_in
from tests.pages import Page, faults
from tests.web.organiser.conftest import Send

Unit_ = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
START = datetime(2026, 10, 26, 12, 0, tzinfo=UTC)  # the Monday after the clocks go back in London
END = START + timedelta(hours=1)
DAY = timedelta(days=1)
PAGE = "/organise/events/lunch/mails"
DESK = "/organise/events/lunch/"


@pytest.fixture(autouse=True)
def event(unit: Unit_, clock: time_machine.Traveller) -> None:
    """Make a webinar in October with two people who booked, one of whom wants no reminders."""
    with unit():
        event = make_event(slug="lunch", starts_at=START, published=False)
        publish_event(event.id, site=context.site(), at=NOW, actor=None)
        make_booking(event)
        make_booking(event, "ben@example.org").reminders = False


def stored(unit: Unit_) -> MailPlan:
    with unit() as session:
        return read_plan(session.scalars(select(Event)).one().mail_plan)


def rows(client: FlaskClient, address: str = PAGE, section: str = "steps") -> list[str]:
    """Return the words of each row of the plan, as the page shows it."""
    page = Page(client.get(address))
    assert faults(page.answer) == []
    (found,) = [node for node in page.tree.iter("section") if node.get("id") == section]
    return [" ".join("".join(node.itertext()).split()) for node in found.iter("li")]


def sent_form(client: FlaskClient) -> dict[str, str]:
    """Return what the page's form sends as it stands."""
    (form,) = [form for form in Page(client.get(PAGE)).forms if form.action == PAGE]
    return form.values


def test_the_page_says_what_goes_when_in_the_events_zone_and_to_how_many(asha: FlaskClient) -> None:
    assert rows(asha) == [
        "Reminder, 7 days before the start midday (UK time) on Monday 19 October 2026 To come: one person as of now",
        "Reminder, 1 day before the start midday (UK time) on Sunday 25 October 2026 To come: one person as of now",
        "Reminder, 1 hour before the start 11am (UK time) on Monday 26 October 2026 To come: one person as of now",
        "Who came is asked about the questions 2pm (UK time) on Monday 26 October 2026 To come",
        "Who missed it gets the recording and the questions 1pm (UK time) on Tuesday 27 October 2026 To come",
        "Who waited and got no place gets the recording 1pm (UK time) on Tuesday 27 October 2026 To come",
    ]


def test_the_desk_shows_the_same_plan_and_what_became_of_it(
    unit: Unit_, asha: FlaskClient, worker: Callable[..., int], clock: time_machine.Traveller
) -> None:
    worker(START - 7 * DAY)
    worker(START - timedelta(hours=1))
    with unit() as session:
        session.scalars(select(Booking).where(Booking.reminders)).one().attendance = "attended"
    clock.move_to(START - timedelta(minutes=5))
    with unit() as session:
        make_booking(session.scalars(select(Event)).one(), "late@example.org")
    worker(END + timedelta(hours=1))
    clock.move_to(END + 2 * DAY)
    sign_in(asha, "asha@example.org")  # what was signed in weeks ago has ended
    states = [row.rpartition("2026 ")[2] for row in rows(asha, DESK, "plan")]

    assert "Mails wait for the recording" in asha.get(DESK).text
    assert states == [
        "Sent to one person",
        "This time has passed; nobody got it",  # the worker was away for a week: only the latest went
        "Sent to one person",
        "Sent to one person",
        "Waits for the recording",
        "Waits for the recording",
    ]
    with unit() as session:
        event_id = session.scalars(select(Event.id)).one()
        set_recording(event_id, recording_url="https://video.example.org/1", at=END + 2 * DAY, actor=None)
    worker(END + 2 * DAY)
    missed, waited = rows(asha, DESK, "plan")[-2:]
    assert missed.endswith("Sent to one person")
    assert waited.endswith("This time has passed; nobody got it")
    assert "Mails wait for the recording" not in asha.get(DESK).text


def test_the_plan_is_changed_and_the_page_shows_it_again(unit: Unit_, asha: FlaskClient, send: Send) -> None:
    """S36: the audit holds both plans."""
    given = {
        **sent_form(asha),
        "reminder-1-number": "90",
        "reminder-1-unit": "minutes",
        "reminder-2-number": "",
        "reminder-3-number": "2",
        "reminder-3-unit": "days",
        "missed-number": "36",
        "missed-unit": "hours",
    }
    del given["waited-on"]
    answer = asha.post(PAGE, data={**hidden(asha.get(PAGE)), **given})

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert stored(unit) == MailPlan(
        reminders=(Span(2, Unit.DAYS), Span(90, Unit.MINUTES)),
        came=Span(1, Unit.HOURS),
        missed=Span(36, Unit.HOURS),
        waited=None,
    )
    assert [row.partition(" start")[0] for row in rows(asha)][:2] == [
        "Reminder, 2 days before the",
        "Reminder, 90 minutes before the",
    ]
    assert sent_form(asha)["reminder-2-number"] == "90"
    assert "waited-on" not in sent_form(asha)
    with unit() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:event:plan-mails")).one()
        assert entry.before == {"mail_plan": None}
        assert entry.after is not None
        assert entry.after["mail_plan"]["waited"] is None


def test_everything_can_be_switched_off(unit: Unit_, asha: FlaskClient) -> None:
    given = {name: "" if name.endswith("-number") else value for name, value in sent_form(asha).items()}
    for kind in ("came", "missed", "waited"):
        del given[f"{kind}-on"]
    answer = asha.post(PAGE, data=given, follow_redirects=True)

    assert stored(unit) == MailPlan((), None, None, None)
    assert "Nothing is sent" in answer.text
    assert faults(answer) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"reminder-1-number": "soon"}, "Write a whole number in digits, such as 7."),
        ({"reminder-1-number": "٣"}, "Write a whole number in digits, such as 7."),
        ({"reminder-1-number": "61"}, "Send a reminder from 10 minutes to 60 days before the start."),
        ({"reminder-1-unit": "fortnights"}, "Choose from the list."),
        ({"reminder-4-number": "24", "reminder-4-unit": "hours"}, "Two reminders would be sent at the same time."),
        ({"came-number": ""}, "Say how long after the end, or untick it."),
        ({"missed-number": "22"}, "Send what follows the event within 21 days of its end."),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_and_nothing_typed_is_lost(
    unit: Unit_, asha: FlaskClient, typed: dict[str, str], sentence: str
) -> None:
    """R35, S24."""
    before = stored(unit)
    answer = asha.post(PAGE, data={**sent_form(asha), **typed, "reminder-5-number": "3"})

    assert answer.status_code == 422
    assert sentence in answer.text
    (form,) = [form for form in Page(answer).forms if form.action == PAGE]
    assert form.values["reminder-5-number"] == "3"
    assert stored(unit) == before


def test_a_stale_plan_shows_both_and_saves_nothing(unit: Unit_, asha: FlaskClient) -> None:
    """R11."""
    mine = {**sent_form(asha), "reminder-1-number": "5"}
    asha.post(PAGE, data={**sent_form(asha), "reminder-1-number": "6"})
    answer = asha.post(PAGE, data=mine)

    assert answer.status_code == 409
    for words in ("Two people changed this event", "6 days before", "5 days before"):
        assert words in answer.text
    assert stored(unit).reminders[0] == Span(6, Unit.DAYS)
    (form,) = [form for form in Page(answer).forms if form.action == PAGE]
    assert asha.post(PAGE, data=form.values).status_code == 303
    assert stored(unit).reminders[0] == Span(5, Unit.DAYS)


def test_a_form_without_a_version_is_stale(asha: FlaskClient) -> None:
    given = {name: value for name, value in sent_form(asha).items() if name != "version"}

    assert asha.post(PAGE, data=given).status_code == 409
