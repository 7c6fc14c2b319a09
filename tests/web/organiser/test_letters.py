"""The pages of letters: written, refused with all that was typed, looked at, tried on oneself, sent; their history."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.models import Letter
from engage.events.queries import get_event
from engage.mail.models import Message
from tests.factories import hidden, make_booking, make_event
from tests.pages import Page, faults
from tests.queries import statements_sent
from tests.web.organiser.conftest import Send

Unit = Callable[[], AbstractContextManager[Session]]
LETTERS = "/organise/events/lunch/letters/"
NEW, SEND = LETTERS + "new", LETTERS + "send"
WORDS = {
    "segment": "booked",
    "subject": "About {event}",
    "body": "Hello {name},\n\n<b>bring</b> a spoon: {booking_link}",
}


@pytest.fixture(autouse=True)
def lunch(clock: object, unit: Unit) -> None:
    with unit():
        make_booking(make_event(slug="lunch", title="Soup"), email="cleo@example.org", name="Cleo")


def letters_in(unit: Unit) -> int:
    with unit() as session:
        return session.scalar(select(func.count(Message.id)).where(Message.kind == "letter")) or 0


def test_looking_shows_who_gets_it_and_how_it_reads_and_sends_nothing(
    asha: FlaskClient, unit: Unit, send: Send
) -> None:
    form = asha.get(NEW)
    assert faults(form) == []
    assert "One person gets it." in form.text
    page = send(NEW, **WORDS, act="look")
    assert page.status_code == 200
    assert faults(page) == []
    for words in ("About Soup", "Hello Cleo,", "&lt;b&gt;bring&lt;/b&gt; a spoon: http://localhost/bookings/sample"):
        assert words in page.text
    assert "Send it to one person" in page.text
    with unit() as session:
        assert session.scalar(select(func.count(Letter.id))) == 0
    assert letters_in(unit) == 0


def test_the_button_on_that_page_sends_it_once(
    asha: FlaskClient, unit: Unit, send: Send, worker: Callable[..., int]
) -> None:
    shown = send(NEW, **WORDS, act="look")
    assert "Stop mails like this about this event: http" in shown.text
    assert "This is a test" not in shown.text
    look = Page.of(shown)
    form = next(form for form in look.forms if form.action == SEND)
    for _ in range(2):
        answer = asha.post(SEND, data=form.values)
        assert (answer.status_code, answer.headers["Location"]) == (303, LETTERS)
    page = asha.get(LETTERS)
    assert faults(page) == []
    assert "This very letter was sent before" in page.text
    worker()
    page = asha.get(LETTERS).text
    assert "Sent: 1" in page
    assert "About {event}" not in page, "the subject as it was read"
    assert "Asha Okafor" in page
    assert letters_in(unit) == 1
    with unit() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:event:write")).one()
        assert entry.after == {"segment": "booked", "people": 1}


def test_one_tries_it_on_oneself_and_goes_on_writing(
    asha: FlaskClient, send: Send, worker: Callable[..., int], unit: Unit
) -> None:
    page = send(NEW, **WORDS, act="test")
    assert page.status_code == 200
    assert faults(page) == []
    assert "on its way to asha@example.org, and to nobody else" in page.text
    assert "bring&lt;/b&gt; a spoon" in page.text, "what was typed is still there"
    worker()
    with unit() as session:
        assert session.scalars(select(Message.to_addr).where(Message.kind == "letter")).all() == ["asha@example.org"]
    assert "No letter yet" in asha.get(LETTERS).text


@pytest.mark.parametrize("address", [NEW, SEND])
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"body": "Hello {nmae}"}, "{nmae} is not something we can fill in here."),
        ({"subject": ""}, "Write what the letter is about."),
        ({"body": ""}, "Write the letter."),
        ({"subject": "{join_link}"}, "{join_link} is a link, which a subject cannot hold."),
        ({"subject": "x" * 200}, "Please keep this to 150 characters."),
        ({"segment": "all"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_all_that_was_typed(
    asha: FlaskClient, unit: Unit, send: Send, address: str, changed: dict[str, str], sentence: str
) -> None:
    page = send(NEW, to=address, **{**WORDS, **changed})
    assert page.status_code == 422
    assert sentence in page.text
    assert (changed.get("body", "a spoon") or "About {event}") in page.text
    assert letters_in(unit) == 0


def test_nobody_to_write_to_is_said_before_anything_is_made(asha: FlaskClient, unit: Unit, send: Send) -> None:
    assert "Nobody would get it at the moment." in send(NEW, **{**WORDS, "segment": "attended"}).text
    page = send(NEW, to=SEND, **{**WORDS, "segment": "attended"})
    assert page.status_code == 409
    assert "Nobody would get this letter" in page.text
    with unit() as session:
        assert session.scalar(select(func.count(Letter.id))) == 0


def test_the_pages_ask_no_more_for_thirty_people_and_letters(asha: FlaskClient, unit: Unit, send: Send) -> None:
    def statements(address: str) -> int:
        with statements_sent() as sent:
            assert asha.get(address).status_code == 200
        return len(sent)

    def write(number: int) -> None:
        assert asha.post(SEND, data={**hidden(form), **WORDS, "subject": f"Letter {number}"}).status_code == 303

    form = asha.get(NEW)
    write(0)
    before = [statements(address) for address in (LETTERS, NEW)]
    with unit():
        event = get_event("lunch")
        for number in range(15):
            make_booking(event, email=f"person{number}@example.org")
    for number in range(1, 30):
        write(number)
    asha.get(LETTERS)  # what the last one said is said
    assert [statements(address) for address in (LETTERS, NEW)] == before
