"""The whole loop through HTTP and the outbox: publish, book, invite, move, join, comment, decide, read, withdraw."""

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from tests.conftest import SentMail
from tests.factories import make_consultation, make_person, sign_in
from tests.journeys.reader import Reader, calendar_part, link_in, words_of_mail
from tests.pages import Page

Unit = Callable[[], AbstractContextManager[Session]]
Outbox = Callable[[], list[SentMail]]
Worker = Callable[..., int]

STARTS = datetime(2026, 9, 24, 11, 30, tzinfo=UTC)
EVENT = {
    "title": "Trains beyond the city",
    "summary": "What would bring the train back to small towns?",
    "description": "Three views, then **your** questions.",
    "date": "2026-09-24",
    "start_time": "12:30",
    "end_time": "13:30",
    "timezone": "Europe/London",
    "capacity": "20",
    "join_url": "https://meet.example/trains",
}
QUESTION = "/consultations/levelling-up/questions/2/"
USES = {"publish": "yes", "quote": "yes", "government": "yes", "share": "yes"}
ABOUT = {"question": "levelling-up:2", **USES}


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Reader]:
    """Give a function that signs somebody in."""

    def reader(email: str) -> Reader:
        made = Reader(app.test_client())
        assert sign_in(made.client, email).status_code == 303
        return made

    return reader


@pytest.fixture
def asha(unit: Unit, clock: time_machine.Traveller, signed_in: Callable[[str], Reader]) -> Reader:
    """Give Asha, who organises, at her desk; a consultation and the other people are there."""
    with unit():
        make_person("asha@example.org", "organiser")
        make_person("mo@example.org", "moderator")
        make_person("dev@example.org", "member")
        make_consultation()
    return signed_in("asha@example.org")


@pytest.fixture
def visitor(app: Flask) -> Reader:
    """Give somebody without an account."""
    return Reader(app.test_client())


@pytest.fixture
def path(asha: Reader) -> str:
    """Give the address of an event that Asha made, with a speaker and a question, and published."""
    desk = asha.send("/organise/events/new", **EVENT).headers["Location"]
    asha.send(f"{desk}speakers", name="Ben Okafor", role_title="Planner", organisation="Rail Futures", role="speaker")
    second = re.findall(r'name="questions" value="([^"]+)"', asha.open(f"{desk}questions").answer.text)[1]
    asha.send(f"{desk}questions", questions=second)
    asha.send(desk, to="/publish")
    return desk.removeprefix("/organise")


def book(reader: Reader, path: str, email: str = "cleo@example.org", name: str = "Cleo Bell") -> str:
    """Book a place; return where the answer leads."""
    sent = reader.send(f"{path}book", name=name, email=email, organisation="Bus Users")
    return str(sent.headers["Location"])


def mails(outbox: Outbox, kind: str) -> list[SentMail]:
    """Return the mails of a kind."""
    return [mail for mail in outbox() if mail.kind == kind]


def bookings_file(asha: Reader, path: str) -> list[dict[str, str]]:
    """Return the rows of the file that an organiser downloads."""
    answer = asha.client.get(f"/organise{path}bookings.csv")
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_a_published_event_is_found_everywhere_and_a_draft_nowhere(asha: Reader, visitor: Reader) -> None:
    desk = asha.send("/organise/events/new", **EVENT).headers["Location"]
    path = desk.removeprefix("/organise")
    visitor.open(path, 404)
    assert EVENT["title"] not in visitor.open("/events/").text

    asha.send(desk, to="/publish")

    for page in ("/", "/events/", path):
        assert EVENT["title"] in visitor.open(page).text, page
    page = visitor.open(path)
    assert "12:30pm to 1:30pm, UK time (BST)" in page.text
    assert "Thursday 24 September 2026" in page.text
    assert "<strong>your</strong>" in page.answer.text


def test_event_and_question_lead_to_each_other(path: str, visitor: Reader) -> None:
    assert "Ben Okafor" in visitor.open(path).text
    assert "Rail Futures" in visitor.open(path).text
    assert visitor.link(path, QUESTION) == QUESTION
    assert visitor.link(QUESTION, path) == path


def test_booking_twice_says_the_same_and_invites_once(
    path: str, visitor: Reader, outbox: Outbox, worker: Worker
) -> None:
    first, second = book(visitor, path), book(visitor, path, "CLEO@example.org")
    worker()

    assert first == second
    assert "You’re booked" in visitor.open(first).text
    assert [mail.kind for mail in outbox()] == ["invitation", "already_booked"]
    invitation, again = (mail.mail for mail in outbox())
    method, entry = calendar_part(invitation)
    assert (method, entry["SEQUENCE"], str(entry["SUMMARY"])) == ("REQUEST", 0, EVENT["title"])
    assert str(entry["ATTENDEE"]).lower() == "mailto:cleo@example.org"
    assert link_in(invitation, "/bookings/") == link_in(again, "/bookings/")
    assert "Ben Okafor" in words_of_mail(invitation)


