"""What a visitor does to book, and the private links that the mail brings them."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.bookings.models import Booking
from engage.bookings.queries import join_token, manage_token
from engage.kernel.settings import Site
from tests.factories import hidden

Unit = Callable[[], AbstractContextManager[Session]]


def send(client: FlaskClient, slug: str, **typed: str) -> TestResponse:
    """Open the form, fill it in, send it."""
    page = client.get(f"/events/{slug}/book")
    given = {"name": "Cleo Sample", "email": "cleo@example.org", "organisation": "", **typed}
    return client.post(f"/events/{slug}/book", data={**hidden(page), **given})


def tokens(unit: Unit, site: Site, email: str = "cleo@example.org") -> tuple[str, str]:
    """Return the tokens of a booking's private page and way in, as its mail brings them."""
    with unit() as session:
        booking = session.scalars(select(Booking).where(Booking.email_normalised == email)).one()
        return manage_token(booking, site), join_token(booking, site)
