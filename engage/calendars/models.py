"""Invitations: what stands in somebody's own calendar."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.calendars.enums import FeedPurpose, InviteKind, InviteState, PartStat
from engage.kernel.db import Base, UUIDKey, words
from engage.kernel.tokens import new_nonce

HOLDER = text("guest_id IS NULL")
LIVE = text("state = 'live'")


class CalendarInvite(UUIDKey, Base):
    """One entry in one person's calendar, kept for life (RFC 5546 section 2.1).

    `uid`, `organizer_addr` and `attendee_addr` never change; `sequence` rises with each change that is
    sent, and `time_sequence` is the one at which the time last changed. An attendee's belongs to a booking, and
    `guest_id` is for somebody whom its holder brings; a speaker's belongs to an appearance. `partstat` is what they
    last answered in their calendar, `reply_stamp` the DTSTAMP of that reply or the moment
    of a newer answer on their page, `reply_comment` their words.
    `first_message_id` is None while no mail has carried it, since its person speaks and has that entry already.
    """

    __tablename__ = "calendar_invite"
    __table_args__ = (
        Index("uq_calendar_invite_booking_id", "booking_id", unique=True, sqlite_where=HOLDER, postgresql_where=HOLDER),
        Index("uq_calendar_invite_appearance", "appearance_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        CheckConstraint("(booking_id IS NULL) <> (appearance_id IS NULL)", name="of_one_person"),
        CheckConstraint("sequence >= 0 AND time_sequence >= 0 AND time_sequence <= sequence", name="sequence_rises"),
    )

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    kind: Mapped[InviteKind] = mapped_column(words(InviteKind, "kind"), default=InviteKind.ATTENDEE)
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    guest_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("booking_guest.id", ondelete="CASCADE"), unique=True)
    appearance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("appearance.id", ondelete="CASCADE"))
    uid: Mapped[str] = mapped_column(String(200), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    time_sequence: Mapped[int] = mapped_column(default=0)
    organizer_addr: Mapped[str] = mapped_column(String(254))
    attendee_addr: Mapped[str] = mapped_column(String(254))
    first_message_id: Mapped[str | None] = mapped_column(String(254))
    state: Mapped[InviteState] = mapped_column(words(InviteState, "state"), default=InviteState.LIVE)
    partstat: Mapped[PartStat] = mapped_column(words(PartStat, "partstat"), default=PartStat.NEEDS_ACTION)
    reply_stamp: Mapped[datetime | None]
    reply_comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class CalendarFeed(UUIDKey, Base):
    """A private calendar address: of an attendee or speaker by their mail address, or of a person who signs in.

    Its token is signed from id and nonce (rule 13): a new nonce renews it, no row opens it.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (
        UniqueConstraint("purpose", "person_id"),
        UniqueConstraint("purpose", "address"),
        CheckConstraint("(person_id IS NULL) <> (address IS NULL)", name="of_one_person"),
    )

    purpose: Mapped[FeedPurpose] = mapped_column(words(FeedPurpose, "purpose"))
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    address: Mapped[str | None] = mapped_column(String(254))
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    created_at: Mapped[datetime]
