"""The mail desk: what was written to whom, what became of it and why, and sending again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage import jobs
from engage.audit.models import AuditEntry
from engage.bookings.outbox import PAGE_LENGTH
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.edge import context
from engage.events.queries import get_event
from engage.kernel.models import Job
from engage.mail.enums import MessageKind, MessageState
from engage.mail.faults import note_permanent
from engage.mail.models import Message
from engage.mail.services import queue
from engage.mail.transport import PermanentMailError, TemporaryMailError
from tests.factories import hidden, make_booking, make_event
from tests.pages import Page, faults
from tests.queries import statements_sent

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
LIST = "/organise/messages/"
pytestmark = pytest.mark.usefixtures("clock")


class Server:
    """A mail server that answers each address in its own way."""

    def __init__(self, **answers: Exception) -> None:
        self.answers = answers

    def send(self, envelope_from: str, recipient: str, data: bytes) -> None:
        error = self.answers.get(recipient.partition("@")[0])
        if error is not None:
            raise error


@pytest.fixture
def mails(clock: object, app: Flask, unit: Unit) -> None:
    """Let four people book: one is refused for good, one is asked to come back, one gets it, one waits for a worker."""
    with unit():
        event = make_event(slug="lunch", title="Soup")
        for name in ("refused", "later", "fine"):
            make_booking(event, email=f"{name}@example.org")
    server = Server(
        refused=PermanentMailError("550 5.1.1 <refused@example.org>: no such box"), later=TemporaryMailError("451 busy")
    )
    with app.app_context():
        jobs.run_due_jobs(context.site(), at=NOW, transport=server)
    with unit():
        make_booking(make_event(slug="tea", title="Tea"), email="waits@example.org")


def shown(client: FlaskClient, query: str = "") -> list[str]:
    """Return the names before the @ in the order of the list."""
    page = client.get(LIST + query)
    assert page.status_code == 200
    assert faults(page) == []
    rows = [row for row in Page.of(page).tree.iter("li") if (row.get("id") or "").startswith("mail-")]
    return ["".join(row.itertext()).partition("@example.org")[0].split()[-1] for row in rows]


@pytest.mark.usefixtures("mails")
def test_the_list_says_to_whom_what_and_what_became_of_it_the_newest_first(asha: FlaskClient) -> None:
    assert shown(asha) == ["waits", "fine", "later", "refused"]
    page = asha.get(LIST).text
    for words in (
        "Invitation: Soup, ",
        "Could not be delivered: 1",
        "There is no such mailbox at their server.",
        "550 5.1.1 &lt;refused@example.org&gt;: no such box",
        "Their server asks us to come back later.",
        "The next try is at 10am",
        "Sent at 10am (UK time) on Tuesday 1 September 2026",
    ):
        assert words in page


@pytest.mark.usefixtures("mails")
def test_it_is_filtered_by_event_state_kind_and_address(asha: FlaskClient) -> None:
    assert shown(asha, "?event=tea") == ["waits"]
    assert shown(asha, "?event=lunch&state=failed") == ["refused"]
    assert shown(asha, "?state=queued") == ["waits", "later"]
    assert shown(asha, "?kind=reminder") == []
    assert shown(asha, "?state=nonsense&kind=receipt&page=9") == ["waits", "fine", "later", "refused"]
    assert asha.get(LIST + "?event=nothing").status_code == 404
    found = asha.post(LIST + "?event=lunch", data={**hidden(asha.get(LIST)), "address": "FINE@"})
    assert "fine@example.org" in found.text
    assert "refused@example.org" not in found.text
    assert "One mail fits" in found.text
    assert asha.post(LIST, data={**hidden(asha.get(LIST)), "address": "x" * 300}).status_code == 422


@pytest.mark.usefixtures("mails")
def test_a_mail_that_a_worker_holds_is_being_sent(asha: FlaskClient, unit: Unit) -> None:
    with unit() as session:
        waits = session.scalars(select(Message).where(Message.to_addr == "waits@example.org")).one()
        job = session.scalars(select(Job).where(Job.dedupe_key == f"mail.send:{waits.id}")).one()
        job.lease_until = NOW + timedelta(minutes=5)
    assert shown(asha, "?state=sending") == ["waits"]
    assert shown(asha, "?state=queued") == ["later"]
    assert "Being sent: 1" in asha.get(LIST).text
    assert "Waits to be sent: 1" in asha.get(LIST).text


@pytest.mark.usefixtures("mails")
def test_a_mail_that_failed_is_sent_again_once_and_it_is_noted_who_did_it(asha: FlaskClient, unit: Unit) -> None:
    with unit() as session:
        number = session.scalars(select(Message.id).where(Message.state == MessageState.FAILED)).one()
    address, fields = f"{LIST}{number}/again", {**hidden(asha.get(LIST)), "next": "/organise/messages/?state=failed"}
    assert asha.get(address).status_code == 405
    assert asha.post(address).status_code == 403, "without the token of the page"
    answer = asha.post(address, data=fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/organise/messages/?state=failed")
    assert "The mail is in the queue again." in asha.get(LIST).text
    asha.post(address, data=fields)
    assert "This mail has not failed" in asha.get(LIST).text
    with unit() as session:
        assert session.get_one(Message, number).state is MessageState.QUEUED
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "organiser:message:send-again")).all()
        assert [entry.after for entry in entries] == [{"kind": "invitation"}]
    assert asha.post(f"{LIST}{2**70}/again", data=fields).status_code == 404


@pytest.mark.usefixtures("mails")
def test_one_never_comes_back_to_another_site(asha: FlaskClient, unit: Unit) -> None:
    with unit() as session:
        number = session.scalars(select(Message.id).where(Message.state == MessageState.FAILED)).one()
    fields = {**hidden(asha.get(LIST)), "next": "//evil.example/"}
    assert asha.post(f"{LIST}{number}/again", data=fields).headers["Location"] == LIST


@pytest.mark.usefixtures("mails")
def test_all_that_failed_of_an_event_goes_again_but_for_what_is_outdated_or_leads_nowhere(
    app: Flask, asha: FlaskClient, unit: Unit
) -> None:
    with unit() as session:
        note_permanent("refused@example.org", "550 no such box", NOW)
        for name in ("later", "fine"):
            mail = session.scalars(select(Message).where(Message.to_addr == f"{name}@example.org")).one()
            mail.state, mail.last_error = MessageState.FAILED, "451 busy"
        cancel_booking(mail.about_id, site=context.site(), at=NOW)
    answer = asha.post("/organise/events/lunch/messages/again", data=hidden(asha.get(LIST + "?event=lunch")))
    assert answer.headers["Location"] == "/organise/messages/?event=lunch"
    page = asha.get(LIST + "?event=lunch").text
    assert "One mail is in the queue again." in page
    assert "2 were left" in page
    with unit() as session:
        states = dict(session.execute(select(Message.to_addr, Message.state).where(Message.kind == "invitation")).all())
    assert states["later@example.org"] is MessageState.QUEUED
    assert states["fine@example.org"] is states["refused@example.org"] is MessageState.FAILED


def test_no_list_tells_who_answered(asha: FlaskClient, unit: Unit) -> None:
    """P2: receipts are in no list, and none is sent again from the desk."""
    with unit() as session:
        event = make_event(slug="lunch")
        queue(
            MessageKind.RECEIPT,
            logical_key="receipt:1",
            to_addr="gia@example.org",
            facts={"receipt_key": "k", "kind": "answer", "about_title": "Food", "count": 1},
            locale="en",
            about_type="submission",
            about_id=event.id,
            site=context.site(),
            at=NOW,
        )
        receipt = session.scalars(select(Message)).one()
        receipt.state, number = MessageState.FAILED, receipt.id
    for query in ("", "?kind=receipt", "?state=failed", "?event=lunch"):
        assert "gia@example.org" not in asha.get(LIST + query).text
    page = asha.get(LIST)
    assert "gia@example.org" not in asha.post(LIST, data={**hidden(page), "address": "gia"}).text.replace("“gia”", "")
    assert asha.post(f"{LIST}{number}/again", data=hidden(page)).status_code == 404


def test_a_booking_shows_its_mails_and_those_of_its_guests(asha: FlaskClient, unit: Unit, app: Flask) -> None:
    with unit():
        guests = (GuestRequest("Gwen", "gwen@example.org"),)
        request = PlaceRequest("Petra", "petra@example.org", "en", places=2, guests=guests)
        book_place(make_event(slug="lunch").id, request, site=context.site(), at=NOW)
    with app.app_context():
        server = Server(gwen=PermanentMailError("552 5.2.2 full"))
        jobs.run_due_jobs(context.site(), at=NOW, transport=server)
    with unit() as session:
        reference = session.connection().exec_driver_sql("SELECT reference FROM booking").scalar_one()
    page = asha.get(f"/organise/events/lunch/bookings/{reference}")
    assert faults(page) == []
    for words in ("petra@example.org", "gwen@example.org", "Their mailbox is full.", "Send again"):
        assert words in page.text


def test_the_list_has_pages_and_asks_no_more_for_a_full_one(asha: FlaskClient, unit: Unit) -> None:
    def statements() -> int:
        with statements_sent() as sent:
            assert asha.get(LIST).status_code == 200
        return len(sent)

    with unit():
        make_booking(make_event(slug="lunch", capacity=100), email="first@example.org")
    one = statements()
    with unit():
        event = get_event("lunch")
        for number in range(PAGE_LENGTH):
            make_booking(event, email=f"person{number}@example.org")
    assert statements() == one
    assert len(shown(asha)) == PAGE_LENGTH
    assert shown(asha, "?page=2") == ["first"]
