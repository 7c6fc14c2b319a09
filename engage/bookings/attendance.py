"""Who came: from the click on the join link, from the report of a meeting tool, and by hand.

Click and report never agree (people click and do not stay, or join by another way), so both are kept, and one decision
rests on them: what an organiser said by hand holds whatever else is known; then minutes in the report mean that
somebody came, and so does a click. A person without any sign is not known to have missed the event until a report of
it is loaded after its end, or an organiser counts everybody who is left as missed. That last count is nobody's
personal verdict: such a person has no source, and a report that is loaded later still finds them.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engage.audit.services import record
from engage.bookings.attendance_report import AttendanceReport, Attendee, UnusableRow
from engage.bookings.certificates import promise_certificates, take_back
from engage.bookings.enums import Attendance, AttendanceSource, BookingStatus, Verdict
from engage.bookings.errors import (
    BookingNotFoundError,
    DoorsClosedError,
    NobodyKnownError,
    NotOverError,
    WordChangedError,
)
from engage.bookings.models import Booking, Guest
from engage.bookings.presence import PersonSeen, people_by_address, presence_counts, said_by_hand
from engage.events.enums import EventStatus, Phase
from engage.events.errors import EventCancelledError
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.kernel.db import db

Person = Booking | Guest
Decision = tuple[Attendance, AttendanceSource | None]


@dataclass(frozen=True)
class Known:
    """Somebody of a report who has a place, and what the event will say of them once it is stored."""

    attendee: Attendee
    person: PersonSeen
    will_be: Attendance

    @property
    def by_hand(self) -> bool:
        """Tell whether an organiser's own word holds against the report."""
        return self.person.source is AttendanceSource.ORGANISER


@dataclass(frozen=True)
class ReportMatch:
    """What a report would do, or did: rows of people with a place, rows of others, rows that say nothing.

    `not_named` is how many people with a place the report does not name.
    """

    known: tuple[Known, ...]
    strangers: tuple[Attendee, ...]
    unusable: tuple[UnusableRow, ...]
    not_named: int


def decide(person: Person, *, has_report: bool) -> Decision:
    """Return what click and report say of somebody; what was said by hand is not asked."""
    if person.minutes:
        return Attendance.ATTENDED, AttendanceSource.REPORT
    if person.joined_at is not None:
        return Attendance.ATTENDED, AttendanceSource.JOIN_LINK
    if has_report:
        return Attendance.MISSED, AttendanceSource.REPORT
    return Attendance.UNKNOWN, None


def note_click(person: Person, event: Event, *, at: datetime) -> bool:
    """Note that somebody goes in by their own link; False if they did before. The caller holds the row.

    With the first of them the certificates are promised, for when the event is over.
    """
    if person.joined_at is not None:
        return False
    person.joined_at = at
    if person.attendance_source is not AttendanceSource.ORGANISER:
        person.attendance, person.attendance_source = Attendance.ATTENDED, AttendanceSource.JOIN_LINK
    promise_certificates(event, at=at)
    return True


def set_by_hand(
    event_id: uuid.UUID,
    verdicts: Mapping[uuid.UUID, Verdict],
    *,
    at: datetime,
    actor: uuid.UUID | None,
    seen: Mapping[uuid.UUID, Verdict] | None = None,
) -> int:
    """Say of people, by the id of booking or guest, whether they came; returns for how many that was a change.

    `seen` is what had been said of them when they were looked at. All or nothing. Raises DoorsClosedError,
    EventCancelledError, WordChangedError, BookingNotFoundError for somebody without a place.
    """
    event = _open_event(event_id, at=at)
    has_report = event.phase(at) is Phase.OVER and presence_counts(event_id).has_report
    people = _hold(event_id, verdicts)
    if len(people) != len(verdicts):
        raise BookingNotFoundError
    said = {person.id: said_by_hand(person.attendance, person.attendance_source) for person in people}
    if any(said[one] not in (before, verdicts[one]) for one, before in (seen or {}).items()):
        raise WordChangedError
    changed = [
        person
        for person in people
        if _put(
            person,
            decide(person, has_report=has_report)
            if verdicts[person.id] is Verdict.RECORDED
            else (Attendance(verdicts[person.id].value), AttendanceSource.ORGANISER),
        )
    ]
    if changed:
        record("organiser:attendance:set", _object(event), at=at, actor=actor, after=_counted(changed))
        _renew_certificates(event, changed, at=at)
    return len(changed)


def count_rest_as_missed(event_id: uuid.UUID, *, at: datetime, actor: uuid.UUID | None) -> int:
    """Count everybody of whom nothing is known as missed; returns how many.

    Raises NotOverError, DoorsClosedError, EventCancelledError.
    """
    event = _open_event(event_id, at=at)
    if event.phase(at) is not Phase.OVER:
        raise NotOverError
    rest = [
        person
        for person in _hold(event_id)
        if person.attendance is Attendance.UNKNOWN and person.attendance_source is None
    ]
    for person in rest:
        _put(person, (Attendance.MISSED, None))
    if rest:
        record("organiser:attendance:close", _object(event), at=at, actor=actor, after=_counted(rest))
    db.session.flush()
    return len(rest)


