"""What must always be true of reminders and follow-up (I6): nobody who left is written to, and nobody twice."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from engage.bookings.mails import ABOUT, ABOUT_GUEST
from engage.bookings.models import Booking, Guest
from engage.kernel.db import db
from engage.mail.enums import OPTIONAL, PLANNED, MessageKind
from engage.mail.models import Message

# Who cancels and who writes the mails read their clocks before they wait for each other.
SAME_MOMENT = timedelta(minutes=1)


def nobody_who_left_is_written_to() -> Iterator[str]:
    """I6: no reminder and no follow-up was queued after its booking was cancelled, or its guest was gone."""
    guest_left = func.coalesce(Guest.gone_at, Booking.cancelled_at)
    holders = (
        select(Message.id, Message.created_at, Booking.id, Booking.cancelled_at)
        .join(Booking, Booking.id == Message.about_id)
        .where(Message.about_type == ABOUT, Booking.cancelled_at < Message.created_at)
    )
    guests = (
        select(Message.id, Message.created_at, Booking.id, guest_left)
        .join(Guest, Guest.id == Message.about_id)
        .join(Booking, Booking.id == Guest.booking_id)
        .where(Message.about_type == ABOUT_GUEST, guest_left < Message.created_at)
    )
    for statement in (holders, guests):
        found = db.session.execute(statement.where(Message.kind.in_(OPTIONAL)).order_by(Message.id))
        for message_id, written_at, booking_id, left_at in found:
            if left_at is not None and written_at - left_at > SAME_MOMENT:
                yield f"message {message_id}: written about booking {booking_id} after that was cancelled"


def nobody_is_written_to_twice() -> Iterator[str]:
    """I6: a person has each reminder of a start once, and one follow-up of an end."""
    step, rests_on = Message.facts["step"].as_string(), Message.facts["rests_on"].as_string()
    reminders = (Message.about_id, step, rests_on)
    follow_ups = (Message.about_id, rests_on)
    for kinds, what in (
        ((MessageKind.REMINDER,), reminders),
        (tuple(PLANNED - {MessageKind.REMINDER}), follow_ups),
    ):
        twice = (
            select(Message.about_id, func.count())
            .where(Message.kind.in_(kinds), rests_on.is_not(None))
            .group_by(*what)
            .having(func.count() > 1)
        )
        for about_id, count in db.session.execute(twice):
            yield f"{about_id}: {count} times the same {'reminder' if len(kinds) == 1 else 'follow-up'}"
