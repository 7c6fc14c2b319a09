"""What visitors see: the first page, the programme, an event in every state."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from engage.events.enums import AppearanceRole
from engage.events.services import add_speaker, set_questions, set_recording, take_places
from engage.flows.cancelling import cancel_event
from engage.kernel.db import db
from tests.factories import make_consultation, make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("clock")


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that are run."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", note)
    yield seen
    sqlalchemy_event.remove(engine, "before_cursor_execute", note)


def make_full_event(**given: Any) -> str:
    """Make an event with two guests, a chair and two questions; returns its slug."""
    event = make_event(**given)
    who: dict[str, Any] = {"role_title": "Analyst", "organisation": "Sample Ltd", "at": NOW, "actor": None}
    for name in ("Ada Okafor", "Ben Pryce"):
        add_speaker(event.id, name=name, role=AppearanceRole.SPEAKER, **who)
    add_speaker(event.id, name="Rhian Chair", role=AppearanceRole.CHAIR, **who)
    questions = make_consultation().questions
    set_questions(event.id, question_ids=[q.id for q in questions[:2]], at=NOW, actor=None)
    return event.slug


def test_an_empty_site_says_what_will_be_there(client: FlaskClient) -> None:
    home, programme = client.get("/"), client.get("/events/")

    assert "No event is planned at the moment" in home.text
    assert "Nothing is open for answers today" in home.text
    assert "Nothing is planned at the moment" in programme.text


def test_the_first_page_shows_the_next_event_and_what_is_asked(unit: Unit, client: FlaskClient) -> None:
    with unit():
        make_full_event()

    page = client.get("/")

    for words in ("Three views over lunch", "Ada Okafor", "20 of 20 places left", "Levelling up", "Open until"):
        assert words in page.text
    assert "Set-Cookie" not in page.headers


def test_forty_speakers_push_the_button_off_no_page(unit: Unit, client: FlaskClient) -> None:
    with unit():
        event = make_event()
        for number in range(40):
            add_speaker(
                event.id,
                name=f"Guest {number}",
                role_title="",
                organisation="",
                role=AppearanceRole.SPEAKER,
                at=NOW,
                actor=None,
            )
        slug = event.slug

    home, programme, page = (client.get(path).text for path in ("/", "/events/", f"/events/{slug}/"))

    assert "34 more people speak." in home
    assert "Guest 6" not in home
    assert "Guest 5 and 34 more." in programme
    assert "Guest 39" in page


def test_the_event_page_tells_everything_in_at_most_five_queries(unit: Unit, app: Flask, client: FlaskClient) -> None:
    with unit():
        slug = make_full_event()

    with counted_queries(app) as seen:
        page = client.get(f"/events/{slug}/")

    assert len([each for each in seen if each.startswith("SELECT")]) <= 5, seen
    for words in (
        "10am to 11am, UK time (BST)",
        "With Ada Okafor (Sample Ltd) and Ben Pryce (Sample Ltd).",
        "In the chair: Rhian Chair, Sample Ltd",
        "What about number 2?",
        "0 responses so far",
        "<em>one</em>",
        "Book a place",
    ):
        assert words in page.text
    assert "meet.example.org" not in page.text


def test_pages_are_revalidated_and_set_no_cookie(unit: Unit, client: FlaskClient) -> None:
    with unit():
        slug = make_full_event()
    for path in ("/", "/events/", f"/events/{slug}/", f"/events/{slug}/booked?result=place"):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
        assert "Set-Cookie" not in first.headers


def test_a_draft_is_not_found_and_neither_is_nonsense(unit: Unit, client: FlaskClient) -> None:
    with unit():
        slug = make_event(published=False).slug
    for path in (slug, "nothing", "x" * 5000, "%00", "%ff", "a%0d%0ab"):
        for page in (f"/events/{path}/", f"/events/{path}/book", f"/events/{path}.ics"):
            assert client.get(page).status_code == 404, page


def test_a_cancelled_event_says_why_and_takes_no_bookings(unit: Unit, app: Flask, client: FlaskClient) -> None:
    with unit():
        event = make_event()
        slug = event.slug
        cancel_event(event.id, reason="The speaker is ill.", site=app.extensions["engage"].site(), at=NOW, actor=None)

    page = client.get(f"/events/{slug}/")

    assert "The reason: The speaker is ill." in page.text
    assert "Book a place" not in page.text
    assert "Cancelled" in client.get("/events/").text
    assert "This event does not take place" in client.get(f"/events/{slug}/book").text


def test_an_event_that_is_over_leads_to_recording_and_comments(unit: Unit, client: FlaskClient) -> None:
    with unit():
        event = make_event(starts_at=NOW - timedelta(days=2))
        slug = event.slug
        set_recording(event.id, recording_url="https://video.example.org/1", at=NOW, actor=None)

    page = client.get(f"/events/{slug}/")

    assert "https://video.example.org/1" in page.text
    assert "0 published comments." in page.text
    assert "comment form until Monday 28 September 2026" not in page.text
    assert "Over, comments open until Sunday 27 September 2026" in page.text


def test_a_full_event_says_so(unit: Unit, client: FlaskClient) -> None:
    with unit():
        event = make_event(capacity=1)
        slug = event.slug
        take_places(event.id, 1, at=NOW)

    assert "The one place is taken" in client.get(f"/events/{slug}/").text
    assert "Every place is taken" in client.get(f"/events/{slug}/book").text


def test_words_of_people_are_shown_as_words(unit: Unit, client: FlaskClient) -> None:
    with unit():
        slug = make_event(title="<script>alert(1)</script>", summary="{{ 7 * 7 }}", slug="x").slug

    page = client.get(f"/events/{slug}/")

    assert "&lt;script&gt;alert(1)" in page.text
    assert "{{ 7 * 7 }}" in page.text