def match_report(event: Event, report: AttendanceReport, *, at: datetime) -> ReportMatch:
    """Return what a report would do; nothing is changed. Raises DoorsClosedError, EventCancelledError."""
    _refuse_early(event, at=at)
    people = people_by_address(event.id)
    found = [(attendee, people.get(attendee.email)) for attendee in report.attendees]
    over = event.phase(at) is Phase.OVER
    known = tuple(Known(attendee, one, _will_be(attendee, one, over=over)) for attendee, one in found if one)
    counts = presence_counts(event.id)
    return ReportMatch(
        known=known,
        strangers=tuple(attendee for attendee, person in found if person is None),
        unusable=report.unusable,
        not_named=counts.attended + counts.missed + counts.unknown - len(known),
    )


def load_report(event_id: uuid.UUID, report: AttendanceReport, *, at: datetime, actor: uuid.UUID | None) -> ReportMatch:
    """Store the minutes of everybody who has a place, in the place of any report before; all or nothing.

    After the end, whoever has no sign of presence then counts as missed. Nothing is kept of people without a place.
    Raises NobodyKnownError, DoorsClosedError, EventCancelledError.
    """
    event = _open_event(event_id, at=at)
    match = match_report(event, report, at=at)
    if not match.known:
        raise NobodyKnownError
    minutes = {known.person.id: known.attendee.minutes for known in match.known}
    over = event.phase(at) is Phase.OVER
    changed = []
    for person in _hold(event_id):
        person.minutes = minutes.get(person.id)
        if person.attendance_source is not AttendanceSource.ORGANISER and _put(person, decide(person, has_report=over)):
            changed.append(person)
    record(
        "organiser:attendance:report",
        _object(event),
        at=at,
        actor=actor,
        after={
            "rows of people with a place": len(match.known),
            "rows of others": len(match.strangers),
            "rows without use": len(match.unusable),
            **_counted(changed),
        },
    )
    _renew_certificates(event, changed, at=at)
    return match


def _will_be(attendee: Attendee, person: PersonSeen, *, over: bool) -> Attendance:
    if person.source is AttendanceSource.ORGANISER:
        return person.attendance
    if attendee.minutes > 0 or person.joined_at is not None:
        return Attendance.ATTENDED
    return Attendance.MISSED if over else Attendance.UNKNOWN


def _open_event(event_id: uuid.UUID, *, at: datetime) -> Event:
    """Hold an event's row: two organisers take turns. Raises DoorsClosedError, EventCancelledError."""
    event = lock_event(event_id)
    _refuse_early(event, at=at)
    return event


def _refuse_early(event: Event, *, at: datetime) -> None:
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError
    if event.status is not EventStatus.PUBLISHED or at < event.doors_open_at():
        raise DoorsClosedError


def _hold(event_id: uuid.UUID, ids: Iterable[uuid.UUID] | None = None) -> Sequence[Person]:
    """Hold the people who have a place, or those of them with these ids, and return them as they are now."""
    wanted = None if ids is None else list(ids)
    bookings = select(Booking).where(Booking.event_id == event_id, Booking.status == BookingStatus.CONFIRMED)
    guests = (
        select(Guest)
        .join(Booking, Booking.id == Guest.booking_id)
        .where(Booking.event_id == event_id, Booking.status == BookingStatus.CONFIRMED, Guest.gone_at.is_(None))
    )
    if wanted is not None:
        bookings, guests = bookings.where(Booking.id.in_(wanted)), guests.where(Guest.id.in_(wanted))
    now = {"populate_existing": True}
    held_bookings = bookings.order_by(Booking.id).with_for_update(key_share=True, of=Booking)
    held_guests = guests.order_by(Guest.id).with_for_update(key_share=True, of=Guest)
    return [
        *db.session.scalars(held_bookings, execution_options=now),
        *db.session.scalars(held_guests, execution_options=now),
    ]


def _put(person: Person, decision: Decision) -> bool:
    """Write a decision; tell whether it is another one than before."""
    if (person.attendance, person.attendance_source) == decision:
        return False
    person.attendance, person.attendance_source = decision
    return True


def _renew_certificates(event: Event, changed: Sequence[Person], *, at: datetime) -> None:
    """Take back what nobody may hold any more, and have the rest made out anew."""
    db.session.flush()
    take_back(changed)
    promise_certificates(event, at=at)


def _counted(people: Sequence[Person]) -> dict[str, int]:
    """Return how many people are what now, for the audit: counts, no names."""
    return {each.value: n for each in Attendance if (n := sum(person.attendance is each for person in people))}


def _object(event: Event) -> str:
    return f"event:{event.id}"
