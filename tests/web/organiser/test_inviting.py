"""Mail that does not arrive, at its booking; and what came in, as the desk shows it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.models import Booking
from engage.bookings.received import PAGE_LENGTH
from engage.events.queries import get_event
from engage.mail.enums import InboundKind
from engage.mail.faults import is_bad, note_permanent
from engage.mail.models import InboundMail, Message
from tests.factories import hidden, make_booking, make_event
from tests.pages import faults
from tests.queries import statements_sent
from tests.web.organiser.conftest import Send

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
LIST = "/organise/events/lunch/bookings"
RECEIVED = "/organise/messages/received"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def page(clock: object, unit: Unit) -> str:
    """Let Cleo book with a mistyped address; give the address of the booking's page."""
    with unit():
        booking = make_booking(make_event(slug="lunch"), email="cleo@exmaple.org", name="Cleo")
        return f"{LIST}/{booking.reference}"


@pytest.fixture
def bounced(page: str, unit: Unit) -> str:
    with unit():
        note_permanent("cleo@exmaple.org", "550 5.1.1 <b>unknown</b>", NOW)
    return page


def receive(session: Session, about_id: UUID | None = None, **changes: object) -> UUID:
    values = {
        "digest": uuid4().hex,
        "kind": InboundKind.PERSON,
        "outcome": "forwarded",
        "from_addr": "cleo@example.org",
        "subject": "A question",
        "about_type": "booking" if about_id else None,
        "about_id": about_id,
        "raw": b"Subject: A question\r\n\r\n<script>alert(1)</script> \xff caf\xc3\xa9",
        "received_at": NOW,
        **changes,
    }
    row = InboundMail(**values)
    session.add(row)
    session.flush()
    return row.id


def test_an_address_that_bounces_is_shown_at_its_booking_and_in_the_list(asha: FlaskClient, bounced: str) -> None:
    for address in (LIST, bounced):
        answer = asha.get(address)
        assert faults(answer) == []
        assert "There is no such mailbox at their server." in answer.text
    assert "550 5.1.1 &lt;b&gt;unknown&lt;/b&gt;" in asha.get(bounced).text
    assert "Send the invitation again" not in asha.get(bounced).text


def test_correcting_it_sends_the_invitation_there(
    asha: FlaskClient, unit: Unit, bounced: str, send: Send, outbox: Callable[[], list], worker: Callable[..., int]
) -> None:
    form = asha.get(f"{bounced}/address")
    assert faults(form) == []
    refused = send(f"{bounced}/address", email="nonsense")
    assert refused.status_code == 422
    assert 'value="nonsense"' in refused.text
    same = send(f"{bounced}/address", email="cleo@exmaple.org")
    assert (same.status_code, "That is the address as it is now." in same.text) == (422, True)
    assert send(f"{bounced}/address", email="Cleo@Example.org").status_code == 303
    worker()
    assert [sent.to for sent in outbox() if sent.state == "sent"] == ["cleo@example.org"]
    shown = asha.get(bounced).text
    assert "An organiser corrected the address" in shown
    assert "does not arrive" not in shown
    assert asha.get(f"{bounced}/address").status_code == 303, "now there is nothing to correct"


def test_an_address_that_works_after_all_is_written_to_again(asha: FlaskClient, unit: Unit, bounced: str) -> None:
    fields = hidden(asha.get(bounced))
    assert asha.post(f"{bounced}/address/works").status_code == 403
    assert asha.post(f"{bounced}/address/works", data=fields).status_code == 303
    with unit() as session:
        assert not is_bad("cleo@exmaple.org")
        assert (
            len(session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:booking:trust-address")).all())
            == 1
        )


def test_the_invitation_is_sent_again_by_a_button(
    asha: FlaskClient, unit: Unit, page: str, worker: Callable[..., int]
) -> None:
    fields = hidden(asha.get(page))
    asha.post(f"{page}/invitation", data=fields)
    assert "waits to be sent already" in asha.get(page).text
    worker()
    assert asha.post(f"{page}/invitation", data=fields).status_code == 303
    assert "It is on its way once more." in asha.get(page).text
    with unit() as session:
        assert session.scalars(select(Message.kind)).all() == ["invitation", "invitation"]


def test_what_came_in_is_listed_with_what_was_done_and_its_bytes_are_only_text(
    asha: FlaskClient, unit: Unit, page: str
) -> None:
    assert "INBOUND_MAIL is off" in asha.get(RECEIVED).text
    with unit() as session:
        booking_id = session.scalars(select(Booking.id)).one()
        number = receive(session, booking_id, subject="<i>Question</i>")
        receive(session, kind=InboundKind.BOUNCE, outcome="bounced", subject=None, from_addr=None, raw=None)
    listed = asha.get(RECEIVED)
    assert faults(listed) == []
    for words in ("&lt;i&gt;Question&lt;/i&gt;", "Passed on to the organisation", "The mail is marked as come back"):
        assert words in listed.text
    assert "Question" not in asha.get(f"{RECEIVED}?kind=bounce").text
    one = asha.get(f"{RECEIVED}/{number}")
    assert faults(one) == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in one.text
    assert "café" in one.text
    assert page in one.text
    beside = asha.get(page)
    assert faults(beside) == []
    assert "&lt;i&gt;Question&lt;/i&gt;" in beside.text
    assert asha.get(f"{RECEIVED}/{uuid4()}").status_code == 404


def test_lists_ask_no_more_for_thirty_rows(asha: FlaskClient, unit: Unit, bounced: str) -> None:
    def statements(address: str) -> int:
        with statements_sent() as sent:
            assert asha.get(address).status_code == 200
        return len(sent)

    with unit() as session:
        receive(session, session.scalars(select(Booking.id)).one())
    before = [statements(address) for address in (RECEIVED, LIST, bounced)]
    with unit() as session:
        about = session.scalars(select(Booking.id)).one()
        event = get_event("lunch")
        for number in range(PAGE_LENGTH + 1):
            receive(session, about, received_at=NOW + timedelta(minutes=number))
        for number in range(15):
            make_booking(event, email=f"person{number}@example.org")
            note_permanent(f"person{number}@example.org", "550 no", NOW)
    assert [statements(address) for address in (RECEIVED, LIST, bounced)] == before
    assert "Page 2 of 2" in asha.get(f"{RECEIVED}?page=2").text
