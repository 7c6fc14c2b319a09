"""The organiser's lists of an event's bookings: a page of them, their counts, the people to print, rows for a file.

Everything is read as plain columns, never as objects: an event may have thousands of bookings. What people need so
that they can take part stands in a table of its own, which nothing here reads.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, func, or_, select

from engage.bookings.enums import Attendance, BookingSource, BookingStatus, BookingView
from engage.bookings.models import Booking, BookingAnswer, BookingQuestion, Guest
from engage.kernel.db import db

PAGE_LENGTH = 50
AT_ONCE = 500  # rows of a file that are held in memory
FILE_COLUMNS = (
    *("reference", "name", "email", "organisation", "places", "status", "booked_at", "attendance"),
    *("source", "guests"),
)
_IN_LINE = (BookingStatus.WAITING, BookingStatus.OFFERED)
_STATES = {
    BookingView.CONFIRMED: (BookingStatus.CONFIRMED,),
    BookingView.WAITING: _IN_LINE,
    BookingView.ENDED: (BookingStatus.CANCELLED, BookingStatus.EXPIRED),
    BookingView.MISSED: (BookingStatus.CONFIRMED,),
}


class ListedBooking(NamedTuple):
    """A line of the list."""

    id: uuid.UUID
    reference: str
    name: str
    email: str
    organisation: str | None
    places: int
    status: BookingStatus
    source: BookingSource
    attendance: Attendance
    created_at: datetime
    is_sample: bool


@dataclass(frozen=True)
class BookingPage:
    """Some bookings of a longer list; pages count from 1."""

    items: Sequence[ListedBooking]
    number: int
    last: int
    total: int


@dataclass(frozen=True)
class BookingCounts:
    """How many bookings each view of the list holds, and how many places people wait for."""

    by_view: dict[BookingView, int]
    came: int
    places_waited_for: int


class PrintedPerson(NamedTuple):
    """A line of the printed list; `guests` are the names that were given."""

    name: str
    organisation: str | None
    places: int
    guests: tuple[str, ...]


def bookings_page(
    event_id: uuid.UUID, *, view: BookingView = BookingView.ALL, search: str = "", page: int = 1
) -> BookingPage:
    """Return a page of an event's bookings in the order they were made; whoever waits, in the order of the line.

    New ones come at the end, so that no page shifts while people book (R34). `search` is part of a name, an
    organisation, an address or a reference, those of guests as well, in small or large letters.
    """
    chosen = (Booking.event_id == event_id, *_in_view(view), *_found_by(search))
    total = db.session.scalar(select(func.count(Booking.id)).where(*chosen)) or 0
    last = max(1, -(-total // PAGE_LENGTH))
    number = min(max(1, page), last)
    in_turn = Booking.waiting_since if view is BookingView.WAITING else Booking.created_at
    rows = db.session.execute(
        select(
            *(Booking.id, Booking.reference, Booking.name, Booking.email_normalised, Booking.organisation),
            *(Booking.places, Booking.status, Booking.source, Booking.attendance, Booking.created_at),
            Booking.is_sample,
        )
        .where(*chosen)
        .order_by(in_turn, Booking.reference)
        .offset((number - 1) * PAGE_LENGTH)
        .limit(PAGE_LENGTH)
    )
    return BookingPage([ListedBooking._make(row) for row in rows], number, last, total)


def booking_counts(event_id: uuid.UUID) -> BookingCounts:
    """Return the counts of an event's bookings by one query."""
    rows = db.session.execute(
        select(Booking.status, Booking.attendance, func.count(Booking.id), func.sum(Booking.places))
        .where(Booking.event_id == event_id)
        .group_by(Booking.status, Booking.attendance)
    ).all()

    def count(view: BookingView) -> int:
        states = _STATES.get(view, tuple(BookingStatus))
        missed = view is BookingView.MISSED
        return sum(n for state, came, n, _ in rows if state in states and (came is Attendance.MISSED or not missed))

    return BookingCounts(
        by_view={view: count(view) for view in BookingView},
        came=sum(n for state, came, n, _ in rows if (state, came) == (BookingStatus.CONFIRMED, Attendance.ATTENDED)),
        places_waited_for=sum(int(places) for state, _, _, places in rows if state in _IN_LINE),
    )


