"""Reports of meeting tools as they write them: the same people and minutes come out of every shape (S24, S47)."""

import csv
import io
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.bookings.attendance_report import Fault, ReportHeadingsError, read_report, seconds_of
from engage.kernel.errors import InvalidError
from engage.kernel.tables import TableError

ZOOM_MEETING = """\ufeffMeeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants
812 3456 7890,Three views over lunch,31/03/2027 12:22,31/03/2027 13:36,asha@example.org,74,3

Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room
Cleo Sample,cleo@example.org,31/03/2027 12:28,31/03/2027 12:50,22,Yes,,No
"Sample, Dev (dev)",Dev@Example.org,31/03/2027 12:30,31/03/2027 13:30,60,Yes,,No
Cleo Sample,cleo@example.org,31/03/2027 12:55,31/03/2027 13:25,30,Yes,,No
iPhone,,31/03/2027 12:55,31/03/2027 13:25,30,Yes,,No
"""
ZOOM_WEBINAR = """Attendee Report
Report Generated:,31/03/2027 14:00
Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered
Three views over lunch,812 3456 7890,31/03/2027 12:22,74,2,
Host Details,
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Country/Region Name,
Yes,Asha Okafor,asha@example.org,31/03/2027 12:22,31/03/2027 13:36,75,United Kingdom,
Attendee Details,
Attended,User Name (Original Name),First Name,Last Name,Email,Registration Time,Join Time,Time in Session (minutes),
Yes,Cleo Sample,Cleo,Sample,cleo@example.org,20/03/2027 09:00,31/03/2027 12:28,52,
No,Dev Sample,Dev,Sample,dev@example.org,21/03/2027 09:00,--,--,
"""
TEAMS = """1. Summary
Meeting title\tThree views over lunch
Attended participants\t2
Start time\t3/31/27, 12:22:10 PM
Meeting duration\t1h 14m 2s
Average attendance time\t56m

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Sample, Cleo\t3/31/27, 12:28:00 PM\t3/31/27, 1:25:00 PM\t52m 10s\tcleo@example.org\tcleo@example.org\tAttendee
Dev Sample\t3/31/27, 12:30:00 PM\t3/31/27, 1:32:03 PM\t1h 2m 3s\t\tdev@example.org\tAttendee

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Sample, Cleo\t3/31/27, 12:28:00 PM\t3/31/27, 12:50:00 PM\t22m\tcleo@example.org\tAttendee
Sample, Cleo\t3/31/27, 12:55:00 PM\t3/31/27, 1:25:10 PM\t30m 10s\tcleo@example.org\tAttendee
"""
MEET = """First name,Last name,Email,Duration,Time joined,Time exited
Cleo,Sample,cleo@example.org,52 min,12:28 PM,1:20 PM
Dev,Sample,dev@example.org,1 hr 2 min,12:30 PM,1:32 PM
"""
BY_HAND = "E-mail;Minuten;Minutes\r\ncleo@example.org;x;52,5\r\ndev@example.org;;00:52:10\r\n"


def people(text: str, encoding: str = "utf-8") -> dict[str, tuple[str, int]]:
    return {one.email: (one.name, one.minutes) for one in read_report(text.encode(encoding)).attendees}


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        (
            ZOOM_MEETING,
            "utf-8",
            {"cleo@example.org": ("Cleo Sample", 52), "dev@example.org": ("Sample, Dev (dev)", 60)},
        ),
        (
            ZOOM_WEBINAR,
            "utf-8",
            {
                "asha@example.org": ("Asha Okafor", 75),
                "cleo@example.org": ("Cleo Sample", 52),
                "dev@example.org": ("Dev Sample", 0),
            },
        ),
        (TEAMS, "utf-16", {"cleo@example.org": ("Sample, Cleo", 52), "dev@example.org": ("Dev Sample", 62)}),
        (MEET, "utf-8-sig", {"cleo@example.org": ("Cleo Sample", 52), "dev@example.org": ("Dev Sample", 62)}),
        (BY_HAND, "utf-8", {"cleo@example.org": ("", 52), "dev@example.org": ("", 52)}),
    ],
    ids=["Zoom meeting", "Zoom webinar", "Teams", "Meet", "by hand"],
)
def test_the_report_of_each_tool_is_read(text: str, encoding: str, expected: dict[str, tuple[str, int]]) -> None:
    assert people(text, encoding) == expected


