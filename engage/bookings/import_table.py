"""Reading a table of people to book for: bytes in, rows out; whether they fit the event is said elsewhere (S47)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engage.bookings.models import MOST_PLACES
from engage.kernel.errors import InvalidError
from engage.kernel.i18n import N_
from engage.kernel.tables import Row, read_rows
from engage.kernel.text import clean, normalise_email

MOST_PEOPLE = 5_000
LONGEST_WORDS = 200
HEADINGS = {
    "name": {"name", "fullname", "yourname", "attendee", "attendeename", "participant", "contact", "contactname"},
    "first": {"firstname", "forename", "givenname"},
    "last": {"lastname", "surname", "familyname"},
    "email": {"email", "emailaddress", "mail", "mailaddress", "youremail", "attendeeemail", "contactemail"},
    "organisation": {"organisation", "organization", "organisationname", "company", "charity", "employer"},
    "places": {"places", "place", "seats", "tickets", "quantity", "howmanyplaces"},
    "status": {"status"},
}
CONFIRMED = {"", "confirmed", "booked", "attending", "going", "yes"}  # of a status; anybody else has no place there


class ImportHeadingsError(InvalidError):
    """No first row that says what is where."""

    message = N_(
        "The first row must name the columns. We need “name” and “email”; “organisation” and “places” may follow."
    )
    field = "file"


class ImportHeadingTwiceError(InvalidError):
    """Two columns for one thing."""

    message = N_("Two columns of the file say the same: “{heading}”. Keep the one that you mean.")
    field = "file"


class NobodyInTableError(InvalidError):
    """Headings, and nobody below them."""

    message = N_("Below the row of headings the file holds nobody. Choose another file.")
    field = "file"


class RowFault(StrEnum):
    """Why a row cannot be booked, whatever the event."""

    NO_NAME = "no name"
    BAD_ADDRESS = "bad address"
    TOO_LONG = "too long"
    BAD_PLACES = "bad places"
    NOT_CONFIRMED = "not confirmed"


@dataclass(frozen=True)
class ImportRow:
    """Somebody to book for, as the file says; `line` is where. `email` is as it is kept, unless it is none."""

    line: int
    name: str
    email: str
    organisation: str
    places: int
    fault: RowFault | None = None


def read_people(data: bytes) -> list[ImportRow]:
    """Return the people of a CSV file, in its order.

    The first row names the columns, in any order and among others that are left out. A table that Excel saved in the
    letters of Western Europe is read too, since a person looks at it first. Raises TableError, ImportHeadingsError,
    ImportHeadingTwiceError, NobodyInTableError.
    """
    head, *rows = read_rows(data, most_rows=MOST_PEOPLE + 1, otherwise="cp1252")
    columns = _columns(head)
    if not rows:
        raise NobodyInTableError
    return [_person(row, columns) for row in rows]


def _columns(head: Row) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, heading in enumerate(head.cells):
        plain = re.sub(r"[^a-z]", "", heading.casefold())
        for what, names in HEADINGS.items():
            if plain in names:
                if what in found:
                    raise ImportHeadingTwiceError(heading=heading[:60])
                found[what] = place
    if "email" not in found or not found.keys() & {"name", "first", "last"}:
        raise ImportHeadingsError
    return found


def _person(row: Row, columns: Mapping[str, int]) -> ImportRow:
    def cell(what: str) -> str:
        place = columns.get(what)
        return "" if place is None or place >= len(row.cells) else clean(row.cells[place])

    name = cell("name") or f"{cell('first')} {cell('last')}".strip()
    email, organisation, asked = cell("email"), cell("organisation"), cell("places") or "1"
    places = int(asked) if re.fullmatch(r"[0-9]{1,2}", asked) else 0
    fault = None
    if cell("status").casefold() not in CONFIRMED:
        fault = RowFault.NOT_CONFIRMED
    elif not name:
        fault = RowFault.NO_NAME
    elif max(len(name), len(organisation)) > LONGEST_WORDS:
        fault = RowFault.TOO_LONG
    elif not 1 <= places <= MOST_PLACES:
        fault = RowFault.BAD_PLACES
    try:
        email = normalise_email(email)
    except ValueError:
        fault = fault or RowFault.BAD_ADDRESS
    return ImportRow(row.line, name, email, organisation, places, fault)
