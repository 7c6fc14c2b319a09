"""Several places on one form, and the guests that somebody brings: through HTTP."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engage.bookings.guest_queries import guest_join_token, guest_token
from engage.bookings.models import Booking, Guest
from engage.events.models import Event
from engage.kernel.settings import Site
from tests.conftest import SentMail
from tests.factories import hidden
from tests.web.public.visiting import send, tokens

Unit = Callable[[], AbstractContextManager[Session]]
pytestmark = pytest.mark.usefixtures("clock")


def guests(unit: Unit) -> list[tuple[str | None, str | None]]:
    with unit() as session:
        rows = session.execute(select(Guest.name, Guest.email_normalised).order_by(Guest.position)).all()
        return [(name, email) for name, email in rows]


def test_the_fold_stands_open_once_something_in_it_is_filled_in_or_needs_another_look(
    client: FlaskClient, slug: str
) -> None:
    assert '<details id="more"><summary>More about your booking' in client.get(f"/events/{slug}/book").text
    assert '<details id="more" open>' in send(client, slug, places="2", **{"guest-1-email": "nobody"}).text
    assert '<details id="more"><summary>' in send(client, slug, email="nobody", reminders="yes").text
    typed: dict[str, str]
    for typed in ({"places": "2"}, {"guest-1-name": "Gwen"}, {"access_needs": "A ramp"}, {"reminders": "no"}):
        answer = send(client, slug, **{"email": "nobody", "reminders": "yes", **typed})
        assert '<details id="more" open>' in answer.text, typed


def test_a_party_books_with_one_form(client: FlaskClient, slug: str, unit: Unit) -> None:
    answer = send(client, slug, places="3", **{"guest-2-name": "Gwen", "guest-2-email": "Gwen@Example.org"})

    assert answer.headers["Location"] == f"/events/{slug}/booked?result=place"
    with unit() as session:
        assert session.execute(select(Booking.places, Event.seats_taken).join(Event)).one() == (3, 3)
    assert guests(unit) == [("Gwen", "gwen@example.org"), (None, None)]


def test_the_page_of_a_booking_lists_its_guests_with_bullets_that_stand_in_the_page(
    client: FlaskClient, slug: str, unit: Unit, site: Site
) -> None:
    """A list without a class has its bullets outside the text, where a phone cuts them off."""
    send(client, slug, places="2")
    manage, _ = tokens(unit, site)
    page = client.get(f"/bookings/{manage}/").text
    assert '<ul class="bullets">' in page.partition('id="party"')[2].partition("</ul>")[0]


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


def test_the_holder_names_a_guest_later_and_gives_a_place_back(
    client: FlaskClient, slug: str, unit: Unit, site: Site
) -> None:
    send(client, slug, places="3", **{"guest-1-name": "Gwen"})
    manage, _ = tokens(unit, site)
    page = client.get(f"/bookings/{manage}/")
    assert "3 places, confirmed" in page.text
    form = client.get(f"/bookings/{manage}/party")
    assert 'value="Gwen"' in form.text

    rows = {"guest-1-name": "Gwen Pryce", "guest-1-email": "gwen@example.org", "guest-2-gone": "yes"}
    answer = client.post(f"/bookings/{manage}/party", data={**hidden(form), **rows})
    after = client.get(answer.headers["Location"])

    assert answer.status_code == 303
    assert "Who comes with you is changed." in after.text
    assert "2 places, confirmed" in after.text
    assert "Gwen Pryce" in after.text


def test_a_change_of_the_party_that_is_sent_twice_is_done_once_and_says_so(
    client: FlaskClient, slug: str, unit: Unit, site: Site
) -> None:
    """R8: whoever clicks twice is not told that nothing was changed."""
    send(client, slug, places="4", **{"guest-1-email": "gwen@example.org"})
    manage, _ = tokens(unit, site)
    page = f"/bookings/{manage}/party"
    form = {**hidden(client.get(page)), "guest-1-email": "dev@example.org", "guest-2-gone": "yes"}

    first, second = client.post(page, data=form), client.post(page, data=form)

    assert (first.status_code, first.location) == (second.status_code, second.location) == (303, second.location)
    with unit() as session:
        assert session.execute(select(Booking.places, Event.seats_taken).join(Event)).one() == (3, 3)
    assert guests(unit).count((None, "dev@example.org")) == 1


def test_a_refused_change_of_the_party_keeps_what_was_typed(
    client: FlaskClient, slug: str, unit: Unit, site: Site
) -> None:
    send(client, slug, places="2")
    manage, _ = tokens(unit, site)
    key = hidden(client.get(f"/bookings/{manage}/party"))

    rows = {"guest-1-name": "Gwen", "guest-1-email": "cleo@example.org"}
    refused = client.post(f"/bookings/{manage}/party", data={**key, **rows})
    stale = client.post(f"/bookings/{manage}/party", data={**key, "guests": "7,x,1_0,７", "guest-7-name": "Gwen"})

    assert (refused.status_code, stale.status_code) == (422, 409)
    assert "This is your own address" in refused.text
    assert 'value="cleo@example.org"' in refused.text
    assert "changed while this page was open" in stale.text
    assert guests(unit) == [(None, None)]


def test_a_guest_gives_the_place_back_on_their_own_page(
    client: FlaskClient, slug: str, unit: Unit, site: Site, outbox: Callable[[], list[SentMail]]
) -> None:
    """S11: the page asks, a button acts; pressed again it changes nothing."""
    send(client, slug, places="2", **{"guest-1-name": "Gwen", "guest-1-email": "gwen@example.org"})
    with unit() as session:
        link = guest_token(session.scalars(select(Guest)).one(), site)
    page = client.get(f"/guests/{link}/cannot-come")
    assert "We tell Cleo Sample" in page.text
    assert guests(unit) == [("Gwen", "gwen@example.org")]

    pressed = [client.post(f"/guests/{link}/cannot-come", data=hidden(page)) for _ in range(2)]

    assert [answer.status_code for answer in pressed] == [303, 200]
    assert "Given back" in pressed[1].text
    assert [(mail.kind, mail.to) for mail in outbox()][2:] == [
        ("booking_cancelled", "gwen@example.org"),
        ("guest_left", "cleo@example.org"),
    ]


def test_a_guest_who_stops_mails_twice_gets_one_answer(client: FlaskClient, slug: str, unit: Unit, site: Site) -> None:
    """R8: the link has ended with the first."""
    send(client, slug, places="2", **{"guest-1-email": "gwen@example.org"})
    with unit() as session:
        link = guest_token(session.scalars(select(Guest)).one(), site)
    form = hidden(client.get(f"/guests/{link}/stop"))

    first, second = (client.post(f"/guests/{link}/stop", data=form) for _ in range(2))

    assert (first.status_code, first.headers["Location"]) == (second.status_code, second.headers["Location"])
    assert client.get(f"/guests/{link}/").status_code == 404
    assert guests(unit) == [(None, None), (None, None)]


def test_a_guest_has_a_way_in_of_their_own_that_leads_to_no_booking(
    client: FlaskClient, slug: str, unit: Unit, site: Site
) -> None:
    send(client, slug, places="2", **{"guest-1-email": "gwen@example.org"})
    with unit() as session:
        guest = session.scalars(select(Guest)).one()
        join, own = guest_join_token(guest, site), guest_token(guest, site)

    page = client.get(f"/join/{join}")

    assert f"/guests/{own}/" in page.text
    assert "/bookings/" not in page.text
    assert client.get(f"/bookings/{own}/").status_code == 404
    assert client.get(f"/guests/{own}/invite.ics").mimetype == "text/calendar"


def test_a_party_for_which_too_few_places_are_left_is_told_so_for_known_addresses_too(
    client: FlaskClient, slug: str, unit: Unit
) -> None:
    """Rule 16; three places, one taken, and no list to join."""
    with unit() as session:
        session.execute(update(Event).values(waiting_list=False))
    send(client, slug)

    new, known = (send(client, slug, email=f"{name}@example.org", places="3") for name in ("dev", "cleo"))

    assert (new.status_code, known.status_code) == (409, 409)
    assert all("There are not so many places left. Choose fewer places." in each.text for each in (new, known))