def test_moving_an_event_updates_what_stands_in_calendars(
    asha: Reader, path: str, visitor: Reader, outbox: Outbox, worker: Worker
) -> None:
    book(visitor, path)
    asha.send(f"/organise{path}edit", **{**EVENT, "start_time": "14:00", "end_time": "15:00"})
    worker()

    _, before = calendar_part(mails(outbox, "invitation")[0].mail)
    method, after = calendar_part(mails(outbox, "moved")[0].mail)
    assert (method, after["SEQUENCE"], after["UID"]) == ("REQUEST", 1, before["UID"])
    assert after["DTSTART"].dt.astimezone(UTC) == STARTS + timedelta(minutes=90)
    assert "2pm to 3pm, UK time (BST)" in visitor.open(path).text


def test_the_private_link_cancels_once_and_frees_the_place(
    asha: Reader, path: str, visitor: Reader, outbox: Outbox, worker: Worker
) -> None:
    book(visitor, path)
    worker()
    private = link_in(mails(outbox, "invitation")[0].mail, "/bookings/")
    assert EVENT["title"] in visitor.open(private).text

    visitor.send(f"{private}cancel", to="/cancel")
    visitor.open(f"{private}cancel")
    worker()

    (cancelled,) = mails(outbox, "booking_cancelled")
    method, entry = calendar_part(cancelled.mail)
    assert (method, entry["SEQUENCE"], str(entry["STATUS"])) == ("CANCEL", 1, "CANCELLED")
    assert [(row["name"], row["status"]) for row in bookings_file(asha, path)] == [("Cleo Bell", "cancelled")]
    assert book(visitor, path).endswith("result=place")


def test_the_join_link_counts_down_then_leads_in_then_leads_on(
    path: str,
    visitor: Reader,
    outbox: Outbox,
    worker: Worker,
    clock: time_machine.Traveller,
    signed_in: Callable[[str], Reader],
) -> None:
    book(visitor, path)
    worker()
    join = link_in(mails(outbox, "invitation")[0].mail, "/join/")
    assert "The doors open on Thursday 24 September 2026 at 12:15pm" in visitor.open(join).text
    assert visitor.client.post(join).status_code == 409

    clock.move_to(STARTS - timedelta(minutes=10))
    inside = visitor.send(join, to=join, status=200)
    assert EVENT["join_url"] in inside.headers["Refresh"]
    assert EVENT["join_url"] in inside.text

    clock.move_to(STARTS + timedelta(hours=2))
    assert visitor.client.post(join).status_code == 409
    assert visitor.link(join, "pass=").startswith(f"{path}comments/?pass=")
    rows = bookings_file(signed_in("asha@example.org"), path)
    assert [row["attendance"] for row in rows] == ["attended"]