def people_to_print(event_id: uuid.UUID) -> list[PrintedPerson]:
    """Return whoever holds a place, by name, with the guests they bring."""
    holds = (Booking.event_id == event_id, Booking.status == BookingStatus.CONFIRMED)
    named = (
        select(Guest.booking_id, Guest.name)
        .join(Booking, Booking.id == Guest.booking_id)
        .where(*holds, Guest.name.is_not(None), Guest.gone_at.is_(None))
        .order_by(Guest.booking_id, Guest.position)
    )
    guests: dict[uuid.UUID, list[str]] = defaultdict(list)
    for booking_id, name in db.session.execute(named):
        guests[booking_id].append(name or "")
    rows = db.session.execute(select(Booking.id, Booking.name, Booking.organisation, Booking.places).where(*holds))
    people = [PrintedPerson(*row[1:], tuple(guests[row[0]])) for row in rows]
    return sorted(people, key=lambda one: (one.name.casefold(), one.name, one.organisation or ""))


def file_rows(event_id: uuid.UUID) -> Iterator[tuple[str | int | datetime | None, ...]]:
    """Give the head and then a row for each booking, in the order they were made, a few hundred held at a time (R33).

    The own questions of the event follow the usual columns, one each. Every word is as it was typed: whoever writes
    the file sees to it that none is a formula (S9).
    """
    questions = db.session.execute(
        select(BookingQuestion.id, BookingQuestion.text)
        .where(BookingQuestion.event_id == event_id)
        .order_by(BookingQuestion.position, BookingQuestion.id)
    ).all()
    yield (*FILE_COLUMNS, *(question.text for question in questions))
    statement = (
        select(
            *(Booking.id, Booking.reference, Booking.name, Booking.email_normalised, Booking.organisation),
            *(Booking.places, Booking.status, Booking.created_at, Booking.attendance, Booking.source),
        )
        .where(Booking.event_id == event_id)
        .order_by(Booking.created_at, Booking.reference)
    )
    for some in db.session.execute(statement, execution_options={"yield_per": AT_ONCE}).partitions():
        answers = _answers_of(some) if questions else {}
        guests = _guests_on(some)
        for row in some:
            own = (answers.get((row.id, question.id)) for question in questions)
            usual = (row.reference, row.name, row.email_normalised, row.organisation, row.places, row.status.value)
            seen = (row.created_at, row.attendance.value, row.source.value, "; ".join(guests[row.id]))
            yield (*usual, *seen, *own)


def _guests_on(some: Sequence[Row[*tuple[Any, ...]]]) -> dict[uuid.UUID, list[str]]:
    """Return the names of guests that were given, by booking; of somebody without a name, the address."""
    here = (Guest.booking_id.in_([row[0] for row in some]), Guest.gone_at.is_(None))
    named = func.coalesce(Guest.name, Guest.email_normalised)
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    rows = select(Guest.booking_id, named).where(*here, named.is_not(None)).order_by(Guest.booking_id, Guest.position)
    for booking_id, name in db.session.execute(rows):
        found[booking_id].append(name)
    return found


def _answers_of(some: Sequence[Row[*tuple[Any, ...]]]) -> dict[tuple[uuid.UUID, uuid.UUID], str]:
    """Return what was answered, by booking and question."""
    rows = db.session.execute(
        select(BookingAnswer.booking_id, BookingAnswer.question_id, BookingAnswer.body).where(
            BookingAnswer.booking_id.in_([row[0] for row in some])
        )
    )
    return {(booking_id, question_id): body for booking_id, question_id, body in rows}


def _in_view(view: BookingView) -> Iterator[ColumnElement[bool]]:
    if view in _STATES:
        yield Booking.status.in_(_STATES[view])
    if view is BookingView.MISSED:
        yield Booking.attendance == Attendance.MISSED


def _found_by(search: str) -> Iterator[ColumnElement[bool]]:
    """Look for words in any letters; a reference is found without its hyphen as well. Wildcards are letters (S5)."""
    words = " ".join(search.split())
    if not words:
        return
    reference = func.replace(Booking.reference, "-", "")
    guests = select(Guest.id).where(
        Guest.booking_id == Booking.id,
        Guest.gone_at.is_(None),
        or_(Guest.name.icontains(words, autoescape=True), Guest.email_normalised.icontains(words, autoescape=True)),
    )
    yield or_(
        Booking.name.icontains(words, autoescape=True),
        Booking.organisation.icontains(words, autoescape=True),
        Booking.email_normalised.icontains(words, autoescape=True),
        reference.icontains(words.replace("-", "").replace(" ", "") or words, autoescape=True),
        guests.exists(),
    )
