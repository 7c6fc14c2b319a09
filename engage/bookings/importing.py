"""Booking for many people from a table: said first, row by row; then done just as it was said, or not at all (S47)."""

import json
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engage.audit.services import record, record_all
from engage.bookings.also_speaking import speakers_among
from engage.bookings.enums import BookingSource, BookingStatus
from engage.bookings.errors import ImportChangedError, NobodyToImportError
from engage.bookings.import_table import ImportRow, RowFault
from engage.bookings.mails import Recipient, queue_invitations
from engage.bookings.models import LIVE, Booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.writing import insert_bookings
from engage.calendars.services import issue_invites
from engage.events.errors import BookingClosedError, EventChangedError, EventFullError
from engage.events.models import Event
from engage.events.queries import get_event_by_id
from engage.events.services import take_places
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import new_nonce, sha256_hex


class Fate(StrEnum):
    """What would become of a row."""

    BOOKED = "booked"
    KNOWN = "known"
    GAVE_UP = "gave up"
    TWICE = "twice"
    NO_ROOM = "no room"
    NO_NAME = RowFault.NO_NAME.value
    BAD_ADDRESS = RowFault.BAD_ADDRESS.value
    TOO_LONG = RowFault.TOO_LONG.value
    BAD_PLACES = RowFault.BAD_PLACES.value
    NOT_CONFIRMED = RowFault.NOT_CONFIRMED.value


@dataclass(frozen=True)
class ImportPlan:
    """Each row with what would become of it."""

    rows: Sequence[tuple[ImportRow, Fate]]

    @cached_property
    def counts(self) -> Counter[Fate]:
        """Return how many rows have each fate."""
        return Counter(fate for _, fate in self.rows)

    @cached_property
    def to_book(self) -> list[ImportRow]:
        """Return whom it would book for."""
        return [row for row, fate in self.rows if fate is Fate.BOOKED]

    @property
    def places(self) -> int:
        """Return how many places that takes."""
        return sum(row.places for row in self.to_book)

    @cached_property
    def digest(self) -> str:
        """Return what two plans share only if they say the same of the same rows."""
        return sha256_hex(json.dumps([[*vars(row).values(), fate] for row, fate in self.rows]))


def plan_import(event: Event, people: Sequence[ImportRow], *, at: datetime) -> ImportPlan:
    """Say what would become of each row now; nothing is changed.

    Places go in the order of the file, free ones alone; a party for which they are not enough is passed over. So is
    whoever cancelled or was removed: a table that is imported again books nobody back. Raises BookingClosedError.
    """
    if not event.takes_bookings(at):
        raise BookingClosedError
    here = select(Booking.email_normalised).where(Booking.event_id == event.id)
    known = set(db.session.scalars(here.where(LIVE)))
    gave_up = set(db.session.scalars(here.where(Booking.status == BookingStatus.CANCELLED)))
    seen, free = set[str](), event.places_left()
    rows = []
    for row in people:
        if row.fault is not None:
            fate = Fate(row.fault.value)
        elif row.email in known:
            fate = Fate.KNOWN
        elif row.email in gave_up:
            fate = Fate.GAVE_UP
        elif row.email in seen:
            fate = Fate.TWICE
        elif row.places > free:
            fate = Fate.NO_ROOM
        else:
            fate = Fate.BOOKED
            free -= row.places
        if fate in (Fate.BOOKED, Fate.NO_ROOM):
            seen.add(row.email)
        rows.append((row, fate))
    return ImportPlan(rows)


def import_bookings(
    event_id: uuid.UUID,
    people: Sequence[ImportRow],
    *,
    seen: str,
    locale: str,
    site: Site,
    at: datetime,
    actor: uuid.UUID | None,
) -> int:
    """Do what the plan with the digest `seen` said, all of it, and invite everybody; returns how many bookings.

    A few statements for thousands of rows, and as for a single booking the event's row is held by the last alone.
    Raises ImportChangedError when the plan would be another one by now, NobodyToImportError, EventChangedError, and
    what `plan_import` raises: nothing is then kept of the transaction.
    """
    event = get_event_by_id(event_id)
    version = event.version
    plan = plan_import(event, people, at=at)
    if plan.digest != seen:
        raise ImportChangedError
    if not plan.to_book:
        raise NobodyToImportError
    pairs = [_person(row, locale) for row in plan.to_book]
    try:
        insert_bookings(pairs, event_id, at=at)
    except IntegrityError as error:  # one of them booked in this moment
        raise ImportChangedError from error
    holders = [(recipient.booking_id, recipient.email) for recipient, _ in pairs]
    speaking = speakers_among(event_id, [address for _, address in holders])
    invites = issue_invites(event_id, holders, not_carried=speaking, site=site, at=at)
    invited = zip((recipient for recipient, _ in pairs), invites, strict=True)
    queue_invitations(invited, event, site=site, at=at)
    record_all("organiser:booking:create", (f"booking:{holder}" for holder, _ in holders), at=at, actor=actor)
    counts = {"bookings": len(pairs), "places": plan.places, "plan": seen}
    record("organiser:bookings:import", f"event:{event_id}", at=at, actor=actor, after=counts)
    try:
        if take_places(event_id, plan.places, at=at) != version:  # the invitations tell an old time
            raise EventChangedError
    except EventFullError as error:  # places went in this moment
        raise ImportChangedError from error
    return len(pairs)


def _person(row: ImportRow, locale: str) -> tuple[Recipient, PlaceRequest]:
    request = PlaceRequest(
        name=row.name,
        email=row.email,
        locale=locale,
        organisation=row.organisation or None,
        places=row.places,
        source=BookingSource.IMPORT,
    )
    return Recipient(uuid.uuid4(), new_nonce(), row.name, row.email, locale, row.places), request
