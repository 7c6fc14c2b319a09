"""The rows of a new booking: itself, and what came with it. Nothing here counts a place."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from engage.bookings.enums import BookingStatus
from engage.bookings.mails import Recipient
from engage.bookings.models import LIVE, Booking, Guest
from engage.bookings.own_answers import insert_answers
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.kernel.db import db, table_of
from engage.kernel.plain import insert_unless_there
from engage.kernel.tokens import new_nonce

REFERENCE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"  # none that is taken for another
_INSERT_BOOKING = insert(table_of(Booking))
_INSERT_GUEST = insert(table_of(Guest))


def insert_booking(
    recipient: Recipient,
    event_id: uuid.UUID,
    request: PlaceRequest,
    status: BookingStatus = BookingStatus.CONFIRMED,
    *,
    at: datetime,
) -> bool:
    """Write a booking unless its address has a live one; tell whether it was written."""
    row = _booking_row(recipient, request, status, event_id=event_id, at=at)
    written = insert_unless_there(Booking, row, unique=("event_id", "email_normalised"), where=LIVE)
    if written and request.places > 1:
        db.session.execute(_INSERT_GUEST, _guest_rows(recipient.booking_id, request))
    if written:
        insert_answers(recipient.booking_id, request.answers)
    return written


def insert_bookings(people: Sequence[tuple[Recipient, PlaceRequest]], event_id: uuid.UUID, *, at: datetime) -> None:
    """Write many confirmed bookings. Raises IntegrityError if one of their addresses has a live one."""
    bookings = [_booking_row(*person, BookingStatus.CONFIRMED, event_id=event_id, at=at) for person in people]
    guests = [row for recipient, request in people for row in _guest_rows(recipient.booking_id, request)]
    db.session.execute(_INSERT_BOOKING, bookings)
    if guests:
        db.session.execute(_INSERT_GUEST, guests)


def _booking_row(
    recipient: Recipient, request: PlaceRequest, status: BookingStatus, *, event_id: uuid.UUID, at: datetime
) -> dict[str, Any]:
    return {
        "id": recipient.booking_id,
        "reference": _new_reference(),
        "event_id": event_id,
        "email_normalised": recipient.email,
        "name": recipient.name,
        "organisation": request.organisation,
        "status": status,
        "places": request.places,
        "places_asked": request.places,
        "group_id": request.group_id,
        "source": request.source,
        "reminders": request.reminders,
        "nonce": recipient.nonce,
        "locale": recipient.locale,
        "created_at": at,
    }


def _guest_rows(booking_id: uuid.UUID, request: PlaceRequest) -> list[dict[str, Any]]:
    """Return a row for each place but the holder's, named or not."""
    unnamed = (GuestRequest(),) * (request.places - 1 - len(request.guests))
    return [
        {
            "id": uuid.uuid4(),
            "booking_id": booking_id,
            "position": position,
            "name": guest.name,
            "email_normalised": guest.email,
            "nonce": new_nonce(),
            "reminders": request.reminders,
        }
        for position, guest in enumerate((*request.guests, *unnamed), start=1)
    ]


def _new_reference() -> str:
    """Return such as "TW4K-9MNP": 39 random bits, to be read out over the telephone."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
