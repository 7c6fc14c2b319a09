"""Private calendars: what they hold, who gets their address, and when they end (calendar-mail 3.4, decision 7)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from engage.accounts.models import Role
from engage.accounts.services import disable_person
from engage.bookings.changes import erase_booking
from engage.bookings.guest_queries import GUEST, get_guest_by_token
from engage.bookings.guests import stop_mails
from engage.bookings.models import Booking
from engage.bookings.queries import join_token, manage_token
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place, cancel_booking
from engage.calendars.enums import FeedPurpose
from engage.calendars.feeds import feed_token, make_feed, renew_feed, stop_feed
from engage.calendars.models import CalendarFeed, CalendarInvite
from engage.calendars.services import issue_speaker_invite
from engage.events.enums import AppearanceRole, AppearanceStatus
from engage.events.models import Event
from engage.events.services import add_speaker
from engage.flows.cancelling import cancel_event
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.speakers.models import Speaker
from tests.conftest import TEST_BEGINS, SentMail
from tests.factories import make_booking, make_event, make_person
from tests.pages import Page
from tests.stage import Unit, set_stage

CLEO = "cleo@example.org"
pytestmark = pytest.mark.usefixtures("clock")


def _feed(unit: Unit, site: Site, purpose: FeedPurpose = FeedPurpose.BOOKINGS, **owner: object) -> str:
    """Make somebody's calendar and return the path of its file."""
    with unit():
        feed = make_feed(purpose, at=TEST_BEGINS, **(owner or {"address": CLEO}))  # type: ignore[arg-type]
        return f"/calendar/{feed_token(feed, site)}.ics"


def _entries(client: FlaskClient, path: str) -> dict[str, dict[str, str]]:
    answer = client.get(path)
    assert answer.status_code == 200
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    return {str(event["SUMMARY"]): {name: str(event[name]) for name in event} for event in events}


def test_the_calendar_of_bookings_repeats_uid_and_sequence_and_names_nobody(
    client: FlaskClient, unit: Unit, site: Site
) -> None:
    with unit():
        booking = make_booking(make_event(title="Rivers", slug="rivers"), CLEO, site=site)
        make_booking(make_event(title="Not hers"), "petra@example.org", site=site)
        invite = db.session.scalars(select(CalendarInvite).where(CalendarInvite.booking_id == booking.id)).one()
        invite.sequence, invite.organizer_addr = 4, "old@example.org"
        uid, way_in = invite.uid, f"http://localhost/join/{join_token(booking, site)}"

    entries = _entries(client, _feed(unit, site))

    assert list(entries) == ["Rivers"]
    entry = entries["Rivers"]
    assert (entry["UID"], entry["SEQUENCE"], entry["STATUS"]) == (uid, "4", "CONFIRMED")
    assert entry["ORGANIZER"] == "mailto:old@example.org"
    assert entry["LOCATION"] == way_in
    assert "ATTENDEE" not in entry
    assert "/bookings/" not in entry["DESCRIPTION"], "who sees a shared calendar could cancel the booking"


def test_a_wait_is_tentative_and_what_was_given_back_is_left_out(client: FlaskClient, unit: Unit, site: Site) -> None:
    with unit():
        full = make_event(title="Full", capacity=1)
        make_booking(full, "first@example.org", site=site)
        book_place(full.id, PlaceRequest(name="Cleo", email=CLEO, locale="en"), site=site, at=TEST_BEGINS)
        gone = make_booking(make_event(title="Given back"), CLEO, site=site)
        cancel_booking(gone.id, site=site, at=TEST_BEGINS)
        cancelled = make_event(title="Off")
        make_booking(cancelled, CLEO, site=site)
        cancel_event(cancelled.id, reason="Rain.", site=site, at=TEST_BEGINS, actor=None)

    entries = _entries(client, _feed(unit, site))

    assert {title: entry["STATUS"] for title, entry in entries.items()} == {
        "Full": "TENTATIVE",
        "Cancelled: Off": "CANCELLED",
    }
    assert "You are on the waiting list." in entries["Full"]["DESCRIPTION"]
    assert "/join/" not in entries["Full"]["LOCATION"]


