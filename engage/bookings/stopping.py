"""Reminders and follow-up stopped by one click, and switched on again (P12, S11)."""

import uuid
from datetime import datetime

from engage.audit.services import record
from engage.bookings.errors import BookingNotFoundError
from engage.bookings.mail_about import ABOUT_APPEARANCE
from engage.bookings.mails import ABOUT, ABOUT_GUEST
from engage.bookings.models import Booking, Guest
from engage.bookings.planned_mails import UNSUBSCRIBE
from engage.bookings.queries import get_booking
from engage.events.models import Appearance
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import read_row_id, sign_row, verify_row

Reminded = Booking | Guest | Appearance


def unsubscribe_token(reminded: Reminded, site: Site) -> str:
    """Return the token of the link that stops somebody's reminders."""
    return sign_row(site.link_secrets, UNSUBSCRIBE, reminded.id, reminded.nonce)


def get_reminded(token: str, *, site: Site) -> Reminded:
    """Return the booking, guest or speaker whose optional mail a link stops, whatever became of the place.

    Raises BookingNotFoundError for a forged, revoked or unknown one, all alike.
    """
    row_id = read_row_id(token)
    found = None if row_id is None else _find(row_id)
    if found is None or not verify_row(site.link_secrets, token, UNSUBSCRIBE, found.id, found.nonce):
        raise BookingNotFoundError
    return found


def event_id_of(reminded: Reminded) -> uuid.UUID:
    """Return the event that somebody is written to about. Raises BookingNotFoundError."""
    return get_booking(reminded.booking_id).event_id if isinstance(reminded, Guest) else reminded.event_id


def wants_mail(reminded: Reminded) -> bool:
    """Tell whether somebody has not stopped optional mail about an event."""
    return reminded.letters if isinstance(reminded, Appearance) else reminded.reminders


def set_reminders(reminded_id: uuid.UUID, *, on: bool, at: datetime) -> None:
    """Switch reminders, follow-up and letters of a holder, a guest or a speaker on or off; again changes nothing.

    Raises BookingNotFoundError.
    """
    found = _find(reminded_id)
    if found is None:
        raise BookingNotFoundError
    db.session.refresh(found, with_for_update=True)
    if wants_mail(found) is on:
        return
    if isinstance(found, Appearance):
        found.letters = on
        record(f"speaker:event:{'start' if on else 'stop'}-letters", f"{ABOUT_APPEARANCE}:{found.id}", at=at)
        db.session.flush()
        return
    found.reminders = on
    about = ABOUT if isinstance(found, Booking) else ABOUT_GUEST
    record(f"attendee:booking:{'start' if on else 'stop'}-reminders", f"{about}:{found.id}", at=at)
    db.session.flush()


def _find(row_id: uuid.UUID) -> Reminded | None:
    return db.session.get(Booking, row_id) or db.session.get(Guest, row_id) or db.session.get(Appearance, row_id)
