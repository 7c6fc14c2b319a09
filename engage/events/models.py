"""Events, line-ups, and the join of event and question."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.consultations.enums import ModerationMode
from engage.events.enums import AccessKind, AppearanceRole, AppearanceStatus, EventStatus, Phase, WhoMayComment
from engage.kernel.db import JSON_VALUE, Base, SampleMark, UUIDKey, words
from engage.kernel.tokens import new_nonce

DOORS_OPEN = timedelta(minutes=15)


class Event(UUIDKey, SampleMark, Base):
    """A webinar.

    `starts_at` and `ends_at` are instants; `timezone` (IANA) and `local_start` ("2027-03-31T12:30") keep the wall
    time that the organiser meant (R19). `seats_taken` counts places, confirmed and offered ones, and changes
    only by one guarded UPDATE (rule 12); once they are all taken, `waiting_list` lets people wait. `places_kept`
    counts the free places that are kept for groups. Until `members_only_until` members alone book; `places_shown`
    shows how many are left. `mail_plan` is the plan of reminders and follow-up; None is the usual one. `nonce` is
    behind the event's pass; questions are sent before and during it while `takes_live_questions`; what `hold_rules`
    say is told at `Consultation`; `calendar_sequence` and `updated_at` go into public calendar files.
    """

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint(
            "0 <= seats_taken AND 0 <= places_kept AND seats_taken + places_kept <= capacity", name="never_oversold"
        ),
        CheckConstraint("capacity > 0", name="capacity_positive"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_event_status_starts_at", "status", "starts_at"),
        Index("ix_event_ends_at", "ends_at"),
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
    places_kept: Mapped[int] = mapped_column(default=0, server_default="0")
    waiting_list: Mapped[bool] = mapped_column(default=True, server_default=true())
    places_shown: Mapped[bool] = mapped_column(default=True, server_default=true())
    members_only_until: Mapped[datetime | None]
    mail_plan: Mapped[dict[str, Any] | None] = mapped_column(JSON_VALUE)
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    join_url: Mapped[str] = mapped_column(String(500))
    recording_url: Mapped[str | None] = mapped_column(String(500))
    comments_open_for_days: Mapped[int] = mapped_column(default=28)
    who_may_comment: Mapped[WhoMayComment] = mapped_column(
        words(WhoMayComment, "who_may_comment"),
        default=WhoMayComment.BOOKED_OR_MEMBERS,
        server_default="booked_or_members",
    )
    takes_live_questions: Mapped[bool] = mapped_column(default=True, server_default=true())
    moderation_mode: Mapped[ModerationMode] = mapped_column(
        words(ModerationMode, "moderation_mode"), default=ModerationMode.PRE, server_default="pre"
    )
    hold_rules: Mapped[dict[str, Any] | None] = mapped_column(JSON_VALUE)
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
        """Return how many places anybody may take; those that are kept for groups are not among them."""
        return self.capacity - self.seats_taken - self.places_kept

    def is_for_members(self, at: datetime) -> bool:
        """Tell whether members alone may book."""
        return self.members_only_until is not None and at < self.members_only_until

    def takes_waiting(self, at: datetime) -> bool:
        """Tell whether somebody who comes now may join the waiting list."""
        return self.takes_bookings(at) and self.places_left() <= 0 and self.waiting_list

    def next_moment(self, at: datetime) -> datetime | None:
        """Return when, after a moment, what anybody sees of it changes by itself; None when it never does again.

        Whatever a public page says by the clock has its moment here: pages are stored in between.
        """
        moments = (self.members_only_until, self.starts_at, self.ends_at, self.comments_close_at())
        return min((moment for moment in moments if moment is not None and moment > at), default=None)

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
    """Somebody in an event's line-up.

    `nonce` is behind their private link; `message` is what they wrote with their answer, made at `answered_at`.
    `letters` stops letters to them, the one kind of mail to speakers that is optional.
    """

    __tablename__ = "appearance"
    __table_args__ = (UniqueConstraint("event_id", "speaker_id", "role"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    speaker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("speaker.id"), index=True)
    role: Mapped[AppearanceRole] = mapped_column(words(AppearanceRole, "role"))
    position: Mapped[int]
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    status: Mapped[AppearanceStatus] = mapped_column(words(AppearanceStatus, "status"), default=AppearanceStatus.DRAFT)
    message: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    letters: Mapped[bool] = mapped_column(default=True, server_default=true())


class EventQuestion(UUIDKey, Base):
    """The join: this event discusses that question."""

    __tablename__ = "event_question"
    __table_args__ = (UniqueConstraint("event_id", "question_id"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]


class PlaceGroup(UUIDKey, Base):
    """Places of an event that are kept for a group until a moment.

    `nonce` is behind the group's own link to the booking form; `taken` counts what the group has booked. What is
    left goes to everybody at `release_at`, and `released_at` says that it did.
    """

    __tablename__ = "place_group"
    __table_args__ = (CheckConstraint("0 <= taken AND taken <= places", name="never_oversold"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    places: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    release_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    def left(self) -> int:
        """Return how many places are still kept for the group."""
        return 0 if self.released_at is not None else self.places - self.taken


class AccessProvision(UUIDKey, Base):
    """Something that an event provides so that people can take part; the event's page states it.

    `due_on` is the day by which it must be arranged (an interpreter booked, say), in the event's own zone;
    `arranged_at` and `kept_at` tick that it was, and that it was there on the day.
    """

    __tablename__ = "access_provision"
    __table_args__ = (Index("ix_access_provision_due_on", "due_on"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    kind: Mapped[AccessKind] = mapped_column(words(AccessKind, "kind"))
    note: Mapped[str | None] = mapped_column(String(300))
    due_on: Mapped[date | None]
    arranged_at: Mapped[datetime | None]
    kept_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
