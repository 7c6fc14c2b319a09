"""The form by which the holder of a booking says who comes along: shape and words only."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField

from engage.bookings.guests import GuestChange
from engage.bookings.models import MOST_PLACES, Guest
from engage.edge.forms import PublicForm, address_field, text_field


@dataclass(frozen=True)
class GuestRow:
    """The fields of one guest; `number` counts from 1, as people do."""

    number: int
    position: int
    name: Field
    email: Field
    gone: Field


class PartyForm(PublicForm):
    """Rows for guests. `guests` are their positions as the page showed them, so that nobody is mistaken for another."""

    guests = HiddenField()

    def rows(self) -> list[GuestRow]:
        """Return the fields of each guest, in the order of the page."""
        return [
            GuestRow(number, at, self[f"guest-{at}-name"], self[f"guest-{at}-email"], self[f"guest-{at}-gone"])
            for number, at in enumerate(_positions(self.guests.data), start=1)
        ]

    def changes(self) -> list[GuestChange]:
        """Return what was said of each guest."""
        return [
            GuestChange(row.position, row.name.data or None, row.email.data or None, is_gone=row.gone.data)
            for row in self.rows()
        ]


def party_form(guests: Sequence[Guest]) -> PartyForm:
    """Return the form for these guests, filled in with what is known, or the one that was sent."""
    sent = request.form.get("guests") if request.method == "POST" else None
    shown = ",".join(str(guest.position) for guest in guests) if sent is None else sent
    fields = {}
    for number, position in enumerate(_positions(shown), start=1):
        fields[f"guest-{position}-name"] = text_field(_l("Name of guest %(number)d", number=number), limit=200)
        fields[f"guest-{position}-email"] = address_field(_l("E-mail of guest %(number)d", number=number))
        fields[f"guest-{position}-gone"] = BooleanField(_l("Give the place of guest %(number)d back", number=number))
    form = type("PartyFormOfGuests", (PartyForm,), fields)()
    if sent is None:
        form.guests.data = shown
        for guest in guests:
            form[f"guest-{guest.position}-name"].data = guest.name
            form[f"guest-{guest.position}-email"].data = guest.email_normalised
    found: PartyForm = form
    return found


def _positions(shown: str | None) -> list[int]:
    """Return positions from "1,3"; whatever else was sent is none."""
    parts = [part for part in (shown or "").split(",") if part.isascii() and part.isdigit() and len(part) <= 4]
    return list(dict.fromkeys(int(part) for part in parts))[: MOST_PLACES - 1]
