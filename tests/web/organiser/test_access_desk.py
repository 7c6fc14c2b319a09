"""Access leads read what people need, promise it, tick it; organisers state what is provided and see counts."""

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.bookings.access_needs import change_access_needs
from engage.bookings.models import AccessNeed, Booking
from engage.events.enums import AccessKind
from engage.events.queries import get_event, provided_at
from engage.events.services import add_provision
from engage.kernel.settings import Site
from tests.factories import hidden, make_booking, make_event, make_person, sign_in
from tests.pages import Page

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
NEEDS, DESK = "/organise/events/lunch/access", "/organise/access/"
PROVISION = "/organise/events/lunch/provision"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


@pytest.fixture
def lee(app: Flask, unit: Unit) -> FlaskClient:
    """Give the browser of an access lead who is signed in."""
    return _signed_in(app, unit, "lee@example.org", "access_lead")


@pytest.fixture
def asha(app: Flask, unit: Unit) -> FlaskClient:
    """Give the browser of an organiser who is signed in."""
    return _signed_in(app, unit, "asha@example.org", "organiser")


def _signed_in(app: Flask, unit: Unit, email: str, role: str) -> FlaskClient:
    with unit():
        make_person(email, role, name=email.partition("@")[0].title())
    client = app.test_client()
    sign_in(client, email)
    return client


def book(unit: Unit, site: Site, words: str = "=BSL, please.", email: str = "cleo@example.org") -> str:
    """Let somebody book and say what they need; returns the booking's id."""
    with unit() as session:
        found = session.scalars(select(Booking.event_id)).first()
        event = get_event("lunch") if found else make_event(slug="lunch")
        booking = make_booking(event, email, site=site)
        change_access_needs(booking.id, words, site=site, at=NOW)
        return str(booking.id)


