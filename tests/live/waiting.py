"""Waiting for the worker."""

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import func, select

from engage.bookings.models import Booking
from engage.mail.enums import MessageState
from engage.mail.models import Message
from tests.live.conftest import Unit

LONGEST_DELIVERY_S = 30


def wait_for_every_mail(unit: Unit, event_id: UUID) -> None:
    """Wait until each mail about the bookings of an event is sent."""
    bookings = select(Booking.id).where(Booking.event_id == event_id)
    unsent = select(func.count()).where(Message.about_id.in_(bookings), Message.state != MessageState.SENT)

    def all_sent() -> bool:
        with unit() as session:
            return session.scalar(unsent) == 0

    wait_until(all_sent)


def wait_until(true: Callable[[], bool]) -> None:
    """Wait until something is true of the outbox."""
    end = time.monotonic() + LONGEST_DELIVERY_S
    while not true():
        assert time.monotonic() < end, "mail is left in the outbox"
        time.sleep(0.1)
