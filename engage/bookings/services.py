"""Changing bookings."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, literal_column, select

from engage.audit.services import record
from engage.bookings.access_needs import keep_access_needs
from engage.bookings.attendance import note_click
from engage.bookings.endings import mark_cancelled
from engage.bookings.enums import (
    BookingOutcome,
    BookingSource,
    BookingStatus,
    CancelledBy,
    Freed,
)
from engage.bookings.errors import (
    BookingCancelledError,
    DoorsClosedError,
    TooLateToCancelError,
    no_room,
)
from engage.bookings.guest_queries import find_guest, guests_of
from engage.bookings.mails import (
    Recipient,
    queue_already_booked,
    queue_event_cancelled,
    queue_invitation,
    queue_offer,
    queue_waiting,
)
from engage.bookings.models import Booking, BookingQuestion
from engage.bookings.own_answers import checked_answers
from engage.bookings.party import invite_guests, invited_party, invited_people, let_go, take_back_invitations
from engage.bookings.queries import confirmed_bookings, get_booking, people_ahead
from engage.bookings.requests import PlaceRequest
from engage.bookings.waiting import dissolve_list, join_list, promote
from engage.bookings.writing import insert_booking
from engage.calendars.answers import note_answered
from engage.calendars.queries import find_invite
from engage.calendars.services import end_invite, issue_invite
from engage.events.enums import SPEAKING, EventStatus, Phase
from engage.events.errors import (
    BookingClosedError,
    EventChangedError,
    EventFullError,
    EventNotFoundError,
    EventOverError,
    MembersFirstError,
)
from engage.events.models import Appearance, Event
from engage.events.queries import get_event_by_id, lock_event
from engage.events.services import free_all_places, free_places, group_has, take_places
from engage.kernel.db import db, table_of
from engage.kernel.plain import run_plain, together
from engage.kernel.settings import Site
from engage.kernel.tokens import new_nonce
from engage.mail.enums import MessageKind
from engage.mail.queries import count_since
from engage.speakers.models import Speaker

REMINDERS_A_DAY = 3  # mails to an address that somebody gives again and again (S31)
_ACTOR = {BookingSource.WEB: "visitor", BookingSource.ORGANISER: "organiser", BookingSource.IMPORT: "organiser"}
_REMINDS = {BookingStatus.WAITING: MessageKind.WAITING, BookingStatus.OFFERED: MessageKind.OFFER}
_EVENT = table_of(Event).c
_BOOKING = table_of(Booking).c
_QUESTION = table_of(BookingQuestion).c
_ASKS = exists().where(_QUESTION.event_id == _EVENT.id, _QUESTION.retired_at.is_(None)).correlate(table_of(Event))
_APPEARANCE, _SPEAKER = table_of(Appearance).c, table_of(Speaker).c
_SPEAKS = (
    exists()
    .where(
        _SPEAKER.email == bindparam("address"),
        _APPEARANCE.speaker_id == _SPEAKER.id,
        _APPEARANCE.event_id == _EVENT.id,
        _APPEARANCE.status.in_([literal_column(f"'{status}'") for status in sorted(SPEAKING)]),
    )
    .correlate(table_of(Event))
)
# The words of LIVE stand in the statement itself, so that the partial index is used.
_EVENT_AND_BOOKING = (
    select(
        *(_EVENT.id, _EVENT.slug, _EVENT.title, _EVENT.summary, _EVENT.timezone),
        *(_EVENT.starts_at, _EVENT.ends_at, _EVENT.status, _EVENT.version),
        *(_EVENT.capacity, _EVENT.seats_taken, _EVENT.places_kept, _EVENT.waiting_list, _EVENT.members_only_until),
        _ASKS.label("asks"),
        _SPEAKS.label("speaks"),
        _BOOKING.id.label("booking_id"),
        _BOOKING.status.label("booking_status"),
        *(_BOOKING.nonce, _BOOKING.name, _BOOKING.locale, _BOOKING.places, _BOOKING.offer_expires_at),
    )
    .select_from(
        table_of(Event).outerjoin(
            table_of(Booking),
            and_(
                _BOOKING.event_id == _EVENT.id,
                _BOOKING.email_normalised == bindparam("address"),
                _BOOKING.status.in_([literal_column(f"'{word}'") for word in ("confirmed", "waiting", "offered")]),
            ),
        )
    )
    .where(_EVENT.id == bindparam("event"))
)


def book_place(
    event_id: uuid.UUID,
    request: PlaceRequest,
    *,
    site: Site,
    at: datetime,
    last_place_gone: bool = False,
) -> BookingOutcome:
    """Book places, invite, and count them last; or join the waiting list of an event that has not so many.

    Whoever gives an address learns nothing about it (rule 16): one that is booked or waits already gets the
    same answer, and a mail with its links, at most three a day. Plain statements, one round trip each, and a
    new booking locks the event's row by its last alone. If the places go in that moment, EventFullError is
    raised though the list may be open: roll back and ask again with `last_place_gone`, which holds the row and
    decides. Raises EventFullError, BookingClosedError, MembersFirstError (all for known addresses as well),
    OwnAnswersError, EventChangedError, EventNotFoundError, and what `PlaceRequest.checked` raises.
    """
    request = request.checked()
    event = event_and_booking(event_id, request.email)
    if event.status is not EventStatus.PUBLISHED or event.ends_at <= at:
        raise BookingClosedError
    if not group_has(request.group_id, event_id, request.places):
        request = replace(request, group_id=None)
        if _is_for_members(event, at=at) and not request.is_member and request.source is BookingSource.WEB:
            raise MembersFirstError
    if event.asks or request.answers:
        must_answer = request.source is BookingSource.WEB
        answers = checked_answers(event_id, request.answers, must_answer=must_answer)
        request = replace(request, answers=answers)
    full = last_place_gone or _is_full(event, request)
    if full and not last_place_gone and not event.waiting_list:
        raise no_room(event.capacity - event.seats_taken - event.places_kept)
    if event.booking_id is None:
        recipient = Recipient(uuid.uuid4(), new_nonce(), request.name, request.email, request.locale, request.places)
        status = BookingStatus.WAITING if full else BookingStatus.CONFIRMED
        if insert_booking(recipient, event_id, request, status, at=at):
            if full:
                _record_new(recipient, request, at=at)
                outcome = join_list(recipient.booking_id, site=site, at=at)
                if request.access_needs is not None:
                    ends_at = get_event_by_id(event_id).ends_at  # as it is by now
                    _keep_needs(recipient, request, ends_at=ends_at, site=site, at=at)
                return outcome
            _keep_needs(recipient, request, ends_at=event.ends_at, site=site, at=at)
            with together():
                _record_new(recipient, request, at=at)
                invite = issue_invite(
                    event_id=event_id,
                    booking_id=recipient.booking_id,
                    attendee_addr=recipient.email,
                    carried=not event.speaks,
                    site=site,
                    at=at,
                )
                queue_invitation(recipient, event, invite, site=site, at=at)
            if any(guest.email for guest in request.guests):
                invite_guests(recipient, event, guests_of(recipient.booking_id), site=site, at=at)
            version = take_places(event_id, request.places, at=at, group_id=request.group_id)
            if version != event.version:  # the invitation tells an old time, and who moved it told nobody of this
                raise EventChangedError
            return BookingOutcome.PLACE
    # The address holds a place, or took one in this moment. Asked again once nobody can give it back meanwhile.
    outcome = _hold_and_decide(event_id, request, at=at)
    event = event_and_booking(event_id, request.email)
    if event.booking_id is None:
        raise EventChangedError
    remind(event, request.email, site=site, at=at)
    return outcome


def _record_new(recipient: Recipient, request: PlaceRequest, *, at: datetime) -> None:
    act = f"{_ACTOR[request.source]}:booking:create"
    record(act, f"booking:{recipient.booking_id}", at=at, actor=request.actor)


def _keep_needs(recipient: Recipient, request: PlaceRequest, *, ends_at: datetime, site: Site, at: datetime) -> None:
    if request.access_needs is not None:
        keep_access_needs(recipient.booking_id, request.access_needs, ends_at=ends_at, site=site, at=at)


def _is_for_members(event: Any, *, at: datetime) -> bool:
    return event.members_only_until is not None and at < event.members_only_until


def _is_full(event: Any, request: PlaceRequest) -> bool:
    if request.group_id is not None:
        return False
    return bool(event.seats_taken + event.places_kept + request.places > event.capacity)


def _hold_and_decide(event_id: uuid.UUID, request: PlaceRequest, *, at: datetime) -> BookingOutcome:
    """Hold the event and return what anybody new would get of it now; nothing is taken."""
    try:
        take_places(event_id, request.places, at=at, group_id=request.group_id, only_ask=True)
    except EventFullError as error:
        event = lock_event(event_id)
        if event.places_left() < request.places:
            if not event.waiting_list:
                raise no_room(event.places_left()) from error
            return BookingOutcome.WAITING
    return BookingOutcome.PLACE


def cancel_booking(booking_id: uuid.UUID, *, site: Site, at: datetime, by_calendar: bool = False) -> Booking:
    """Give a place back, which goes to the waiting list at once; a second time changes nothing.

    `by_calendar` says that the holder declined in their calendar, which has taken the entry out itself. Raises
    BookingNotFoundError, TooLateToCancelError.
    """
    event = lock_event(get_booking(booking_id).event_id)
    booking = get_booking(booking_id)
    db.session.refresh(booking)  # as it is now that the event is held: nobody else cancels it
    if not booking.is_live():
        return booking
    if event.phase(at) is Phase.OVER:
        raise TooLateToCancelError
    mark_cancelled(booking, by=CancelledBy.ATTENDEE, at=at)
    if by_calendar:
        let_go(find_invite(booking_id), Recipient.of(booking), event, site=site, at=at)
    else:
        note_answered(find_invite(booking_id), at=at)
    take_back_invitations(invited_party(booking_id), event, site=site, at=at)
    record("attendee:booking:cancel", f"booking:{booking_id}", at=at)
    db.session.flush()
    free_places(event.id, booking.places, group_id=booking.group_id)
    promote(event, because=Freed.CANCELLED, site=site, at=at)
    return booking


def cancel_every_booking(event_id: uuid.UUID, *, reason: str, site: Site, at: datetime) -> int:
    """End every booking of an event that was just cancelled, tell each person once (R38); returns how many bookings.

    Guests with an address and whoever waits for a place are told as well. The caller holds the event's row.
    """
    event = get_event_by_id(event_id)
    for person in invited_people(event_id):
        queue_event_cancelled(person.recipient, event, end_invite(person.invite), reason=reason, site=site, at=at)
    bookings = confirmed_bookings(event_id)
    for booking in bookings:
        mark_cancelled(booking, by=CancelledBy.EVENT, at=at)
        record("organiser:booking:cancel", f"booking:{booking.id}", at=at)
    db.session.flush()
    waiting = dissolve_list(event, reason=reason, site=site, at=at)
    free_all_places(event_id, at=at)
    return len(bookings) + waiting


def note_joined(booking_id: uuid.UUID, *, at: datetime, guest_id: uuid.UUID | None = None) -> str:
    """Note that the holder of a booking, or a guest of theirs, goes in; returns the address where people meet.

    Raises BookingCancelledError, DoorsClosedError, EventOverError, BookingClosedError for a cancelled event.
    """
    booking = get_booking(booking_id)
    db.session.refresh(booking, with_for_update=True)  # it may be given back in this moment
    guest = None if guest_id is None else find_guest(booking_id, guest_id)
    event = get_event_by_id(booking.event_id)
    if event.status is not EventStatus.PUBLISHED:
        raise BookingClosedError
    if not booking.is_live() or (guest_id is not None and guest is None):
        raise BookingCancelledError
    if at < event.doors_open_at():
        raise DoorsClosedError
    if event.phase(at) is Phase.OVER:
        raise EventOverError
    person = guest or booking
    if note_click(person, event, at=at):
        record("attendee:booking:join" if guest is None else "guest:booking:join", f"booking:{booking_id}", at=at)
        db.session.flush()
    return event.join_url


def event_and_booking(event_id: uuid.UUID, address: str) -> Any:
    """Return what a booking needs of the event, and the live booking of the address if there is one."""
    found = run_plain(_EVENT_AND_BOOKING, {"event": event_id, "address": address})
    if not found:
        raise EventNotFoundError
    return found[0]


def remind(event: Any, address: str, *, site: Site, at: datetime) -> None:
    """Send its links again to an address that has a place, at most three times a day (S31)."""
    day_before = at - timedelta(days=1)
    kind = _REMINDS.get(event.booking_status, MessageKind.ALREADY_BOOKED)
    if count_since(kind, event.booking_id, since=day_before) < REMINDERS_A_DAY:
        recipient = Recipient(event.booking_id, event.nonce, event.name, address, event.locale, event.places)
        if kind is MessageKind.WAITING:
            ahead = people_ahead(get_booking(event.booking_id))
            queue_waiting(recipient, event, ahead=ahead, again=True, site=site, at=at)
        elif kind is MessageKind.OFFER:
            queue_offer(recipient, event, expires_at=event.offer_expires_at, again=True, site=site, at=at)
        else:
            queue_already_booked(recipient, event, site=site, at=at)
    record("visitor:booking:repeat", f"booking:{event.booking_id}", at=at)
