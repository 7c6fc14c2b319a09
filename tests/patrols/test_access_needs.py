"""What people need to take part is read by access leads and administrators, and stands nowhere else (P6, P21, P24)."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from engage.bookings.access_needs import answer_need, change_access_needs
from engage.kernel import clock
from engage.kernel.db import Base
from tests.pages import Page
from tests.patrols.filling import filled
from tests.patrols.routes import PEOPLE
from tests.patrols.walking import browser, walk
from tests.stage import CLEO, Stage, Unit

MARK = "palantypist"
PROMISE = "stenographer"
READ_BY = ("attendee", "access_lead", "administrator")
READERS = re.compile(r"/bookings/[^/]+/access-needs|/organise/events/[^/]+/access(\.csv|/[0-9a-f-]{36})?")


@pytest.fixture
def told(stage: Stage, unit: Unit, worker: Callable[..., int]) -> Stage:
    """Give a stage on which people have said what they need: who has a place, who waits, who is new."""
    for name, version in (("coming", 3), ("waiting", 1)):
        with unit():
            booking_id = stage.ids[f"{name} booking"]
            change_access_needs(booking_id, f"A {MARK} for {name}.", site=stage.site, at=clock.now())
            answer_need(
                booking_id, promised=f"The {PROMISE} comes.", kinds=[], version=version, at=clock.now(), actor=None
            )
    worker()
    return stage


def tells(data: bytes) -> bool:
    """Tell whether an answer holds the words; a workbook is opened."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"".join(book.read(name) for name in book.namelist())
    return MARK.encode() in data or PROMISE.encode() in data


def send(stage: Stage, where: str, **typed: str) -> int:
    """Open a form, fill it in, send it."""
    client = stage.client()
    forms = [form for form in Page(client.get(where)).forms if form.method == "post"]
    return client.post(where, data={**(filled(forms[0], where) if forms else {}), **typed}).status_code


@pytest.mark.parametrize("person", PEOPLE)
def test_needs_stand_on_the_pages_of_those_who_may_read_them_alone(told: Stage, person: str) -> None:
    found = {here for here, answer in walk(told, person) if tells(answer.data)}

    assert {here for here in found if not READERS.fullmatch(here)} == set()
    assert bool(found) is (person in READ_BY)


def test_no_mail_and_no_other_table_holds_needs(
    told: Stage, unit: Unit, worker: Callable[..., int], capfd: pytest.CaptureFixture[str]
) -> None:
    """Not after booking, repeating, changing, being refused, moving up; nor does a log line."""
    with capture_logs() as lines:
        book = "/events/coming-event/book"
        assert send(told, book, email="nia@example.org", access_needs=f"My {MARK}") == 303
        assert send(told, book, email=CLEO, access_needs=f"Her {MARK}") == 303
        assert send(told, book, email="nobody", access_needs=f"My {MARK}") == 422
        late = {
            "name": "Nia",
            "email": "nia@example.org",
            "access_needs": f"My {MARK}",
            "submission_key": told.new_key(),
        }
        assert send(told, "/events/past-event/book", **late) == 409
        change = f"/bookings/{told.tokens['coming booking']}/access-needs"
        assert send(told, change, access_needs=f"No {MARK}") == 303
        assert send(told, change, access_needs=MARK * 200) == 422
        give = f"/bookings/{told.tokens['full booking']}/cancel"
        assert send(told, give) == 303
    worker(clock.now() + timedelta(days=1))

    holding = set()
    with unit() as session:
        for table in Base.metadata.sorted_tables:
            rows = session.execute(text(f"SELECT * FROM {table.name}")).all()
            if any(mark in str(row) or mark.encode() in _bytes(row) for row in rows for mark in (MARK, PROMISE)):
                holding.add(table.name)
    assert holding == {"access_need"}
    client = browser(told, "visitor")
    mails = client.get("/dev/mail.json").get_json()
    assert len(mails) > 10
    for mail in mails:
        for part in message_from_bytes(client.get(f"/dev/mail/{mail['id']}.eml").data).walk():
            assert not tells(part.as_bytes() + (part.get_payload(decode=True) or b""))
    printed = capfd.readouterr()
    assert MARK not in f"{lines}{printed.out}{printed.err}"


def _bytes(row: object) -> bytes:
    return b"".join(bytes(value) for value in row if isinstance(value, bytes | memoryview))  # type: ignore[attr-defined]


def test_an_error_of_the_database_tells_no_words(told: Stage, unit: Unit) -> None:
    """Its text goes into the log."""
    with unit() as session, pytest.raises(Exception, match="UNIQUE") as caught, session.begin_nested():
        session.execute(
            text("INSERT INTO access_need SELECT * FROM access_need WHERE body LIKE :words"), {"words": f"%{MARK}%"}
        )

    assert MARK not in str(caught.value)
