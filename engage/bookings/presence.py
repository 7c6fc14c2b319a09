"""Reading who came: the people of an event's confirmed bookings, holders and those whom they bring."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from engage.bookings.enums import Attendance, AttendanceSource, BookingStatus, Verdict
from engage.bookings.mails import ABOUT_GUEST
from engage.bookings.models import Booking, Guest
from engage.kernel.db import db

PAGE_LENGTH = 50  # bookings, each with its guests


def said_by_hand(attendance: Attendance, source: AttendanceSource | None) -> Verdict:
    """Return what an organiser said by hand; RECORDED if nobody did."""
    return Verdict(attendance) if source is AttendanceSource.ORGANISER else Verdict.RECORDED


@dataclass(frozen=True)
class PersonSeen:
    """One person and every sign of their presence, side by side: a click and a report never agree.

    `id` is the booking's for its holder, else the guest's; `position` is the guest's, 0 for the holder. `name` and
    `email` may be empty for guests; `holder` is who brings them. `minutes` is what the report of the meeting tool
    says, None if it does not name them or there is none.
    """

    id: uuid.UUID
    position: int
    name: str
    email: str
    holder: str
    reference: str
    joined_at: datetime | None
    minutes: int | None
    attendance: Attendance
    source: AttendanceSource | None

    @property
    def verdict(self) -> Verdict:
        """Return what an organiser said by hand; RECORDED if nobody did."""
        return said_by_hand(self.attendance, self.source)


@dataclass(frozen=True)
class PresencePage:
    """Some people of a longer list; pages count from 1."""

    people: tuple[PersonSeen, ...]
    number: int
    last: int


@dataclass(frozen=True)
class PresenceCounts:
    """How many people of confirmed bookings came, did not, or are not known yet; `has_report` says what was loaded."""

    attended: int
    missed: int
    unknown: int
    has_report: bool


def presence_page(event_id: uuid.UUID, *, page: int = 1) -> PresencePage:
    """Return a page of the people who have a place, in the order in which they booked."""
    total = db.session.scalar(select(func.count()).select_from(_confirmed(event_id).subquery())) or 0
    last = max(1, -(-total // PAGE_LENGTH))
    number = min(max(1, page), last)
    bookings = db.session.scalars(
        _confirmed(event_id)
        .order_by(Booking.created_at, Booking.reference)
        .offset((number - 1) * PAGE_LENGTH)
        .limit(PAGE_LENGTH)
    ).all()
    return PresencePage(tuple(_seen(bookings, guests_of([booking.id for booking in bookings]))), number, last)


def presence_counts(event_id: uuid.UUID) -> PresenceCounts:
    """Return how many came; two counts by index, whatever the size."""
    counts: Counter[Attendance] = Counter()
    has_report = False
    for kind in (Booking, Guest):
        counted = select(kind.attendance, func.count(), func.count(kind.minutes)).select_from(kind)
        if kind is Guest:
            counted = counted.join(Booking, Booking.id == Guest.booking_id).where(Guest.gone_at.is_(None))
        held = (Booking.event_id == event_id, Booking.status == BookingStatus.CONFIRMED)
        for attendance, people, in_report in db.session.execute(counted.where(*held).group_by(kind.attendance)):
            counts[attendance] += people
            has_report = has_report or in_report > 0
    return PresenceCounts(
        attended=counts[Attendance.ATTENDED],
        missed=counts[Attendance.MISSED],
        unknown=counts[Attendance.UNKNOWN],
        has_report=has_report,
    )


def people_by_address(event_id: uuid.UUID) -> dict[str, PersonSeen]:
    """Return everybody who has a place and an address, by address; a holder before a guest."""
    bookings = db.session.scalars(_confirmed(event_id).order_by(Booking.created_at, Booking.reference)).all()
    guests = db.session.scalars(
        select(Guest)
        .join(Booking, Booking.id == Guest.booking_id)
        .where(
            Booking.event_id == event_id,
            Booking.status == BookingStatus.CONFIRMED,
            Guest.email_normalised.is_not(None),
            Guest.gone_at.is_(None),
        )
    ).all()
    people = sorted(_seen(bookings, guests), key=lambda person: person.position > 0)
    return {person.email: person for person in reversed(people) if person.email}


def guests_of(booking_ids: Collection[uuid.UUID]) -> Sequence[Guest]:
    """Return whom some bookings bring, in their order."""
    here = (Guest.booking_id.in_(booking_ids), Guest.gone_at.is_(None))
    return db.session.scalars(select(Guest).where(*here).order_by(Guest.booking_id, Guest.position)).all()


def _confirmed(event_id: uuid.UUID) -> Select[Booking]:
    return select(Booking).where(Booking.event_id == event_id, Booking.status == BookingStatus.CONFIRMED)


def _seen(bookings: Sequence[Booking], guests: Sequence[Guest]) -> Iterator[PersonSeen]:
    brought: dict[uuid.UUID, list[Guest]] = {booking.id: [] for booking in bookings}
    for guest in guests:
        brought[guest.booking_id].append(guest)
    for booking in bookings:
        yield _person(booking, booking, name=booking.name, email=booking.email_normalised)
        for guest in brought[booking.id]:
            yield _person(
                guest, booking, position=guest.position, name=guest.name or "", email=guest.email_normalised or ""
            )


def _person(person: Booking | Guest, booking: Booking, *, position: int = 0, name: str, email: str) -> PersonSeen:
    return PersonSeen(
        id=person.id,
        position=position,
        name=name,
        email=email,
        holder=booking.name,
        reference=booking.reference,
        joined_at=person.joined_at,
        minutes=person.minutes,
        attendance=person.attendance,
        source=person.attendance_source,
    )


def is_known_to_have_missed(about_type: str, about_id: uuid.UUID) -> bool:
    """Tell whether it was decided that somebody did not come; without a report nobody knows."""
    is_guest = about_type == ABOUT_GUEST
    person = db.session.get(Guest, about_id) if is_guest else db.session.get(Booking, about_id)
    return person is not None and person.attendance is Attendance.MISSED