def test_cancelling_an_event_tells_each_person_once(
    asha: Reader, path: str, visitor: Reader, outbox: Outbox, worker: Worker
) -> None:
    for name in ("cleo", "dan", "eve"):
        book(visitor, path, f"{name}@example.org", name.title())
    form, where = asha.find_form(f"/organise{path}cancel", "", {"reason"})
    for _ in range(2):  # a double click
        asha.client.post(where, data={**form.values, "reason": "The speaker is ill."})
    worker()
    worker()

    told = mails(outbox, "event_cancelled")
    assert sorted(mail.to for mail in told) == ["cleo@example.org", "dan@example.org", "eve@example.org"]
    for mail in told:
        method, entry = calendar_part(mail.mail)
        assert (method, str(entry["STATUS"]), entry["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
        assert "The speaker is ill." in words_of_mail(mail.mail)
    assert "The speaker is ill." in visitor.open(path).text


def test_what_people_say_is_decided_read_and_taken_back(
    path: str,
    visitor: Reader,
    outbox: Outbox,
    worker: Worker,
    clock: time_machine.Traveller,
    signed_in: Callable[[str], Reader],
) -> None:
    book(visitor, path)
    worker()
    invitation = mails(outbox, "invitation")[0].mail
    private, join = link_in(invitation, "/bookings/"), link_in(invitation, "/join/")
    clock.move_to(STARTS + timedelta(days=1))
    by_pass = visitor.link(join, "pass=")
    dev, mo = signed_in("dev@example.org"), signed_in("mo@example.org")

    answers = {
        "anonymous": visitor.send(by_pass, body="Trains must run late.", attribution="anonymous", **ABOUT),
        "pseudonym": visitor.send(
            by_pass, body="Let bicycles on.", attribution="pseudonym", display_name="A rider", **ABOUT
        ),
        "named": visitor.send(
            f"{private}comment", body="Keep the staff.", attribution="named", display_name="Cleo Bell", **ABOUT
        ),
        "organisation": dev.send(
            f"{path}comments/",
            body="Join up the tickets.",
            attribution="organisation",
            display_name="Bus Users",
            **ABOUT,
        ),
        "not published": visitor.send(
            "/consultations/levelling-up/respond",
            answer__2="Lower the fares.",
            attribution="not_published",
            email="eve@example.org",
            **USES,
        ),
        "refused": visitor.send(by_pass, body="Buy my boat.", attribution="anonymous", **ABOUT),
    }
    receipts = {way: answer.headers["Location"] for way, answer in answers.items()}
    assert "Trains must run late." not in visitor.open(QUESTION).text

    for link in waiting(mo):
        if "Buy my boat." in mo.open(link).text:
            mo.send(link, action="refuse", reason_code="spam", note="Not about trains.")
        else:
            mo.send(link, action="publish")

    page = visitor.open(QUESTION)
    for words in ("run late.", "Let bicycles on.", "Keep the staff.", "Join up the tickets.", "Lower the fares."):
        assert words in page.text
    for name in (
        "A rider",
        "Cleo Bell",
        "Bus Users",
        "Comment after the webinar of 24 September",
        "Answer in writing",
        "Name not published",
    ):
        assert name in page.text
    assert "Buy my boat." not in page.text
    assert "eve@example.org" not in page.answer.text
    assert counted(page) == {"Together": "5", "Answers only": "1", "Comments only": "4"}
    assert "Lower the fares." not in visitor.open(f"{QUESTION}?show=comments").text
    assert "Keep the staff." not in visitor.open(f"{QUESTION}?show=answers").text
    assert "Not about trains." in visitor.open(receipts["refused"]).text

    visitor.send(f"{receipts['anonymous']}withdraw", to="/withdraw")

    page = visitor.open(QUESTION)
    assert "Trains must run late." not in page.answer.text
    assert "took it back" in page.text
    assert counted(page) == {"Together": "4", "Answers only": "1", "Comments only": "3"}


def test_a_reminder_leads_in_and_the_mail_afterwards_leads_to_the_question(
    path: str,
    visitor: Reader,
    outbox: Outbox,
    worker: Worker,
    clock: time_machine.Traveller,
    signed_in: Callable[[str], Reader],
) -> None:
    book(visitor, path)
    book(visitor, path, "dan@example.org", "Dan")
    clock.move_to(STARTS - timedelta(days=1))
    worker()
    clock.move_to(STARTS - timedelta(minutes=10))
    reminders = {mail.to: mail.mail for mail in mails(outbox, "reminder")}
    assert set(reminders) == {"cleo@example.org", "dan@example.org"}
    join = link_in(reminders["cleo@example.org"], "/join/")
    visitor.send(join, to=join, status=200)
    clock.move_to(STARTS + timedelta(hours=2))
    worker()
    (came,) = mails(outbox, "came")
    assert came.to == "cleo@example.org"
    assert "What about number 2?" in words_of_mail(came.mail)
    form = link_in(came.mail, f"{path}comments/")
    said = visitor.send(form, body="Trains must run late.", attribution="anonymous", **ABOUT)

    assert "/receipts/" in said.headers["Location"]
    clock.move_to(STARTS + timedelta(days=2))
    asha = signed_in("asha@example.org")
    asha.send(f"/organise{path}recording", recording_url="https://video.example/trains")
    worker()
    (missed,) = mails(outbox, "missed")
    assert missed.to == "dan@example.org"
    assert "https://video.example/trains" in words_of_mail(missed.mail)
    assert [mail.to for mail in mails(outbox, "came")] == ["cleo@example.org"]


def counted(page: Page) -> dict[str, str]:
    """Return the counts of a question's page, each by its unit."""
    return dict(re.findall(r"(Together|Answers only|Comments only) \((\d+)\)", page.text))


def waiting(mo: Reader) -> list[str]:
    """Return the pages of the responses that wait for a decision."""
    links = [link.get("href") or "" for link in mo.open("/organise/responses/").tree.iter("a")]
    return sorted({link for link in links if re.fullmatch(r"/organise/responses/[0-9a-f-]{36}(?:\?.*)?", link)})
