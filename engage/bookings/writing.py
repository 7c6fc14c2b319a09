"""The rows of a new booking: itself, and what came with it. Nothing here counts a place."""

import secrets
import uuid
from datetime import datetime

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
    written = insert_unless_there(
        Booking,
        {
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
        },
        unique=("event_id", "email_normalised"),
        where=LIVE,
    )
    if written and request.places > 1:
        _insert_guests(recipient.booking_id, request)
    if written:
        insert_answers(recipient.booking_id, request.answers)
    return written


def _insert_guests(booking_id: uuid.UUID, request: PlaceRequest) -> None:
    """Write a row for each place but the holder's, named or not."""
    unnamed = (GuestRequest(),) * (request.places - 1 - len(request.guests))
    db.session.execute(
        _INSERT_GUEST,
        [
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
        ],
    )


def _new_reference() -> str:
    """Return such as "TW4K-9MNP": 39 random bits, to be read out over the telephone."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
