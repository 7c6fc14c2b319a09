"""Reminders are on unless somebody unticks them, and are stopped by one click (P12, S10, S11, S19)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.models import Booking, Guest
from engage.bookings.stopping import unsubscribe_token
from engage.edge import context
from engage.events.queries import get_event
from engage.flows.publishing import publish_event
from engage.kernel.settings import Site
from tests.conftest import SentMail
from tests.factories import hidden, make_event
from tests.journeys.reader import words_of_mail
from tests.pages import Page
from tests.web.public.visiting import send, tokens

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
START = NOW + timedelta(days=7)
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def slug(unit: Unit) -> str:
    with unit():
        event = make_event(slug="lunch", capacity=3, starts_at=START, published=False)
        return publish_event(event.id, site=context.site(), at=NOW, actor=None).slug


def wants_reminders(unit: Unit) -> bool:
    with unit() as session:
        return session.scalars(select(Booking.reminders)).one()


def stop_path(unit: Unit, site: Site) -> str:
    with unit() as session:
        return f"/unsubscribe/{unsubscribe_token(session.scalars(select(Booking)).one(), site)}"


def reminder(outbox: Callable[[], list[SentMail]]) -> EmailMessage:
    """Return the one reminder that was sent."""
    (found,) = [row.mail for row in outbox() if row.kind == "reminder"]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("typed", "on"),
    [({"reminders": ["no", "yes"]}, True), ({"reminders": ["no"]}, False), ({}, True), ({"reminders": ["yes"]}, True)],
    ids=["ticked", "unticked", "without the field", "yes alone"],
)
def test_reminders_are_on_unless_the_box_was_seen_and_unticked(
    client: FlaskClient, unit: Unit, slug: str, typed: dict[str, list[str]], on: bool
) -> None:
    given = {"name": "Cleo", "email": "cleo@example.org", "organisation": ""}
    key = hidden(client.get(f"/events/{slug}/book"))["submission_key"]
    answer = client.post(f"/events/{slug}/book", data={**given, "submission_key": key, **typed})

    assert answer.status_code == 303
    assert wants_reminders(unit) is on


def test_the_form_shows_the_box_ticked_and_keeps_it_as_it_was_left(client: FlaskClient, slug: str) -> None:
    shown = Page.of(client.get(f"/events/{slug}/book"))
    assert shown.forms[0].values["reminders"] == "yes"

    refused = Page.of(send(client, slug, email="nobody", reminders="no"))
    assert refused.answer.status_code == 422
    assert refused.forms[0].values["reminders"] == "no"


def test_a_reminder_offers_to_stop_it_in_its_head_and_its_words(
    client: FlaskClient,
    unit: Unit,
    site: Site,
    slug: str,
    worker: Callable[..., int],
    outbox: Callable[[], list[SentMail]],
) -> None:
    """RFC 8058: the head names the page and the one POST; both texts hold the same link, and no calendar part."""
    send(client, slug, reminders="yes")
    worker(START - timedelta(days=1))
    mail = reminder(outbox)
    address = "http://localhost" + stop_path(unit, site)

    assert mail["List-Unsubscribe"] == f"<{address}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert address in text.get_content()
    assert address in html.get_content()
    assert [part.get_content_type() for part in mail.walk() if "calendar" in part.get_content_type()] == []
    for link in re.findall(r"http://localhost(/\S+)", text.get_content()):
        assert client.get(link).status_code == 200, link


def test_no_other_mail_carries_the_header(
    client: FlaskClient, slug: str, worker: Callable[..., int], outbox: Callable[[], list[SentMail]]
) -> None:
    """S11: the one click touches optional mail alone."""
    send(client, slug)
    worker()

    assert [(row.kind, row.mail["List-Unsubscribe"]) for row in outbox() if row.mail] == [("invitation", None)]


def test_a_mail_program_stops_them_by_one_post_without_any_page(
    client: FlaskClient, unit: Unit, site: Site, slug: str
) -> None:
    """RFC 8058 3.2: no cookie, no origin, no key; answered at once and not by a redirect; again it changes nothing."""
    send(client, slug, reminders="yes")
    path = stop_path(unit, site)
    answers = [client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert wants_reminders(unit) is False
    with unit() as session:
        acts = session.scalars(select(AuditEntry.act).where(AuditEntry.act.like("%reminders"))).all()
    assert acts == ["attendee:booking:stop-reminders"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_a_browser_on_another_site_cannot_do_it(
    client: FlaskClient, unit: Unit, site: Site, slug: str, headers: dict[str, str]
) -> None:
    """S10: what a browser says of where it comes from counts here as everywhere."""
    send(client, slug, reminders="yes")
    answer = client.post(stop_path(unit, site), data={"List-Unsubscribe": "One-Click"}, headers=headers)

    assert answer.status_code == 403
    assert wants_reminders(unit) is True


def test_opening_the_link_asks_and_the_button_stops_them(
    client: FlaskClient, unit: Unit, site: Site, slug: str
) -> None:
    send(client, slug, reminders="yes")
    path = stop_path(unit, site)
    page = client.get(path)
    assert wants_reminders(unit) is True
    assert "Yes, stop them" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    done = client.post(path, data=hidden(page), follow_redirects=True)

    assert "Reminders are stopped" in done.text
    assert "Yes, stop them" not in done.text
    assert wants_reminders(unit) is False


def test_a_link_that_is_none_opens_nothing(client: FlaskClient, unit: Unit, site: Site, slug: str) -> None:
    """S12, S19: one that is forged, made for something else or revoked does not exist, and tells nothing."""
    send(client, slug, reminders="yes")
    manage, join = tokens(unit, site)
    path = stop_path(unit, site)
    with unit() as session:
        session.scalars(select(Booking)).one().nonce = "0" * 32
    answers = {
        (method, where): client.open(f"/unsubscribe/{where}", method=method).status_code
        for where in ("A" * 48, "x", manage, join, path.rpartition("/")[2])
        for method in ("GET", "POST")
    }

    assert set(answers.values()) == {404}
    assert wants_reminders(unit) is True


def test_whoever_stopped_them_switches_them_on_again_on_the_page_of_the_booking(
    client: FlaskClient, unit: Unit, site: Site, slug: str
) -> None:
    send(client, slug, reminders="no")
    manage, _ = tokens(unit, site)
    page = Page.of(client.get(f"/bookings/{manage}/"))
    (form,) = [form for form in page.forms if form.action.endswith("/reminders")]
    assert "Reminders and the mail after the event are switched off." in page.text
    answer = client.post(form.action, data=form.values, follow_redirects=True)

    assert "We remind you before the event" in answer.text
    assert wants_reminders(unit) is True


def test_an_event_that_is_over_or_a_booking_that_ended_can_still_be_left_alone(
    client: FlaskClient, unit: Unit, site: Site, slug: str
) -> None:
    send(client, slug, reminders="yes")
    with unit() as session:
        session.scalars(select(Booking)).one().status = "cancelled"
        get_event(slug).seats_taken = 0
    answer = client.post(stop_path(unit, site), data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert wants_reminders(unit) is False


def test_a_guest_stops_reminders_by_a_link_of_their_own_and_switches_them_on_again_on_their_own_page(
    client: FlaskClient,
    unit: Unit,
    site: Site,
    slug: str,
    worker: Callable[..., int],
    outbox: Callable[[], list[SentMail]],
) -> None:
    """Whoever brings them is reminded as before, and neither mail names the other's links."""
    party = {"places": "2", "guest-1-name": "Gwen", "guest-1-email": "gwen@example.org"}
    send(client, slug, reminders="yes", **party)
    worker(START - timedelta(days=1))
    mails = {row.to: row.mail for row in outbox() if row.kind == "reminder"}
    assert set(mails) == {"cleo@example.org", "gwen@example.org"}
    to_gwen = words_of_mail(mails["gwen@example.org"])
    assert "You get this mail because Cleo Sample booked a place for you." in to_gwen
    links = set(re.findall(r"http://localhost(/\S+)", to_gwen))
    assert not links & set(
        re.findall(r"http://localhost(/(?:join|bookings|unsub)\S+)", words_of_mail(mails["cleo@example.org"]))
    )
    assert {client.get(link).status_code for link in links} == {200}
    stop = next(link for link in links if link.startswith("/unsubscribe/"))
    client.post(stop, data={"List-Unsubscribe": "One-Click"})
    with unit() as session:
        assert (session.scalars(select(Booking.reminders)).one(), session.scalars(select(Guest.reminders)).one()) == (
            True,
            False,
        )

    own = next(link for link in links if re.fullmatch(r"/guests/[^/]+/", link))
    (form,) = [form for form in Page(client.get(own)).forms if form.action.endswith("/reminders")]
    answer = client.post(form.action, data=form.values, follow_redirects=True)
    assert "We remind you before the event" in answer.text
    with unit() as session:
        assert session.scalars(select(Guest.reminders)).one() is True
