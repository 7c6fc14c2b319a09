"""What is asked for when somebody books: by the form, by an organiser, by an import."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engage.bookings.enums import BookingSource
from engage.bookings.errors import (
    AccessNeedsTooLongError,
    AddressInvalidError,
    GuestAddressError,
    GuestIsHolderError,
    GuestsWithoutPlaceError,
    GuestTwiceError,
    NameMissingError,
    PlacesRangeError,
)
from engage.bookings.models import MOST_PLACES
from engage.kernel.text import clean, normalise_email

LONGEST_NEEDS = 1000  # characters


@dataclass(frozen=True)
class GuestRequest:
    """Somebody who is brought: name and address are both optional."""

    name: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class PlaceRequest:
    """One to five places for one address.

    `guests` are the people who are brought, at most `places - 1`; places without one are for guests who have no
    name yet. `group_id` is the group whose link was used, `is_member` says that a member is signed in, `answers`
    are those to the form's own questions, by question; `actor` is the organiser who books for somebody else.
    """

    name: str
    email: str
    locale: str
    organisation: str | None = None
    places: int = 1
    guests: tuple[GuestRequest, ...] = ()
    answers: Mapping[uuid.UUID, str] = field(default_factory=dict)
    access_needs: str | None = None
    reminders: bool = True
    group_id: uuid.UUID | None = None
    is_member: bool = False
    source: BookingSource = BookingSource.WEB
    actor: uuid.UUID | None = None

    def guest_addresses(self) -> list[str]:
        """Return the addresses of guests, as they were typed."""
        return [guest.email for guest in self.guests if guest.email]

    def checked(self) -> "PlaceRequest":
        """Return it with the addresses as they are kept.

        Raises AddressInvalidError, NameMissingError, PlacesRangeError, AccessNeedsTooLongError, and what
        `checked_guests` raises.
        """
        email = checked_address(self.email)
        if not self.name.strip():
            raise NameMissingError
        if not 1 <= self.places <= MOST_PLACES:
            raise PlacesRangeError(most=MOST_PLACES)
        guests = checked_guests(self.guests, places=self.places, holder=email)
        needs = checked_needs(self.access_needs)
        return replace(self, email=email, organisation=self.organisation or None, guests=guests, access_needs=needs)


def checked_guests(guests: Sequence[GuestRequest], *, places: int, holder: str) -> tuple[GuestRequest, ...]:
    """Return the guests of whom something is said, with the addresses as they are kept.

    Rows that were left empty may stand between them. Raises GuestsWithoutPlaceError and what `checked_rows` raises.
    """
    rows = checked_rows(dict(enumerate(guests, start=1)), holder=holder)
    named = tuple(guest for guest in rows.values() if guest.name or guest.email)
    if len(named) >= places:
        raise GuestsWithoutPlaceError(needed=len(named) + 1)
    return named


def checked_rows(rows: Mapping[int, GuestRequest], *, holder: str) -> dict[int, GuestRequest]:
    """Return guests by the number of their row, with the addresses as they are kept; `holder` is not among them.

    Raises GuestAddressError, GuestIsHolderError, GuestTwiceError, each for its row.
    """
    checked: dict[int, GuestRequest] = {}
    seen: dict[str, type[GuestAddressError]] = {holder: GuestIsHolderError}
    for row, guest in rows.items():
        email = None
        if guest.email:
            try:
                email = normalise_email(guest.email)
            except ValueError as error:
                raise GuestAddressError(row) from error
            if email in seen:
                raise seen[email](row)
            seen[email] = GuestTwiceError
        checked[row] = GuestRequest(guest.name or None, email)
    return checked


def checked_needs(words: str | None) -> str | None:
    """Return what people need to take part, None if nothing is said. Raises AccessNeedsTooLongError."""
    needs = clean(words or "", multiline=True)
    if len(needs) > LONGEST_NEEDS:
        raise AccessNeedsTooLongError(most=LONGEST_NEEDS)
    return needs or None


def checked_address(email: str) -> str:
    """Return an address as it is kept. Raises AddressInvalidError."""
    try:
        return normalise_email(email)
    except ValueError as error:
        raise AddressInvalidError from error
