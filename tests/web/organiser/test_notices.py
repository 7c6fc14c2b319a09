"""The page on which an organiser chooses what to be told."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.models import BookingNotice
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place
from engage.edge import context
from engage.kernel import clock
from tests.factories import make_booking, make_event
from tests.pages import Page
from tests.web.organiser.conftest import Send

Unit = Callable[[], AbstractContextManager[Session]]
NOTICES = "/organise/events/lunch/notices"


def test_what_is_ticked_is_kept_and_shown_and_can_be_taken_back(asha: FlaskClient, send: Send, unit: Unit) -> None:
    with unit():
        make_event(slug="lunch")
    for ticks in ({"digest": "yes", "when_waiting": "yes"}, {"when_full": "yes"}, {}):
        answer = send(NOTICES, **ticks)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/organise/events/lunch/bookings")
        [form] = [form for form in Page(asha.get(NOTICES)).forms if form.action == NOTICES]
        shown = {name: value for name, value in form.values.items() if form.kinds.get(name) == "checkbox"}
        assert shown == ticks
        with unit() as session:
            [kept] = session.scalars(select(BookingNotice)).all()
            assert {name for name in ("digest", "when_full", "when_waiting") if getattr(kept, name)} == set(ticks)


def test_more_places_say_who_came_off_the_waiting_list(asha: FlaskClient, send: Send, unit: Unit) -> None:
    """R10, and R9: what became of the list is said where the number was changed."""
    with unit():
        event = make_event(slug="lunch", capacity=1)
        make_booking(event, "ana@example.org")
        for name in ("ben", "cat", "dan"):
            request = PlaceRequest(name, f"{name}@example.org", "en")
            book_place(event.id, request, site=context.site(), at=clock.now())
    edit = "/organise/events/lunch/edit"
    [form] = [form for form in Page(asha.get(edit)).forms if "capacity" in form.kinds]
    assert asha.post(edit, data={**form.values, "capacity": "3"}).status_code == 303
    assert "2 bookings came off the waiting list by it" in asha.get("/organise/events/lunch/").text
    assert ">place waited for<" in asha.get("/organise/events/lunch/bookings").text
