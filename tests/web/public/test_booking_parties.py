"""Several places on one form, and the guests that somebody brings: through HTTP."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.models import Booking, Guest
from engage.events.models import Event
from tests.web.public.visiting import send

Unit = Callable[[], AbstractContextManager[Session]]
pytestmark = pytest.mark.usefixtures("clock")


def guests(unit: Unit) -> list[tuple[str | None, str | None]]:
    with unit() as session:
        rows = session.execute(select(Guest.name, Guest.email_normalised).order_by(Guest.position)).all()
        return [(name, email) for name, email in rows]


def test_the_fold_is_closed_until_something_in_it_needs_another_look(client: FlaskClient, slug: str) -> None:
    assert '<details id="more"><summary>More about your booking' in client.get(f"/events/{slug}/book").text
    assert '<details id="more" open>' in send(client, slug, places="2", **{"guest-1-email": "nobody"}).text
    assert '<details id="more"><summary>' in send(client, slug, email="nobody").text


def test_a_party_books_with_one_form(client: FlaskClient, slug: str, unit: Unit) -> None:
    answer = send(client, slug, places="3", **{"guest-2-name": "Gwen", "guest-2-email": "Gwen@Example.org"})

    assert answer.headers["Location"] == f"/events/{slug}/booked?result=place"
    with unit() as session:
        assert session.execute(select(Booking.places, Event.seats_taken).join(Event)).one() == (3, 3)
    assert guests(unit) == [("Gwen", "gwen@example.org"), (None, None)]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"places": "6"}, "Choose from 1 to 5 places."),
        ({"places": "0"}, "Choose from 1 to 5 places."),
        ({"places": "two"}, "Choose from 1 to 5 places."),
        ({"guest-1-name": "Gwen"}, "one place is your own. Choose 2 places"),
        ({"places": "2", "guest-1-email": "gwen"}, "Please write one e-mail address"),
        ({"places": "2", "guest-1-email": "CLEO@example.org"}, "This is your own address"),
        (
            {"places": "3", "guest-1-email": "gwen@example.org", "guest-2-email": "gwen@EXAMPLE.org"},
            "You gave this address to another guest already",
        ),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_nothing_is_stored(
    client: FlaskClient, slug: str, unit: Unit, typed: dict[str, str], sentence: str
) -> None:
    answer = send(client, slug, **typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(f'value="{value}"' in answer.text for name, value in typed.items() if name != "places")
    with unit() as session:
        assert session.scalars(select(Booking.id)).all() == []
        assert session.scalar(select(Event.seats_taken)) == 0
