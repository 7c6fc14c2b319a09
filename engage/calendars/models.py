"""Invitations: what stands in somebody's own calendar."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.calendars.enums import InviteState
from engage.kernel.db import Base, UUIDKey, words

HOLDER = text("guest_id IS NULL")


class CalendarInvite(UUIDKey, Base):
    """One entry in one person's calendar, kept for life (RFC 5546 section 2.1).

    `uid`, `organizer_addr` and `attendee_addr` never change; `sequence` rises with each change that is
    sent, and `time_sequence` is the one at which the time last changed. `guest_id` is for somebody whom the
    holder of the booking brings; the holder's own has none.
    """

    __tablename__ = "calendar_invite"
    __table_args__ = (
        Index("uq_calendar_invite_booking_id", "booking_id", unique=True, sqlite_where=HOLDER, postgresql_where=HOLDER),
        CheckConstraint("sequence >= 0 AND time_sequence >= 0 AND time_sequence <= sequence", name="sequence_rises"),
    )

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), index=True)
    guest_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("booking_guest.id", ondelete="CASCADE"), unique=True)
    uid: Mapped[str] = mapped_column(String(200), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    time_sequence: Mapped[int] = mapped_column(default=0)
    organizer_addr: Mapped[str] = mapped_column(String(254))
    attendee_addr: Mapped[str] = mapped_column(String(254))
    first_message_id: Mapped[str | None] = mapped_column(String(254))
    state: Mapped[InviteState] = mapped_column(words(InviteState, "state"), default=InviteState.LIVE)
    created_at: Mapped[datetime]
