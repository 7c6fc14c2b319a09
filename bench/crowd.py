"""Many rows at once: bookings as they are after they were made and their mails sent, and events of many years."""

import secrets
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from engage.audit.models import AuditEntry
from engage.bookings.enums import BookingStatus
from engage.bookings.models import Booking
from engage.calendars.models import CalendarInvite
from engage.events.enums import AppearanceRole, AppearanceStatus, EventStatus
from engage.events.models import Appearance, Event
from engage.kernel.db import Base, db, table_of
from engage.kernel.models import Job, JobState
from engage.kernel.tokens import new_nonce
from engage.mail.enums import MessageKind, MessageState
from engage.mail.models import Message
from engage.mail.services import SEND
from engage.speakers.models import Speaker

BATCH = 2000
Rows = tuple[type[Base], list[dict[str, Any]]]


def add_bookings(event_id: uuid.UUID, number: int, *, at: datetime) -> list[tuple[uuid.UUID, str]]:
    """Write so many bookings of one place each, with all that belongs to each; returns their ids and nonces."""
    made: list[tuple[uuid.UUID, str]] = []
    while len(made) < number:
        part = [(uuid.uuid4(), new_nonce()) for _ in range(min(BATCH, number - len(made)))]
        _write(_bookings(event_id, part, at=at))
        made += part
    db.session.execute(update(Event).where(Event.id == event_id).values(seats_taken=Event.seats_taken + number))
    return made


def add_years(events: int, bookings: int, *, coming: int, at: datetime) -> None:
    """Write events a day apart with equal shares of the bookings; all but `coming` of them are over."""
    share = bookings // events
    for number in range(events):
        starts = at + timedelta(days=coming - number, hours=1)
        event_id = uuid.uuid4()
        _write([(Event, [_event(event_id, number, starts, share)])])
        add_bookings(event_id, share, at=starts - timedelta(days=40))


def add_programme(events: int, *, at: datetime) -> None:
    """Write so many events to come, three speakers at each, as the public calendar shows them all."""
    speakers = [{"id": uuid.uuid4(), "name": f"Ann Rao {number}", "created_at": at} for number in range(300)]
    shown = [_event(uuid.uuid4(), number, at + timedelta(hours=number), 10) for number in range(events)]
    line_ups = [
        {
            "event_id": event["id"],
            "speaker_id": speakers[(number + 100 * position) % len(speakers)]["id"],
            "role": AppearanceRole.SPEAKER,
            "position": position,
            "status": AppearanceStatus.ACCEPTED,
        }
        for number, event in enumerate(shown)
        for position in range(3)
    ]
    _write([(Speaker, [{**each, "organisation": "River Trust"} for each in speakers]), (Event, shown)])
    _write([(Appearance, line_ups)])


def _event(event_id: uuid.UUID, number: int, starts: datetime, share: int) -> dict[str, Any]:
    return {
        "id": event_id,
        "slug": f"year-{number}",
        "title": f"An hour about the river, number {number}",
        "summary": "What should the river be in twenty years?",
        "description": "In this hour we **tell what we heard**, and you tell what we missed.",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=1),
        "timezone": "Europe/London",
        "local_start": f"{starts:%Y-%m-%dT%H:%M}",
        "capacity": 2 * share + 10,
        "join_url": "https://meet.example.org/rivers",
        "status": EventStatus.PUBLISHED,
        "published_at": starts - timedelta(days=60),
        "created_at": starts - timedelta(days=60),
        "updated_at": starts - timedelta(days=60),
    }


def _bookings(event_id: uuid.UUID, made: Sequence[tuple[uuid.UUID, str]], *, at: datetime) -> Iterator[Rows]:
    people = [(booking_id, nonce, f"{booking_id.hex}@example.net") for booking_id, nonce in made]
    yield (
        Booking,
        [
            {
                "id": booking_id,
                "reference": secrets.token_hex(6),
                "event_id": event_id,
                "email_normalised": address,
                "name": f"Cleo {booking_id.hex[:8]} Hart",
                "organisation": "Friends of the River",
                "status": BookingStatus.CONFIRMED,
                "nonce": nonce,
                "created_at": at,
            }
            for booking_id, nonce, address in people
        ],
    )
    yield (
        CalendarInvite,
        [
            {
                "event_id": event_id,
                "booking_id": booking_id,
                "uid": f"{uuid.uuid4()}@example.org",
                "organizer_addr": "engage@example.org",
                "attendee_addr": address,
                "created_at": at,
            }
            for booking_id, _, address in people
        ],
    )
    yield (
        Message,
        [
            {
                "logical_key": f"invitation:{booking_id}",
                "kind": MessageKind.INVITATION,
                "to_addr": address,
                "envelope_from": "bounce-1@example.org",
                "locale": "en",
                "subject": "You’re booked: Rivers for everyone",
                "facts": {"name": "Cleo Hart", "links": {"manage": ["booking", str(booking_id), nonce]}},
                "message_id": f"<{booking_id}@example.org>",
                "about_type": "booking",
                "about_id": booking_id,
                "state": MessageState.SENT,
                "created_at": at,
                "sent_at": at,
            }
            for booking_id, nonce, address in people
        ],
    )
    yield (
        Job,
        [
            {
                "name": SEND,
                "arguments": {"message": 0},
                "run_at": at,
                "dedupe_key": f"{SEND}:bench:{booking_id}",
                "state": JobState.DONE,
                "attempts": 1,
                "created_at": at,
            }
            for booking_id, _, _ in people
        ],
    )
    yield (
        AuditEntry,
        [{"act": "visitor:booking:create", "object": f"booking:{booking_id}", "at": at} for booking_id, _, _ in people],
    )


def _write(
    tables: Iterator[tuple[type[Base], list[dict[str, Any]]]] | list[tuple[type[Base], list[dict[str, Any]]]],
) -> None:
    for model, rows in tables:
        if rows:
            db.session.execute(insert(table_of(model)), rows)
