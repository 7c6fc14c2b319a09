"""Booking on one page, and the private pages of a booking: through HTTP."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.bookings.models import Booking
from engage.events.models import Event
from engage.events.services import take_places
from engage.flows.cancelling import cancel_event
from engage.kernel.models import SubmissionKey
from engage.kernel.settings import Site
from engage.kernel.tokens import new_nonce, new_submission_key
from engage.mail.models import Message
from tests.conftest import SentMail
from tests.factories import hidden, make_booking, make_event
from tests.web.public.visiting import send, tokens

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
STARTS = NOW + timedelta(days=7)
pytestmark = pytest.mark.usefixtures("clock")


def stored(unit: Unit) -> tuple[int, int, int]:
    """Return how many bookings, messages and used keys there are."""
    with unit() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (Booking, Message, SubmissionKey)
        ]
    return counts[0], counts[1], counts[2]


def test_book_leads_to_a_page_that_names_nobody(client: FlaskClient, slug: str, unit: Unit) -> None:
    answer = send(client, slug)
    page = client.get(answer.headers["Location"])

    assert (answer.status_code, answer.headers["Location"]) == (303, "/events/lunch/booked?result=place")
    assert "You’re booked" in page.text
    assert "Cleo" not in page.text
    assert stored(unit) == (1, 1, 1)


def test_sending_the_form_twice_makes_one_booking_and_one_mail(client: FlaskClient, slug: str, unit: Unit) -> None:
    form = {**hidden(client.get("/events/lunch/book")), "name": "Cleo", "email": "cleo@example.org"}

    first, second = (client.post("/events/lunch/book", data=form) for _ in range(2))

    assert (first.status_code, first.data, first.headers["Location"]) == (
        second.status_code,
        second.data,
        second.headers["Location"],
    )
    assert stored(unit) == (1, 1, 1)


def same_but_for_keys(answer: TestResponse) -> tuple[int, dict[str, str], str]:
    """Return an answer without what differs between any two: the form's key and the request's id."""
    headers = {name: value for name, value in answer.headers if name.lower() not in {"x-request-id", "date"}}
    return answer.status_code, headers, re.sub(r'name="submission_key"[^>]*>', "", answer.text)


def test_a_known_address_gets_the_same_answer_as_a_new_one(client: FlaskClient, slug: str, unit: Unit) -> None:
    send(client, slug)

    known, new = send(client, slug), send(client, slug, email="dev@example.org")

    assert same_but_for_keys(known) == same_but_for_keys(new)
    with unit() as session:
        kinds = session.scalars(select(Message.kind).order_by(Message.id)).all()
    assert [kind.value for kind in kinds] == ["invitation", "already_booked", "invitation"]


def test_a_full_event_answers_known_and_new_addresses_alike(client: FlaskClient, slug: str, unit: Unit) -> None:
    for name in ("a", "b", "cleo"):
        send(client, slug, email=f"{name}@example.org")
    form = hidden(client.get("/events/lunch/booked?result=place"))
    assert form == {}
    with unit() as session:
        before = session.scalar(select(func.count(Message.id)))

    def late(email: str, app_client: FlaskClient) -> TestResponse:
        key = new_submission_key(app_client.application.extensions["engage"].link_secrets, NOW)
        data = {"submission_key": key, "name": "Cleo", "email": email}
        return app_client.post("/events/lunch/book", data=data)

    known, new = late("cleo@example.org", client), late("new1@example.org", client)

    assert same_but_for_keys(known) == same_but_for_keys(new)
    assert (known.status_code, known.headers["Location"]) == (303, "/events/lunch/booked?result=waiting")
    assert "You’re on the waiting list" in client.get(known.headers["Location"]).text
    with unit() as session:
        kinds = [kind.value for kind in session.scalars(select(Message.kind).order_by(Message.id))]
        assert kinds[before:] == ["already_booked", "waiting"]

    with unit() as session:
        session.execute(update(Event).values(waiting_list=False))
        before = session.scalar(select(func.count(Message.id)))
    known, new = late("cleo@example.org", client), late("new2@example.org", client)

    assert known.status_code == new.status_code == 409
    assert "Every place is taken." in known.text
    assert same_but_for_keys(known)[2].replace("cleo@example.org", "") == same_but_for_keys(new)[2].replace(
        "new2@example.org", ""
    )
    with unit() as session:
        assert session.scalar(select(func.count(Message.id))) == before


BAD = {
    "empty name": ({"name": ""}, "Write your name, as we should greet you."),
    "only controls": ({"name": "\x00\x08\u202e"}, "Write your name, as we should greet you."),
    "long name": ({"name": "é" * 201}, "Please keep this to 200 characters."),
    "empty address": ({"email": ""}, "Write your e-mail address"),
    "no at": ({"email": "cleo.example.org"}, "name@example.org"),
    "two lines": ({"email": "cleo@example.org\r\nBcc: evil@example.org"}, "name@example.org"),
    "encoded word": ({"email": "=?utf-8?q?x?=@example.org"}, "name@example.org"),
    "two addresses": ({"email": "a@example.org, b@example.org"}, "name@example.org"),
    "long address": ({"email": "x" * 300 + "@example.org"}, "254"),
    "forged key": ({"submission_key": "forged"}, "open for too long"),
    "no key": ({"submission_key": ""}, "open for too long"),
}


@pytest.mark.parametrize(("typed", "sentence"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_beside_its_field_and_nothing_typed_is_lost(
    client: FlaskClient, slug: str, unit: Unit, typed: dict[str, str], sentence: str
) -> None:
    answer = send(client, slug, **{"organisation": "Sample Ltd", **typed})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Sample Ltd"' in answer.text
    assert stored(unit) == (0, 0, 0)


def test_names_as_people_write_them_are_taken(client: FlaskClient, slug: str, unit: Unit) -> None:
    name = "  Gwen\tLlewellyn 🎉 \u202e=?utf-8?q?x=0D=0ABcc:_evil@x?= \r\n <b>"

    assert send(client, slug, name=name).status_code == 303

    with unit() as session:
        stored_name = session.scalars(select(Booking.name)).one()
    assert stored_name == "Gwen Llewellyn 🎉 =?utf-8?q?x=0D=0ABcc:_evil@x?= <b>"


def test_strange_names_make_safe_mail(
    client: FlaskClient, slug: str, worker: Callable[..., int], outbox: Callable[[], list[SentMail]]
) -> None:
    send(client, slug, name="=?utf-8?q?x=0D=0ABcc:_evil@example.org?=")
    worker()

    (sent,) = outbox()
    assert sent.mail is not None
    assert (sent.state, sent.mail["Bcc"], sent.mail["Cc"]) == ("sent", None, None)
    assert [address.addr_spec for address in sent.mail["To"].addresses] == ["cleo@example.org"]


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"x=" + b"y" * 10_000_000, "application/x-www-form-urlencoded", 413),
        (b"[" * 100_000, "application/json", 422),
        (b"name=%ff%fe&email=%00", "application/x-www-form-urlencoded", 422),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 422),
        (b"", "text/plain", 422),
    ],
)
def test_what_is_no_form_is_refused(
    client: FlaskClient, slug: str, unit: Unit, data: bytes, content_type: str, status: int
) -> None:
    answer = client.post("/events/lunch/book", data=data, content_type=content_type)

    assert answer.status_code == status
    assert stored(unit) == (0, 0, 0)


def test_unknown_fields_change_nothing(client: FlaskClient, slug: str, unit: Unit) -> None:
    send(client, slug, status="cancelled", reference="MINE-MINE", id="1" * 30, seats_taken="0")

    with unit() as session:
        booking = session.scalars(select(Booking)).one()
        assert booking.status.value == "confirmed"
        assert booking.reference != "MINE-MINE"


def test_an_old_key_is_renewed_and_the_form_kept(client: FlaskClient, slug: str, clock: time_machine.Traveller) -> None:
    form = hidden(client.get("/events/lunch/book"))
    clock.shift(timedelta(hours=25))

    answer = client.post("/events/lunch/book", data={**form, "name": "Cleo", "email": "cleo@example.org"})

    assert answer.status_code == 422
    assert hidden(answer)["submission_key"] != form["submission_key"]
    assert 'value="cleo@example.org"' in answer.text


def test_booking_after_the_end_is_too_late(
    client: FlaskClient, slug: str, unit: Unit, clock: time_machine.Traveller
) -> None:
    clock.move_to(STARTS + timedelta(minutes=59))
    form = {**hidden(client.get("/events/lunch/book")), "name": "Cleo", "email": "cleo@example.org"}
    clock.move_to(STARTS + timedelta(hours=1))

    answer = client.post("/events/lunch/book", data=form)

    assert answer.status_code == 409
    assert 'value="cleo@example.org"' in answer.text
    assert stored(unit) == (0, 0, 0)


def test_another_site_cannot_book_for_its_readers(client: FlaskClient, slug: str, unit: Unit) -> None:
    form = {**hidden(client.get("/events/lunch/book")), "name": "Cleo", "email": "cleo@example.org"}

    answer = client.post("/events/lunch/book", data=form, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert stored(unit) == (0, 0, 0)


def test_limits_answer_429_with_the_form_still_filled(make_app: Callable[..., Flask], unit: Unit, slug: str) -> None:
    client = make_app(LIMITS="book=1/min per address").test_client()
    send(client, slug)

    answer = send(client, slug, email="dev@example.org")

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert 'value="dev@example.org"' in answer.text


def test_the_private_page_shows_the_booking_and_is_not_kept(
    client: FlaskClient, slug: str, unit: Unit, site: Site
) -> None:
    send(client, slug)
    manage, join = tokens(unit, site)

    page = client.get(f"/bookings/{manage}/")

    assert "1 place, confirmed" in page.text
    assert f"/join/{join}" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert "ETag" not in page.headers


def test_the_invitation_file_is_the_entry_of_the_mail(
    client: FlaskClient,
    slug: str,
    unit: Unit,
    site: Site,
    worker: Callable[..., int],
    outbox: Callable[[], list[SentMail]],
) -> None:
    send(client, slug)
    worker()
    manage, _ = tokens(unit, site)

    answer = client.get(f"/bookings/{manage}/invite.ics")

    (sent,) = outbox()
    assert sent.mail is not None
    mailed = next(part for part in sent.mail.walk() if part.get_content_type() == "text/calendar")
    downloaded, invited = (
        Calendar.from_ical(data).walk("VEVENT")[0] for data in (answer.data, mailed.get_payload(decode=True))
    )
    for name in ("UID", "SEQUENCE", "DTSTART", "ORGANIZER", "ATTENDEE"):
        assert downloaded[name] == invited[name]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="invite.ics"'


def test_cancelling_asks_first_and_works_once(client: FlaskClient, slug: str, unit: Unit, site: Site) -> None:
    send(client, slug)
    manage, _ = tokens(unit, site)
    path = f"/bookings/{manage}/cancel"

    asked = client.get(path)
    assert "Cancel your booking?" in asked.text
    assert stored(unit)[1] == 1, "asking changes nothing"
    first, second = client.post(path), client.post(path)

    assert (first.status_code, first.headers["Location"]) == (303, f"/bookings/{manage}/")
    assert (second.status_code, "This booking is cancelled." in second.text) == (200, True)
    with unit() as session:
        assert session.scalars(select(Event.seats_taken)).one() == 0
        assert session.scalar(select(func.count(Message.id))) == 2


def test_cancelling_after_the_end_is_too_late(
    client: FlaskClient, slug: str, unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    send(client, slug)
    manage, _ = tokens(unit, site)
    clock.move_to(STARTS + timedelta(hours=1))

    answer = client.post(f"/bookings/{manage}/cancel")

    assert answer.status_code == 409
    assert "The event is over, so there is nothing to cancel." in answer.text


def test_links_that_open_nothing_are_not_found(client: FlaskClient, slug: str, unit: Unit, site: Site) -> None:
    send(client, slug)
    manage, join = tokens(unit, site)
    with unit() as session:
        session.scalars(select(Booking)).one().nonce = new_nonce()
    for token in (manage, join, manage[:-2] + "AA", "x", "%00", str(2**63), "a" * 4000):
        for path in (f"/bookings/{token}/", f"/bookings/{token}/cancel", f"/bookings/{token}/invite.ics"):
            assert client.get(path).status_code == 404
        assert client.post(f"/bookings/{token}/cancel").status_code == 404
        assert client.get(f"/join/{token}").status_code == 404
        assert client.post(f"/join/{token}").status_code == 404


def test_private_pages_say_that_the_event_is_cancelled(client: FlaskClient, unit: Unit, site: Site) -> None:
    with unit():
        event = make_event()
        make_booking(event, site=site)
        cancel_event(event.id, reason="The speaker is ill.", site=site, at=NOW, actor=None)
    manage, join = tokens(unit, site)

    for path in (f"/bookings/{manage}/", f"/join/{join}"):
        assert "The reason: The speaker is ill." in client.get(path).text


def test_a_place_that_is_given_back_can_be_booked(client: FlaskClient, unit: Unit, site: Site) -> None:
    with unit():
        event = make_event(slug="small", capacity=1)
        event.waiting_list = False
        make_booking(event, site=site)
    assert send(client, "small", email="dev@example.org").status_code in {409, 422}
    manage, _ = tokens(unit, site)
    client.post(f"/bookings/{manage}/cancel")

    assert send(client, "small", email="dev@example.org").status_code == 303
    with unit() as session:
        event_id = session.scalars(select(Event.id)).one()
        with pytest.raises(Exception, match="Every place is taken"):
            take_places(event_id, 1, at=NOW)
