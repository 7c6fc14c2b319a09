"""Letters: who gets one and who does not, each address once, in batches, stopped by one click; and their words."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings import letters
from engage.bookings.enums import Attendance, BookingStatus, Segment
from engage.bookings.errors import LetterEmptyError, LinkInSubjectError, NobodyToWriteToError, PlaceholderError
from engage.bookings.letter_words import BRACES, check_words, fill_body, fill_subject
from engage.bookings.letters import letters_of, send_letter, send_test
from engage.bookings.models import Booking, Guest, Letter
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.segments import Audience, audience, readers
from engage.bookings.services import book_place, cancel_booking
from engage.bookings.stopping import set_reminders
from engage.edge import context
from engage.events.enums import AppearanceRole, AppearanceStatus
from engage.events.models import Appearance
from engage.events.services import add_speaker
from engage.mail.enums import MessageState
from engage.mail.faults import note_permanent
from engage.mail.models import Message
from engage.speakers.models import Speaker
from tests.factories import make_booking, make_event, make_person

Unit = Callable[[], AbstractContextManager[Session]]
Worker = Callable[..., int]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
TEXT = (
    "Dear {name},\n\nplease bring a spoon.\nSee https://spoons.example/all?a=1&b=2.\n\n{booking_link}\n{comment_link}"
)


@pytest.fixture
def event_id(clock: object, unit: Unit) -> UUID:
    """Let Cleo book, and Petra with Gwen and somebody unnamed; let Wim wait."""
    with unit():
        event = make_event(slug="lunch", title="Soup", capacity=4)
        make_booking(event, email="cleo@example.org", name="Cleo")
        guests = (GuestRequest("Gwen", "gwen@example.org"), GuestRequest("Hugo", ""))
        petra = PlaceRequest("Petra", "petra@example.org", "en", places=3, guests=guests)
        book_place(event.id, petra, site=context.site(), at=NOW)
        book_place(event.id, PlaceRequest("Wim", "wim@example.org", "en"), site=context.site(), at=NOW)
        return event.id


def write(unit: Unit, event_id: UUID, segment: Segment = Segment.BOOKED, body: str = TEXT) -> bool:
    with unit():
        return send_letter(event_id, segment, subject="About {event}", body=body, at=NOW, actor=None)[1]


def sent(unit: Unit) -> dict[str, EmailMessage]:
    """Return the letters that were sent, by address; nobody may have two."""
    with unit() as session:
        rows = session.execute(
            select(Message.to_addr, Message.bytes).where(Message.kind == "letter", Message.state == MessageState.SENT)
        ).all()
        assert len({row.to_addr for row in rows}) == len(rows)
        return {row.to_addr: message_from_bytes(row.bytes, policy=default) for row in rows}


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_each_person_with_a_place_gets_one_mail_of_their_own(unit: Unit, event_id: UUID, worker: Worker) -> None:
    assert write(unit, event_id)
    worker(NOW)
    mails = sent(unit)
    assert set(mails) == {"cleo@example.org", "petra@example.org", "gwen@example.org"}
    mail = mails["gwen@example.org"]
    assert mail["Subject"] == "About Soup"
    assert "This is a test" not in text_of(mail)
    assert mail["To"].addresses[0].addr_spec == "gwen@example.org"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Dear Gwen,\n\nplease bring a spoon.\nSee https://spoons.example/all?a=1&b=2.\n" in text_of(mail)
    assert "http://localhost/guests/" in text_of(mail)
    assert "because a place at this event was booked for you" in text_of(mail)
    assert '<a href="https://spoons.example/all?a=1&amp;b=2"' in text_of(mail, "html")
    assert ">Write a comment</a>" in text_of(mail, "html")


def test_a_double_click_and_a_second_organiser_send_it_once(unit: Unit, event_id: UUID, worker: Worker) -> None:
    assert write(unit, event_id)
    assert not write(unit, event_id), "before a worker came"
    worker(NOW)
    assert not write(unit, event_id), "after it"
    worker(NOW + timedelta(minutes=1))
    assert len(sent(unit)) == 3
    with unit() as session:
        assert session.scalars(select(Letter.people)).all() == [3]


def test_sent_once_more_it_goes_to_those_who_came_since(unit: Unit, event_id: UUID, worker: Worker) -> None:
    write(unit, event_id)
    worker(NOW)
    with unit() as session:
        cancel_booking(
            session.scalars(select(Booking.id).where(Booking.name == "Cleo")).one(), site=context.site(), at=NOW
        )
    write(unit, event_id)
    worker(NOW + timedelta(minutes=1))
    assert set(sent(unit)) == {"cleo@example.org", "petra@example.org", "gwen@example.org", "wim@example.org"}


def test_it_goes_in_batches_and_a_batch_done_twice_writes_nothing_twice(
    unit: Unit, event_id: UUID, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "BATCH", 1)
    write(unit, event_id)
    with unit() as session:
        number = session.scalars(select(Letter.id)).one()
        first = letters.send_letter_batch({"letter": str(number)}, site=context.site(), at=NOW)
        again = letters.send_letter_batch({"letter": str(number)}, site=context.site(), at=NOW)
        assert first == again is not None
    worker(NOW)
    assert len(sent(unit)) == 3
    with unit() as session:
        assert session.scalars(select(Letter.people)).all() == [3]


def test_the_count_says_who_gets_nothing_and_why(unit: Unit, event_id: UUID) -> None:
    with unit() as session:
        note_permanent("petra@example.org", "550 no such box", NOW)
        gwen = session.scalars(select(Guest).where(Guest.name == "Gwen")).one()
        set_reminders(gwen.id, on=False, at=NOW)
        guests = (GuestRequest("Cleo again", "cleo@example.org"),)
        booking = session.scalars(select(Booking).where(Booking.name == "Petra")).one()
        session.scalars(select(Guest).where(Guest.name == "Hugo")).one().email_normalised = guests[0].email
        session.flush()
        assert booking.status is BookingStatus.CONFIRMED
        counted = audience(event_id, Segment.BOOKED)
    assert counted == Audience(1, without_address=0, bounced=1, stopped=1, same_address=1)
    with unit():
        assert audience(event_id, Segment.WAITING) == Audience(1)


def test_segments_are_those_who_wait_came_missed_it_or_speak(unit: Unit, event_id: UUID) -> None:
    def names(segment: Segment) -> set[str]:
        return {reader.name for reader in readers(event_id, segment, limit=50)}

    with unit() as session:
        session.scalars(select(Booking).where(Booking.name == "Cleo")).one().attendance = Attendance.MISSED
        session.scalars(select(Guest).where(Guest.name == "Gwen")).one().attendance = Attendance.ATTENDED
        for name, status in (("Ada", AppearanceStatus.INVITED), ("Ben", AppearanceStatus.DECLINED)):
            appearance = add_speaker(
                event_id, name=name, role_title=None, organisation=None, role=AppearanceRole.SPEAKER, at=NOW, actor=None
            )
            appearance.status = status
            session.get_one(Speaker, appearance.speaker_id).email = f"{name.lower()}@example.org"
        session.flush()
        assert names(Segment.BOOKED) == {"Cleo", "Petra", "Gwen", "Hugo"}
        assert names(Segment.WAITING) == {"Wim"}
        assert names(Segment.ATTENDED) == {"Gwen"}
        assert names(Segment.MISSED) == {"Cleo"}
        assert names(Segment.SPEAKERS) == {"Ada"}
        assert audience(event_id, Segment.BOOKED).without_address == 1


def test_whoever_stops_such_mail_by_one_click_gets_neither_this_letter_nor_the_next(
    app: Flask, unit: Unit, event_id: UUID, worker: Worker, client: FlaskClient
) -> None:
    write(unit, event_id)
    worker(NOW)
    header = sent(unit)["gwen@example.org"]["List-Unsubscribe"]
    answer = client.post(header.strip("<>").removeprefix("http://localhost"), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    write(unit, event_id, body="Something else.")
    with unit():
        assert audience(event_id, Segment.BOOKED).stopped == 1
    worker(NOW + timedelta(minutes=1))
    with unit() as session:
        to = session.scalars(select(Message.to_addr).where(Message.kind == "letter")).all()
        assert sorted(to).count("gwen@example.org") == 1


def test_who_stops_or_cancels_while_a_letter_waits_does_not_get_it(unit: Unit, event_id: UUID, worker: Worker) -> None:
    write(unit, event_id)
    with unit() as session:
        number = session.scalars(select(Letter.id)).one()
        letters.send_letter_batch({"letter": str(number)}, site=context.site(), at=NOW)
        cleo = session.scalars(select(Booking.id).where(Booking.name == "Cleo")).one()
        cancel_booking(cleo, site=context.site(), at=NOW)
        set_reminders(session.scalars(select(Guest.id).where(Guest.name == "Gwen")).one(), on=False, at=NOW)
    worker(NOW)
    assert "cleo@example.org" not in sent(unit)
    assert "gwen@example.org" not in sent(unit)
    with unit():
        counts = letters_of(event_id)[0].counts
        assert counts[MessageState.DROPPED] == 2
        assert counts[MessageState.SENT] == 2, "Petra, and Wim who moved up"


def test_a_speaker_stops_letters_and_keeps_the_other_mail(
    unit: Unit, event_id: UUID, worker: Worker, client: FlaskClient
) -> None:
    with unit() as session:
        appearance = add_speaker(
            event_id, name="Ada", role_title=None, organisation=None, role=AppearanceRole.SPEAKER, at=NOW, actor=None
        )
        session.get_one(Speaker, appearance.speaker_id).email = "ada@example.org"
    write(unit, event_id, Segment.SPEAKERS, body="Hello {name}, see {event_link}")
    worker(NOW)
    mail = sent(unit)["ada@example.org"]
    assert "Hello Ada, see http://localhost/events/lunch/" in text_of(mail)
    assert "because you are in the line-up" in text_of(mail)
    path = mail["List-Unsubscribe"].strip("<>").removeprefix("http://localhost")
    assert "Stop letters about this event?" in client.get(path).text
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert "Letters are stopped" in client.get(path).text
    with unit() as session:
        assert session.scalars(select(Appearance.letters)).all() == [False]
        with pytest.raises(NobodyToWriteToError):
            send_letter(event_id, Segment.SPEAKERS, subject="S", body="B", at=NOW, actor=None)


def test_a_test_goes_to_its_author_alone_with_links_that_open_nothing(
    unit: Unit, event_id: UUID, worker: Worker, client: FlaskClient
) -> None:
    with unit():
        asha = make_person("asha@example.org", "organiser", name="Asha").id
        for _ in range(2):
            send_test(
                event_id,
                Segment.BOOKED,
                subject="About {event}",
                body=TEXT,
                name="Asha",
                address="asha@example.org",
                site=context.site(),
                at=NOW,
                actor=asha,
            )
    worker(NOW)
    mails = sent(unit)
    assert set(mails) == {"asha@example.org"}
    mail = mails["asha@example.org"]
    assert "Dear Asha," in text_of(mail)
    assert mail["Subject"] == "Test: About Soup"
    assert "This is a test: nobody else got it" in text_of(mail)
    assert mail["List-Unsubscribe"] is None
    assert "http://localhost/bookings/sample" in text_of(mail)
    assert client.get("/bookings/sample", follow_redirects=True).status_code == 404


def test_nobody_to_write_to_is_said(unit: Unit, event_id: UUID) -> None:
    with unit(), pytest.raises(NobodyToWriteToError):
        send_letter(event_id, Segment.ATTENDED, subject="S", body="B", at=NOW, actor=None)


@pytest.mark.parametrize(
    ("subject", "body", "segment", "error", "field"),
    [
        ("", "Text", Segment.BOOKED, LetterEmptyError, "subject"),
        ("S", " \n ", Segment.BOOKED, LetterEmptyError, "body"),
        ("S", "Hello {nmae}", Segment.BOOKED, PlaceholderError, "body"),
        ("Hello {}", "B", Segment.BOOKED, PlaceholderError, "subject"),
        ("S", "{join_link}", Segment.WAITING, PlaceholderError, "body"),
        ("S", "{booking_link}", Segment.SPEAKERS, PlaceholderError, "body"),
        ("{join_link}", "B", Segment.BOOKED, LinkInSubjectError, "subject"),
    ],
)
def test_what_cannot_be_filled_in_is_refused_with_what_can(
    subject: str, body: str, segment: Segment, error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as refused:
        check_words(subject, body, segment)
    assert refused.value.field == field  # type: ignore[attr-defined]
    if error is PlaceholderError:
        assert "You can use {name}, {event}, {when}, " in str(refused.value)


def test_what_a_placeholder_brings_is_filled_in_no_further() -> None:
    values = {"name": "{event} https://evil.example", "event": "Soup"}
    assert fill_subject("For {name}", values) == "For {event} https://evil.example"
    pieces = fill_body("For {name}", values, {})[0][0]
    assert [(piece.words, piece.address) for piece in pieces] == [("For ", ""), ("{event} https://evil.example", "")]


@given(st.text(max_size=300))
def test_words_without_braces_and_addresses_come_through_as_they_are(text: str) -> None:
    text = BRACES.sub("", text).replace("http", "")
    shown = "\n".join("".join(piece.words for piece in line) for part in fill_body(text, {}, {}) for line in part)
    assert shown.split() == text.split()
