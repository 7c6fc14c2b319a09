"""Reading guests, and the private links that are theirs."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select

from engage.bookings.errors import BookingNotFoundError
from engage.bookings.models import Booking, Guest
from engage.bookings.queries import JOIN, get_booking, get_booking_by_token
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import read_row_id, sign_row, verify_row

GUEST = "guest"
GUEST_JOIN = "guest-join"


def get_guest_by_token(token: str, *, purpose: str, site: Site) -> Guest:
    """Return the guest whom a private link opens; `purpose` is GUEST or GUEST_JOIN.

    Raises BookingNotFoundError for a forged, revoked or unknown one, all alike.
    """
    guest_id = read_row_id(token)
    guest = None if guest_id is None else db.session.get(Guest, guest_id)
    if guest is None or not verify_row(site.link_secrets, token, purpose, guest.id, guest.nonce):
        raise BookingNotFoundError
    return guest


def get_guest(guest_id: uuid.UUID) -> Guest:
    """Return a guest, also one who is gone. Raises BookingNotFoundError."""
    guest = db.session.get(Guest, guest_id)
    if guest is None:
        raise BookingNotFoundError
    return guest


def get_way_in(token: str, *, site: Site) -> tuple[Booking, Guest | None]:
    """Return the booking that a way in belongs to, and the guest if it is a guest's.

    Raises BookingNotFoundError for a forged, revoked or unknown one, all alike.
    """
    try:
        return get_booking_by_token(token, purpose=JOIN, site=site), None
    except BookingNotFoundError:
        guest = get_guest_by_token(token, purpose=GUEST_JOIN, site=site)
        return get_booking(guest.booking_id), guest


def guest_token(guest: Guest, site: Site) -> str:
    """Return the token of a guest's own page."""
    return sign_row(site.link_secrets, GUEST, guest.id, guest.nonce)


def guest_join_token(guest: Guest, site: Site) -> str:
    """Return the token of a guest's own way in."""
    return sign_row(site.link_secrets, GUEST_JOIN, guest.id, guest.nonce)


def guests_of(booking_id: uuid.UUID) -> Sequence[Guest]:
    """Return the guests on a booking, in their order; those who are gone are none."""
    here = (Guest.booking_id == booking_id, Guest.gone_at.is_(None))
    return db.session.scalars(select(Guest).where(*here).order_by(Guest.position)).all()


def find_guest(booking_id: uuid.UUID, guest_id: uuid.UUID) -> Guest | None:
    """Return a guest on a booking as they are now; nobody who is gone."""
    here = (Guest.id == guest_id, Guest.booking_id == booking_id, Guest.gone_at.is_(None))
    return db.session.scalars(select(Guest).where(*here).execution_options(populate_existing=True)).one_or_none()


def names_around_guest(guest_id: uuid.UUID) -> tuple[str, str]:
    """Return the name of a guest, or "", and of who brings them; read when a mail is written, never kept with it."""
    named = select(Guest.name, Booking.name).join(Booking, Booking.id == Guest.booking_id).where(Guest.id == guest_id)
    guest, holder = db.session.execute(named).one()
    return guest or "", holder


def next_position(booking_id: uuid.UUID) -> int:
    """Return the position of one more guest; none is given twice."""
    highest = db.session.scalar(select(func.max(Guest.position)).where(Guest.booking_id == booking_id))
    return (highest or 0) + 1