def test_it_answers_as_a_feed_should_and_is_stored_by_its_reader_alone(
    client: FlaskClient, unit: Unit, site: Site
) -> None:
    with unit():
        make_booking(make_event(), CLEO, site=site)
    path = _feed(unit, site)

    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    head = client.head(path)

    assert (again.status_code, again.data, head.data) == (304, b"", b"")
    assert head.headers["ETag"] == first.headers["ETag"]
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "private, max-age=900"
    assert first.headers["X-Robots-Tag"] == "noindex"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    # What leaves it leaves no later moment behind, so that a moment would say "no change".
    assert not {"Last-Modified", "Set-Cookie", "Content-Disposition", "Location"} & set(first.headers.keys())


def test_the_organisers_calendar_holds_drafts_and_follows_every_change(
    app: Flask, client: FlaskClient, unit: Unit, site: Site
) -> None:
    with unit():
        make_event(title="Public", slug="public")
        make_event(title="Draft", slug="draft", published=False)
        asha = make_person("asha@example.org", "organiser").id
    path = _feed(unit, site, FeedPurpose.DESK, person_id=asha)

    entries = _entries(client, path)
    assert {title: entry["STATUS"] for title, entry in entries.items()} == {"Public": "CONFIRMED", "Draft": "TENTATIVE"}
    assert entries["Draft"]["URL"] == "http://localhost/organise/events/draft/"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    with unit():
        make_event(title="Another draft", published=False)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_the_calendar_of_talks_holds_what_somebody_is_asked_to_and_not_what_they_declined(
    client: FlaskClient, unit: Unit, site: Site
) -> None:
    with unit():
        for title, status, published in (
            ("Talk", "accepted", True),
            ("Asked", "invited", False),
            ("Not asked yet", "draft", False),
            ("Declined", "declined", True),
        ):
            event = make_event(title=title, published=published)
            appearance = add_speaker(
                event.id,
                name="Ben",
                role_title=None,
                organisation=None,
                role=AppearanceRole.SPEAKER,
                at=TEST_BEGINS,
                actor=None,
            )
            appearance.status = AppearanceStatus(status)
        db.session.scalars(select(Speaker)).one().email = "ben@example.org"

    entries = _entries(client, _feed(unit, site, FeedPurpose.TALKS, address="ben@example.org"))

    assert {title: entry["STATUS"] for title, entry in entries.items()} == {"Talk": "CONFIRMED", "Asked": "TENTATIVE"}
    assert "URL" not in entries["Asked"], "the page of a draft is not public"


@pytest.mark.parametrize("ending", ["renewed", "stopped", "erased", "disabled", "no organiser"])
def test_it_ends_when_its_person_leaves(client: FlaskClient, unit: Unit, site: Site, ending: str) -> None:
    with unit():
        booking_id = make_booking(make_event(slug="rivers"), CLEO, site=site).id
        asha = make_person("asha@example.org", "organiser").id
    of_person = ending in ("disabled", "no organiser")
    path = _feed(unit, site, FeedPurpose.DESK, person_id=asha) if of_person else _feed(unit, site)
    assert client.get(path).status_code == 200

    with unit() as session:
        feed = session.scalars(select(CalendarFeed)).one()
        if ending == "renewed":
            renew_feed(feed, at=TEST_BEGINS)
        elif ending == "stopped":
            stop_feed(feed, at=TEST_BEGINS)
        elif ending == "disabled":
            disable_person("asha@example.org", at=TEST_BEGINS)
        elif ending == "no organiser":
            session.query(Role).delete()
        else:
            cancel_booking(booking_id, site=site, at=TEST_BEGINS)
            erase_booking(booking_id, at=TEST_BEGINS)

    assert client.get(path).status_code == 404
    if ending == "erased":
        with unit() as session:
            assert session.scalars(select(CalendarFeed)).all() == []


