"""When the mails of a plan are due, and which plans are refused (R19, R20)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.bookings.errors import (
    FollowUpRangeError,
    ReminderRangeError,
    SameReminderError,
    TooManyRemindersError,
)
from engage.bookings.mail_plan import (
    USUAL,
    MailPlan,
    Span,
    Unit,
    check_plan,
    moment,
    read_plan,
    steps_of,
    store_plan,
)
from engage.kernel.errors import EngageError
from engage.kernel.when import local_time

DAY, HOUR = Span(1, Unit.DAYS), Span(1, Unit.HOURS)
START = datetime(2027, 3, 31, 11, 30, tzinfo=UTC)  # 12:30pm in London
SPANS = st.builds(Span, st.integers(1, 21), st.sampled_from([Unit.HOURS, Unit.DAYS]))
PLANS = st.builds(
    MailPlan,
    st.lists(SPANS, max_size=5, unique_by=Span.length).map(tuple),
    *(st.none() | SPANS for _ in range(3)),
)


def plan(*reminders: Span, came: Span | None = None) -> MailPlan:
    return MailPlan(reminders, came, None, None)


def test_the_usual_plan_has_three_reminders_and_one_follow_up_for_each_kind_of_person() -> None:
    steps = steps_of(read_plan(None), starts_at=START, ends_at=START + timedelta(hours=1), timezone="Europe/London")

    assert [(step.key, step.due.isoformat()) for step in steps] == [
        ("reminder-7d", "2027-03-24T12:30:00+00:00"),  # 12:30pm there as well: the clocks go forward in between
        ("reminder-1d", "2027-03-30T11:30:00+00:00"),
        ("reminder-1h", "2027-03-31T10:30:00+00:00"),
        ("came", "2027-03-31T13:30:00+00:00"),
        ("missed", "2027-04-01T12:30:00+00:00"),
        ("waited", "2027-04-01T12:30:00+00:00"),
    ]


@pytest.mark.parametrize(
    ("start", "span", "zone", "due"),
    [
        # London goes forward on Sunday 28 March 2027 at 1am: 2am is 1am UTC.
        ("2027-03-28T09:00+01:00", DAY, "Europe/London", "2027-03-27T09:00+00:00"),  # 23 hours
        ("2027-03-28T09:00+01:00", Span(24, Unit.HOURS), "Europe/London", "2027-03-27T08:00+00:00"),
        ("2027-03-29T09:00+01:00", DAY, "Europe/London", "2027-03-28T09:00+01:00"),
        ("2027-03-29T01:30+01:00", DAY, "Europe/London", "2027-03-28T02:30+01:00"),  # 1:30am does not exist
        # London goes back on Sunday 31 October 2027 at 2am.
        ("2027-10-31T09:00+00:00", DAY, "Europe/London", "2027-10-30T09:00+01:00"),  # 25 hours
        ("2027-10-31T09:00+00:00", Span(24, Unit.HOURS), "Europe/London", "2027-10-30T10:00+01:00"),
        ("2027-11-01T01:30+00:00", DAY, "Europe/London", "2027-10-31T01:30+01:00"),  # the first of two
        ("2027-10-31T02:30+00:00", HOUR, "Europe/London", "2027-10-31T01:30+00:00"),  # the second of two
        ("2027-11-07T09:00-05:00", Span(7, Unit.DAYS), "America/New_York", "2027-10-31T09:00-04:00"),
        ("2027-06-01T00:10+05:30", Span(30, Unit.MINUTES), "Asia/Kolkata", "2027-05-31T23:40+05:30"),
    ],
)
def test_days_keep_the_wall_time_and_hours_are_counted(start: str, span: Span, zone: str, due: str) -> None:
    assert moment(datetime.fromisoformat(start), span, zone, sign=-1) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("end", "due"),
    [
        ("2027-03-27T10:00+00:00", "2027-03-28T10:00+01:00"),
        ("2027-10-30T10:00+01:00", "2027-10-31T10:00+00:00"),
        ("2027-03-27T01:30+00:00", "2027-03-28T02:30+01:00"),
    ],
)
def test_a_day_after_the_end_keeps_the_wall_time_too(end: str, due: str) -> None:
    assert moment(datetime.fromisoformat(end), DAY, "Europe/London", sign=1) == datetime.fromisoformat(due)


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(lambda day: day.replace(tzinfo=UTC)),  # noqa: DTZ001
    days=st.integers(1, 60),
    zone=st.sampled_from(["Europe/London", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_a_day_before_is_the_same_wall_time_unless_the_clocks_jump_over_it(
    start: datetime, days: int, zone: str
) -> None:
    due = moment(start, Span(days, Unit.DAYS), zone, sign=-1)
    wall, then = local_time(start, zone).replace(tzinfo=None), local_time(due, zone).replace(tzinfo=None)

    assert due.utcoffset() == timedelta()
    assert then - (wall - timedelta(days=days)) in {timedelta(), timedelta(minutes=30), timedelta(hours=1)}


@given(PLANS)
def test_a_plan_is_read_as_it_was_stored(kept: MailPlan) -> None:
    assert read_plan(store_plan(kept)) == kept


def test_the_usual_plan_is_stored_as_none_so_that_it_can_change_for_all() -> None:
    assert store_plan(USUAL) is None


def test_reminders_are_kept_in_the_order_in_which_they_are_sent() -> None:
    checked = check_plan(plan(HOUR, Span(90, Unit.MINUTES), Span(2, Unit.DAYS), DAY))

    assert [span.key for span in checked.reminders] == ["2d", "1d", "90m", "1h"]


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (plan(*(Span(n, Unit.DAYS) for n in range(1, 7))), TooManyRemindersError),
        (plan(DAY, Span(24, Unit.HOURS)), SameReminderError),
        (plan(Span(9, Unit.MINUTES)), ReminderRangeError),
        (plan(Span(61, Unit.DAYS)), ReminderRangeError),
        (plan(came=Span(22, Unit.DAYS)), FollowUpRangeError),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_by_name(refused: MailPlan, error: type[EngageError]) -> None:
    with pytest.raises(error) as caught:
        check_plan(refused)
    assert "{" not in caught.value.text()


def test_nothing_at_all_is_a_plan() -> None:
    assert steps_of(check_plan(plan()), starts_at=START, ends_at=START, timezone="Europe/London") == []
