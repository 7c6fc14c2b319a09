"""People whose calendars answer: a booking, a guest, a speaker, and mail that comes in."""

import email.policy
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bookings.models import Booking
from engage.bookings.requests import GuestRequest, PlaceRequest
from engage.bookings.services import book_place
from engage.calendars.models import CalendarInvite
from engage.calendars.services import issue_speaker_invite
from engage.events.enums import AppearanceRole, AppearanceStatus
from engage.events.models import Appearance, Event
from engage.events.services import add_speaker
from engage.flows.invariants import INVARIANTS
from engage.flows.rescheduling import change_event
from engage.jobs.replies import take_in
from engage.kernel.settings import Site
from engage.mail.models import InboundMail, Message
from tests.factories import details_of, make_event
from tests.mail.inbound.clients import CLIENTS, Answering

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
CLEO, BEN, GWEN = "cleo@example.org", "ben@example.org", "gwen@example.org"


@dataclass
class Desk:
    """An event with room for `capacity`, and what may happen to it; moments count minutes from NOW."""

    app: Flask
    unit: Unit
    site: Site
    event_id: UUID = field(init=False)

    def open(self, *, capacity: int = 2, slug: str = "rivers") -> None:
        with self.unit():
            self.event_id = make_event(slug=slug, title="Rivers", capacity=capacity).id

    def book(self, address: str = CLEO, *, places: int = 1, guest: str = "") -> None:
        guests = (GuestRequest("Gwen", guest),) if guest else ()
        with self.unit():
            request = PlaceRequest(address.partition("@")[0].title(), address, "en", places=places, guests=guests)
            book_place(self.event_id, request, site=self.site, at=NOW)

    def ask_to_speak(self, address: str = BEN) -> UUID:
        with self.unit():
            ben = add_speaker(
                self.event_id,
                name="Ben Okafor",
                role_title=None,
                organisation="River Trust",
                role=AppearanceRole.SPEAKER,
                at=NOW,
                actor=None,
            )
            ben.status = AppearanceStatus.INVITED
            issue_speaker_invite(ben.id, self.event_id, address, self.site, NOW)
            return ben.id

    def move(self, *, minutes: int = 1, days: int = 1) -> None:
        with self.unit() as session:
            event = session.get_one(Event, self.event_id)
            details = details_of(event, starts_at=event.starts_at + timedelta(days=days))
            at = NOW + timedelta(minutes=minutes)
            change_event(event.id, details, version=event.version, site=self.site, at=at, actor=None)

    def invite(self, address: str = CLEO) -> CalendarInvite:
        """Return the latest entry of an address, apart from any session."""
        with self.unit() as session:
            mine = select(CalendarInvite).where(CalendarInvite.attendee_addr == address)
            found = session.scalars(
                mine.order_by(CalendarInvite.created_at.desc(), CalendarInvite.state.desc())
            ).first()
            assert found is not None
            session.expunge(found)
            return found

    def says(self, address: str = CLEO, partstat: str = "ACCEPTED", *, minutes: int = 5, **changes: Any) -> Answering:
        """Return what somebody's calendar would answer to the entry as it is now, so many minutes after NOW."""
        mine = self.invite(address)
        given = Answering(mine.uid, mine.organizer_addr, address, partstat, mine.sequence)
        return replace(given, **{"stamp": NOW + timedelta(minutes=minutes), **changes})

    def arrives(
        self, mail: bytes | Answering, *, minutes: int = 5, client: str = "google", to: str = "engage@example.org"
    ) -> str:
        """Let a mail come in; returns what became of it."""
        raw = CLIENTS[client](mail) if isinstance(mail, Answering) else mail
        with self.app.app_context():
            at = NOW + timedelta(minutes=minutes)
            return take_in(raw, envelope_to=to, envelope_from=None, site=self.site, at=at).outcome.value

    def status(self, address: str = CLEO) -> str:
        with self.unit() as session:
            mine = select(Booking).where(Booking.email_normalised == address).order_by(Booking.created_at.desc())
            found = session.scalars(mine).first()
            return "" if found is None else found.status.value

    def speaks(self, appearance_id: UUID) -> tuple[str, str | None]:
        with self.unit() as session:
            found = session.get_one(Appearance, appearance_id)
            return found.status.value, found.message

    def mails(self, *kinds: str) -> list[tuple[str, str]]:
        """Return kind and address of what was queued, in order; of some kinds alone if these are named."""
        with self.unit() as session:
            rows = session.scalars(select(Message).order_by(Message.id)).all()
            return [(each.kind.value, each.to_addr) for each in rows if not kinds or each.kind.value in kinds]

    def log(self) -> list[InboundMail]:
        with self.unit() as session:
            rows = list(session.scalars(select(InboundMail).order_by(InboundMail.received_at, InboundMail.id)))
            session.expunge_all()
            return rows

    def faults(self) -> list[str]:
        """Return what `flask check` would complain of."""
        with self.unit():
            return [line for invariant in INVARIANTS.values() for line in invariant()]

    def state(self) -> list[tuple[Any, ...]]:
        """Return all that a reply could change but the log: bookings, entries, line-up, outbox."""
        with self.unit() as session:
            return [
                *(tuple(row) for row in session.execute(select(Booking.id, Booking.status, Booking.places))),
                *(
                    tuple(row)
                    for row in session.execute(
                        select(
                            CalendarInvite.id,
                            CalendarInvite.state,
                            CalendarInvite.sequence,
                            CalendarInvite.partstat,
                            CalendarInvite.reply_comment,
                        )
                    )
                ),
                *(tuple(row) for row in session.execute(select(Appearance.id, Appearance.status))),
                *(tuple(row) for row in session.execute(select(Message.id, Message.state).order_by(Message.id))),
            ]


def calendar_part(raw: bytes) -> bytes:
    """Return the calendar part of a mail of ours, as a calendar finds it."""
    mail = BytesParser(policy=email.policy.default).parsebytes(raw)
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    return part.get_content().encode()  # type: ignore[no-any-return]