def test_a_button_mails_the_calendar_to_the_bookings_address_and_shows_it_to_nobody(
    client: FlaskClient,
    unit: Unit,
    site: Site,
    worker: Callable[..., int],
    outbox: Callable[[], list[SentMail]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    with unit():
        token = manage_token(make_booking(make_event(title="Rivers"), CLEO, site=site), site)
    page = client.get(f"/bookings/{token}/")
    (form,) = [form for form in Page.of(page).forms if form.action.endswith("/calendar")]

    for _ in range(2):  # a double click
        answer = client.post(form.action, data=form.values)
    assert answer.headers["Location"].endswith("?done=calendar")
    assert ".ics" not in client.get(answer.headers["Location"]).text.replace("/invite.ics", "").replace(
        "/events.ics", ""
    )
    worker()

    mails = [sent for sent in outbox() if sent.kind == "feed_link"]
    assert [sent.to for sent in mails] == [CLEO]
    mail = mails[0].mail
    assert mail is not None
    assert mail["Subject"] == "Your bookings in your calendar"
    plain = mail.get_body(("plain",))
    assert plain is not None
    lines = plain.get_content().splitlines()
    (file,) = [line for line in lines if line.endswith(".ics")]
    (follow,) = [line for line in lines if "/calendar/" in line and line.endswith("/")]
    assert "Rivers" in _entries(client, file.removeprefix("http://localhost"))
    assert client.get(follow.removeprefix("http://localhost")).status_code == 200
    secret = file.rpartition("/")[2].removesuffix(".ics")
    assert secret not in capsys.readouterr().err


def test_no_address_is_mailed_more_than_three_calendars_a_day(
    client: FlaskClient, unit: Unit, site: Site, outbox: Callable[[], list[SentMail]]
) -> None:
    with unit():
        token = manage_token(make_booking(make_event(), CLEO, site=site), site)
    for _ in range(5):
        form = next(form for form in Page.of(client.get(f"/bookings/{token}/")).forms if "/calendar" in form.action)
        client.post(form.action, data=form.values)

    assert [sent.kind for sent in outbox()].count("feed_link") == 3


@pytest.mark.parametrize("act", ["renewed", "stopped"])
def test_whoever_renews_or_stops_it_by_its_page_is_shown_no_new_address(
    client: FlaskClient, unit: Unit, site: Site, outbox: Callable[[], list[SentMail]], act: str
) -> None:
    path = _feed(unit, site)
    page = path.replace(".ics", "/")
    (form,) = [form for form in Page.of(client.get(page)).forms if form.method == "post"]
    assert client.head(page).status_code == 200

    for _ in range(2):  # a double click
        answer = client.post(page, data={**form.values, "act": act})
        assert answer.headers["Location"] == f"/calendar/?result={act}"

    assert client.get(path).status_code == client.get(page).status_code == 404
    assert client.get(answer.headers["Location"]).status_code == 200
    assert [sent.to for sent in outbox()] == ([CLEO] if act == "renewed" else [])


def test_a_form_without_a_key_changes_nothing(client: FlaskClient, unit: Unit, site: Site) -> None:
    path = _feed(unit, site)
    assert client.post(path.replace(".ics", "/"), data={"act": "stopped"}).status_code == 422
    assert client.get(path).status_code == 200


def test_it_is_fetched_so_often_and_no_more(make_app: Callable[..., Flask], unit: Unit, site: Site) -> None:
    path = _feed(unit, site)
    client = make_app(LIMITS="calendar=2/min per account; calendar=100/min per address").test_client()

    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 429]


def test_what_left_the_window_leaves_the_calendar(
    client: FlaskClient, unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    with unit() as session:
        make_booking(make_event(title="Rivers"), CLEO, site=site)
        ends_at = session.scalars(select(Event)).one().ends_at
        assert session.scalars(select(Booking)).one().is_live()
    path = _feed(unit, site)
    clock.move_to(ends_at + timedelta(days=89))
    assert list(_entries(client, path)) == ["Rivers"]
    clock.move_to(ends_at + timedelta(days=91))
    assert _entries(client, path) == {}


def test_a_guest_has_their_places_in_it_and_loses_it_with_their_details(
    app: Flask, client: FlaskClient, unit: Unit, outbox: Callable[[], list[SentMail]]
) -> None:
    stage = set_stage(app, unit)
    token = stage.tokens["coming guest"]
    page = client.get(f"/guests/{token}/")
    form = next(form for form in Page.of(page).forms if form.action.endswith("/calendar"))
    answer = client.post(form.action, data=form.values)
    assert "on its way to your mail address" in client.get(answer.headers["Location"]).text
    assert [sent.to for sent in outbox() if sent.kind == "feed_link"] == ["gwen@example.org"]

    path = _feed(unit, stage.site, address="gwen@example.org")
    (coming,) = [entry for entry in _entries(client, path).values() if "coming-event" in entry["URL"]]
    assert coming["LOCATION"] == f"http://localhost/join/{stage.tokens['coming guest join']}"
    with unit():
        stop_mails(get_guest_by_token(token, purpose=GUEST, site=stage.site).id, at=TEST_BEGINS)
    assert client.get(path).status_code == 404


def test_each_day_calendars_of_nobody_are_deleted(
    unit: Unit, site: Site, client: FlaskClient, worker: Callable[..., int]
) -> None:
    with unit():
        make_booking(make_event(), CLEO, site=site)
    hers, nobodys = _feed(unit, site), _feed(unit, site, address="nobody@example.org")

    worker()

    assert (client.get(hers).status_code, client.get(nobodys).status_code) == (200, 404)
    with unit() as session:
        assert [feed.address for feed in session.scalars(select(CalendarFeed))] == [CLEO]


def test_whoever_speaks_and_books_has_one_entry_in_both_calendars(client: FlaskClient, unit: Unit, site: Site) -> None:
    with unit() as session:
        event = make_event(title="Both")
        appearance = add_speaker(
            event.id,
            name="Ben",
            role_title=None,
            organisation=None,
            role=AppearanceRole.SPEAKER,
            at=TEST_BEGINS,
            actor=None,
        )
        session.scalars(select(Speaker)).one().email = CLEO
        appearance.status = AppearanceStatus.ACCEPTED
        issue_speaker_invite(appearance.id, event.id, CLEO, site=site, at=TEST_BEGINS)
        booking = make_booking(event, CLEO, site=site)
        session.query(CalendarInvite).filter_by(booking_id=booking.id).delete()

    booked = _entries(client, _feed(unit, site))["Both"]
    talk = _entries(client, _feed(unit, site, FeedPurpose.TALKS, address=CLEO))["Both"]
    assert booked["UID"] == talk["UID"]
    assert not booked["UID"].startswith(("booking-", "talk-"))


def test_a_speaker_has_their_talks_mailed_and_nobody_else(
    app: Flask, client: FlaskClient, unit: Unit, worker: Callable[..., int], outbox: Callable[[], list[SentMail]]
) -> None:
    stage = set_stage(app, unit)
    page = client.get(f"/speaker/{stage.tokens['coming speaker']}/")
    form = next(form for form in Page.of(page).forms if form.action.endswith("/calendar"))
    for _ in range(2):  # a double click
        answer = client.post(form.action, data=form.values)
    assert "on its way to your mail address" in client.get(answer.headers["Location"]).text
    worker()

    (sent,) = [sent for sent in outbox() if sent.kind == "feed_link"]
    assert sent.mail is not None
    assert sent.mail["Subject"] == "Your talks in your calendar"
    entries = _entries(client, _feed(unit, stage.site, FeedPurpose.TALKS, address=sent.to))
    assert entries
    assert not [entry for entry in entries.values() if "/speaker/" in "".join(entry.values())], (
        "it would answer for them"
    )