def test_each_row_that_says_nothing_is_kept_with_its_line_and_why() -> None:
    report = read_report(
        b"name,email,minutes\nCleo,cleo@example.org,52\niPhone,,30\nDev,dev at example,5\nEve,eve@example.org,soon\n"
        b"Fay,fay@example.org\n"
    )

    assert [one.email for one in report.attendees] == ["cleo@example.org"]
    assert [(row.line, row.name, row.fault) for row in report.unusable] == [
        (3, "iPhone", Fault.NO_ADDRESS),
        (4, "Dev", Fault.BAD_ADDRESS),
        (5, "Eve", Fault.BAD_DURATION),
        (6, "Fay", Fault.BAD_DURATION),
    ]


def test_somebody_who_left_and_came_back_is_one_person_of_several_lines() -> None:
    cleo = read_report(ZOOM_MEETING.encode()).attendees[0]

    assert (cleo.email, cleo.minutes, cleo.lines) == ("cleo@example.org", 52, (5, 7))


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("52", 3120),
        ("0", 0),
        ("52.5", 3150),
        ("52,5", 3150),
        ("52 min", 3120),
        ("52m 10s", 3130),
        ("52m10s", 3130),
        ("1h 2m 3s", 3723),
        ("1 hr 2 min", 3720),
        ("1 hour, 2 minutes", 3720),
        ("00:52:10", 3130),
        ("1:02:03", 3723),
        (" 45 secs ", 45),
    ],
)
def test_a_duration_is_read_as_tools_write_it(words: str, seconds: int) -> None:
    assert seconds_of(words) == seconds


@pytest.mark.parametrize(
    "words",
    ["", "--", "soon", "52:10", "-5", "１２", "1_000", "NaN", "1e5", "5 parsecs", "2m 3m", "9999", "25:00:00", "inf"],
)
def test_a_duration_that_may_mean_two_things_or_nothing_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"duration|longer"):
        seconds_of(words)


def test_a_heading_may_say_that_it_counts_seconds() -> None:
    assert people("email,duration (seconds)\ncleo@example.org,3130\n") == {"cleo@example.org": ("", 52)}


def test_less_than_a_minute_counts_as_one() -> None:
    assert people("email,duration\ncleo@example.org,10s\ndev@example.org,0\n") == {
        "cleo@example.org": ("", 1),
        "dev@example.org": ("", 0),
    }


@pytest.mark.parametrize(
    "text", ["a,b\nc,d\n", "email\ncleo@example.org\n", "minutes\n52\n", "Full Name\tUser Action\n"]
)
def test_a_table_without_addresses_and_durations_is_refused(text: str) -> None:
    with pytest.raises(ReportHeadingsError):
        read_report(text.encode())


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: ("email,minutes\n" + text).encode()))
def test_any_bytes_are_a_report_or_refused_by_name(data: bytes) -> None:
    with suppress(TableError, ReportHeadingsError):
        report = read_report(data)
        assert all(one.minutes >= 0 and "@" in one.email for one in report.attendees)


@given(st.text(max_size=30))
def test_any_words_are_a_duration_or_refused(words: str) -> None:
    with suppress(ValueError):
        assert 0 <= seconds_of(words) <= 24 * 3600


@given(
    stays=st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 600)), max_size=20),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    written=st.sampled_from(["{0}", "{0} min", "{1:02}:{2:02}:00", "{1}h {2}m 0s"]),
)
def test_minutes_of_one_person_add_up_whatever_the_shape(
    stays: list[tuple[str, int]], delimiter: str, encoding: str, written: str
) -> None:
    text = io.StringIO(newline="")
    rows = [(who, f"{who.upper()}@example.org", written.format(m, m // 60, m % 60)) for who, m in stays]
    csv.writer(text, delimiter=delimiter).writerows([("Name", "Email", "Duration"), *rows])

    found = {one.email: one.minutes for one in read_report(text.getvalue().encode(encoding)).attendees}

    assert found == {f"{who}@example.org": sum(m for w, m in stays if w == who) for who, _ in stays}


def test_the_largest_report_is_read_within_a_second() -> None:
    """S44."""
    lines = [f"Person {n},person{n}@example.org,52 min" for n in range(9_999)]
    data = "\n".join(["name,email,duration", *lines]).encode()
    began = time.process_time()

    assert len(read_report(data).attendees) == 9_999
    assert time.process_time() - began < 2  # a second, on a machine half as fast


def test_a_refusal_is_a_sentence_for_people() -> None:
    error: InvalidError = ReportHeadingsError()
    assert error.field == "file"
    assert str(error).endswith(".")