def press(client: FlaskClient, page: str, **button: str) -> int:
    """Press a button of a page; returns the status."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token is not None
    return client.post(page, data={"csrf_token": token[1], **button}).status_code


def readings(unit: Unit) -> list[tuple[str, int]]:
    with unit() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act.like("access_lead:access-need:%"))).all()
        assert all(entry.after is not None and set(entry.after) == {"needs"} for entry in entries)
        return sorted((entry.act.rpartition(":")[2], (entry.after or {})["needs"]) for entry in entries)


def test_an_access_lead_promises_and_ticks_what_was_kept(
    lee: FlaskClient, unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    booking = book(unit, site)
    page = lee.get(NEEDS).text
    assert "=BSL, please." in page
    assert "Not answered yet" in page
    assert "It was kept" not in page

    answer = f"{NEEDS}/{booking}"
    fields = {**hidden(lee.get(answer)), "promised": "Two interpreters.", "kinds": ["bsl", "captions", "nonsense"]}
    assert lee.post(answer, data=fields).headers["Location"] == f"{NEEDS}#need-{booking}"
    page = lee.get(NEEDS).text
    assert "Two interpreters." in page
    assert "Live captions; British Sign Language interpreters" in page
    assert press(lee, NEEDS, kept=booking, version="2") == 409

    clock.shift(timedelta(days=8))
    sign_in(lee, "lee@example.org")
    assert press(lee, NEEDS, kept=booking, version="1") == 409
    assert press(lee, NEEDS, kept=booking, version="2") == 303
    assert "Kept, ticked on Wednesday 9 September 2026 by Lee" in lee.get(NEEDS).text
    assert press(lee, NEEDS, **{"not-kept": booking, "version": "3"}) == 303
    assert "Kept, ticked" not in lee.get(NEEDS).text
    assert press(lee, NEEDS, kept="nobody", version="4") == 404


def test_a_promise_over_words_that_changed_is_refused_and_shows_them(lee: FlaskClient, unit: Unit, site: Site) -> None:
    """R11."""
    booking = book(unit, site)
    answer = f"{NEEDS}/{booking}"
    fields = {**hidden(lee.get(answer)), "promised": "Two interpreters."}
    with unit() as session:
        change_access_needs(session.scalars(select(Booking.id)).one(), "Captions.", site=site, at=NOW)
    refused = lee.post(answer, data=fields)

    assert refused.status_code == 409
    assert all(text in refused.text for text in ("Captions.", "Two interpreters.", "please read it again"))
    assert "Changed on Tuesday 1 September 2026" in refused.text
    assert lee.post(answer, data={**fields, **hidden(refused)}).status_code == 303
    assert lee.post(answer, data={k: v for k, v in fields.items() if k != "version"}).status_code == 409


def test_every_reading_is_noted_with_its_count_and_no_words(lee: FlaskClient, unit: Unit, site: Site) -> None:
    """S35, P25, S37."""
    booking = book(unit, site)
    book(unit, site, "Breaks.", "dan@example.org")
    for path in (NEEDS, f"{NEEDS}/{booking}", f"{NEEDS}.csv", DESK):
        assert lee.get(path).status_code == 200

    assert readings(unit) == [("export", 2), ("read", 1), ("read", 2)]
    with unit() as session:
        lees = session.scalars(select(AuditEntry.actor).where(AuditEntry.act.endswith(":read"))).all()
        assert len(set(lees)) == 1
        assert None not in lees


def test_the_file_of_needs_holds_no_formula(lee: FlaskClient, unit: Unit, site: Site) -> None:
    """S9, S38."""
    book(unit, site)
    answer = lee.get(f"{NEEDS}.csv")
    head, row = csv.reader(io.StringIO(answer.text))

    assert dict(zip(head, row, strict=True))["needs"] == "'=BSL, please."
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lunch-access.csv"'
    assert "no-store" in answer.headers["Cache-Control"]


def test_organisers_see_counts_of_kinds_and_nobody_s_words(asha: FlaskClient, unit: Unit, site: Site) -> None:
    book(unit, site)
    with unit() as session:
        session.scalars(select(AccessNeed)).one().kinds = ["bsl"]
        add_provision(get_event("lunch").id, AccessKind.BSL, note=None, due_on=None, at=NOW, actor=None)
    page = asha.get(PROVISION).text

    assert "One booking asks for it." in page
    assert "Cleo" not in page
    assert asha.get(NEEDS).status_code == asha.get(f"{NEEDS}.csv").status_code == asha.get(DESK).status_code == 404


def test_what_is_stated_stands_on_the_public_page_at_once(
    asha: FlaskClient, client: FlaskClient, unit: Unit, site: Site
) -> None:
    with unit():
        make_event(slug="lunch")
    before = client.get("/events/lunch/").text
    assert "say what you need when you book, or write to" in before
    assert "Nothing is said about access" in asha.get("/organise/events/lunch/").text

    fields = {**hidden(asha.get(PROVISION)), "kind": "captions", "note": "typed by a person", "due_on": "2026-09-04"}
    assert asha.post(PROVISION, data=fields).status_code == 303
    assert "Live captions: typed by a person" in client.get("/events/lunch/").text
    assert "Nothing is said about access" not in asha.get("/organise/events/lunch/").text
    with unit():
        (provision,) = provided_at(get_event("lunch").id)
        provision_id = str(provision.id)
        one = f"{PROVISION}/{provision_id}"
        assert provision.due_on == date(2026, 9, 4)

    changed = {**hidden(asha.get(one)), "note": "by two people", "due_on": ""}
    assert asha.post(one, data=changed).status_code == 303
    assert asha.post(one, data=changed).status_code == 409
    assert "Live captions: by two people" in client.get("/events/lunch/").text
    assert press(asha, PROVISION, remove=provision_id) == 303
    assert "Live captions" not in Page(client.get("/events/lunch/")).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": "other"}, "Say what it is that you provide."),
        ({"kind": "sherry"}, "Choose one of these."),
        ({"kind": "bsl", "due_on": "soon"}, "Write the date as year, month and day"),
        ({"kind": "bsl", "due_on": "2026-09-09"}, "Choose a day no later than the day of the event."),
        ({"kind": "bsl", "note": "x" * 301}, "Please keep this to 300 characters."),
    ],
)
def test_what_cannot_be_stated_is_refused_beside_its_field(
    asha: FlaskClient, unit: Unit, typed: dict[str, str], sentence: str
) -> None:
    with unit():
        make_event(slug="lunch")
    refused = asha.post(PROVISION, data={**hidden(asha.get(PROVISION)), **typed})

    assert refused.status_code == 422
    assert sentence in refused.text
    with unit():
        assert provided_at(get_event("lunch").id) == []


def test_what_is_to_be_arranged_stands_by_its_day_the_overdue_first(
    lee: FlaskClient, unit: Unit, clock: time_machine.Traveller
) -> None:
    with unit():
        event = make_event(slug="lunch")
        for kind, day in ((AccessKind.BSL, 6), (AccessKind.CAPTIONS, 2)):
            add_provision(event.id, kind, note=None, due_on=date(2026, 9, day), at=NOW, actor=None)
        captions = str(provided_at(event.id)[0].id)
    assert "To be arranged by Wednesday 2 September 2026" in lee.get(DESK).text
    clock.move_to(datetime(2026, 9, 2, 22, 59, tzinfo=UTC))  # still that day in London
    sign_in(lee, "lee@example.org")
    assert "Overdue" not in lee.get(DESK).text
    clock.move_to(datetime(2026, 9, 2, 23, 0, tzinfo=UTC))
    text = Page(lee.get(DESK)).text
    assert "Overdue since Wednesday 2 September 2026" in text
    assert text.index("Live captions") < text.index("British Sign Language")

    assert press(lee, DESK, arranged=captions) == 303
    text = Page(lee.get(DESK)).text
    assert "Arranged on Thursday 3 September 2026" in text
    assert "Overdue" not in text
    assert press(lee, DESK, **{"not-arranged": captions}) == 303
    assert "Overdue since" in lee.get(DESK).text
    assert press(lee, DESK, arranged="0") == 404


@pytest.mark.parametrize(
    ("role", "landing", "door"),
    [
        ("access_lead", DESK, DESK),
        ("moderator", "/organise/responses/", "/organise/responses/"),
        ("organiser", None, "/organise/"),
        ("administrator", None, "/organise/"),
        ("member", 404, None),
    ],
)
def test_everybody_is_led_to_their_part_of_the_desk(
    app: Flask, unit: Unit, role: str, landing: str | int | None, door: str | None
) -> None:
    client = _signed_in(app, unit, "eli@example.org", role)
    answer = client.get("/organise/")
    assert answer.headers.get("Location", answer.status_code if answer.status_code != 200 else None) == landing
    account = client.get("/account/").text
    assert (f'href="{door}"' in account) if door else ("/organise/" not in account)
    assert (f'href="{DESK}"' in account) is (role in {"access_lead", "administrator"})
