"""Events, line-ups, and the join of event and question."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.events.enums import AppearanceRole, EventStatus, Phase
from engage.kernel.db import Base, SampleMark, UUIDKey, words
from engage.kernel.tokens import new_nonce

DOORS_OPEN = timedelta(minutes=15)


class Event(UUIDKey, SampleMark, Base):
    """A webinar.

    `starts_at` and `ends_at` are instants; `timezone` (IANA) and `local_start` ("2027-03-31T12:30") keep the wall
    time that the organiser meant (R19). `seats_taken` counts places, confirmed and offered ones, and changes
    only by one guarded UPDATE (rule 12); once they are all taken, `waiting_list` lets people wait. `nonce` is
    behind the event's pass; `calendar_sequence` and `updated_at` go into public calendar files.
    """

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("0 <= seats_taken AND seats_taken <= capacity", name="never_oversold"),
        CheckConstraint("capacity > 0", name="capacity_positive"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_event_status_starts_at", "status", "starts_at"),
    )

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(500))
    description: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    timezone: Mapped[str] = mapped_column(String(60))
    local_start: Mapped[str] = mapped_column(String(16))
    capacity: Mapped[int]
    seats_taken: Mapped[int] = mapped_column(default=0)
    waiting_list: Mapped[bool] = mapped_column(default=True, server_default=true())
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    join_url: Mapped[str] = mapped_column(String(500))
    recording_url: Mapped[str | None] = mapped_column(String(500))
    comments_open_for_days: Mapped[int] = mapped_column(default=28)
    status: Mapped[EventStatus] = mapped_column(words(EventStatus, "status"), default=EventStatus.DRAFT)
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    feed_uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    calendar_sequence: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    appearances: Mapped[list["Appearance"]] = relationship(order_by="Appearance.position", cascade="all, delete-orphan")
    questions: Mapped[list["EventQuestion"]] = relationship(
        order_by="EventQuestion.position", cascade="all, delete-orphan"
    )

    def phase(self, at: datetime) -> Phase:
        """Return where the event is at a moment."""
        if at < self.starts_at:
            return Phase.UPCOMING
        return Phase.RUNNING if at < self.ends_at else Phase.OVER

    def is_public(self) -> bool:
        """Tell whether anyone may see it: published, or published and then cancelled."""
        return self.published_at is not None

    def takes_bookings(self, at: datetime) -> bool:
        """Tell whether booking is open, places aside."""
        return self.status is EventStatus.PUBLISHED and at < self.ends_at

    def places_left(self) -> int:
        """Return how many places are free."""
        return self.capacity - self.seats_taken

    def takes_waiting(self, at: datetime) -> bool:
        """Tell whether somebody who comes now may join the waiting list."""
        return self.takes_bookings(at) and self.places_left() <= 0 and self.waiting_list

    def doors_open_at(self) -> datetime:
        """Return when attendees may go in."""
        return self.starts_at - DOORS_OPEN

    def comments_close_at(self) -> datetime:
        """Return when the last comment is taken."""
        return self.ends_at + timedelta(days=self.comments_open_for_days)

    def takes_comments(self, at: datetime) -> bool:
        """Tell whether comments are open: after the end, until the closing."""
        return self.status is EventStatus.PUBLISHED and self.ends_at <= at < self.comments_close_at()


class Appearance(UUIDKey, Base):
    """Somebody in an event's line-up."""

    __tablename__ = "appearance"
    __table_args__ = (UniqueConstraint("event_id", "speaker_id", "role"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    speaker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("speaker.id"), index=True)
    role: Mapped[AppearanceRole] = mapped_column(words(AppearanceRole, "role"))
    position: Mapped[int]


class EventQuestion(UUIDKey, Base):
    """The join: this event discusses that question."""

    __tablename__ = "event_question"
    __table_args__ = (UniqueConstraint("event_id", "question_id"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
