"""What happens in the same moment as a booking, on PostgreSQL: SQLite lets one transaction wait for the other."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.bookings import services
from engage.bookings.models import Booking
from engage.bookings.requests import PlaceRequest
from engage.events.errors import EventChangedError
from engage.events.models import Event
from engage.flows.invariants import INVARIANTS
from engage.kernel.settings import Site
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.models import Message
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
pytestmark = [pytest.mark.usefixtures("clock"), pytest.mark.parametrize("database_kind", ["postgresql"])]


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions["engage"].site()


def meanwhile(app: Flask, change: Callable[[Session], object]) -> None:
    """Commit a change of somebody else while this transaction is open."""

    def run() -> None:
        with app.app_context(), unit_of_work() as session:
            change(session)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


def book(event_id: uuid.UUID, site: Site) -> None:
    services.book_place(event_id, PlaceRequest(name="Cleo", email="cleo@example.org", locale="en"), site=site, at=NOW)


def messages(session: Session) -> int:
    return session.scalar(select(func.count(Message.id))) or 0


def test_an_event_that_moves_takes_no_booking_with_its_old_time(
    app: Flask, unit: Unit, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18: the invitation would tell the old time, and whoever moved the event told nobody of this booking."""
    with unit():
        event_id = make_event().id

    def move(session: Session) -> None:
        event = session.get_one(Event, event_id)
        event.starts_at += timedelta(minutes=5)
        event.version += 1

    queue_invitation = services.queue_invitation

    def queue_late(*given: Any, **named: Any) -> None:
        meanwhile(app, move)
        queue_invitation(*given, **named)

    monkeypatch.setattr(services, "queue_invitation", queue_late)
    with pytest.raises(EventChangedError), unit():
        book(event_id, site)

    with unit() as session:
        assert session.scalars(select(Booking)).all() == []
        assert messages(session) == 0
        assert [line for invariant in INVARIANTS.values() for line in invariant()] == []


def test_a_place_given_back_is_not_said_to_be_held(
    app: Flask, unit: Unit, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Booking again while the first booking is being cancelled: no mail with links of a place that is gone."""
    with unit() as session:
        event_id = make_event().id
        book(event_id, site)
        booking_id = session.scalars(select(Booking.id)).one()
    take_places = services.take_places

    def take_late(*given: Any, **named: Any) -> int:
        meanwhile(app, lambda _session: services.cancel_booking(booking_id, site=site, at=NOW))
        return take_places(*given, **named)

    monkeypatch.setattr(services, "take_places", take_late)
    with pytest.raises(EventChangedError), unit():
        book(event_id, site)

    with unit() as session:
        assert messages(session) == 2  # the invitation and the farewell
        assert [line for invariant in INVARIANTS.values() for line in invariant()] == []
