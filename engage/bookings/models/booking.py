"""Bookings, and the guests that somebody brings."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from engage.bookings.enums import Attendance, AttendanceSource, BookingSource, BookingStatus, CancelledBy
from engage.kernel.db import Base, SampleMark, UUIDKey, words
from engage.kernel.tokens import new_nonce

LIVE = text("status IN ('confirmed', 'waiting', 'offered')")
MOST_PLACES = 5


class Presence:
    """Whether one person came. A click on the join link and a meeting tool's report never agree: both are kept.

    `minutes` is what the report of a meeting tool says; `attendance` is the decision, and `attendance_source` what
    it rests on.
    """

    joined_at: Mapped[datetime | None]
    minutes: Mapped[int | None]
    attendance: Mapped[Attendance] = mapped_column(words(Attendance, "attendance"), default=Attendance.UNKNOWN)
    attendance_source: Mapped[AttendanceSource | None] = mapped_column(words(AttendanceSource, "attendance_source"))


class Booking(UUIDKey, SampleMark, Presence, Base):
    """One to five places at one event, or a wait for them. At most one live for each address (R7, by the index).

    People wait in the order of `waiting_since`, which no two of an event share; it stays once they moved up.
    `places_asked` is what the form asked for and never changes; `places` is what is held or waited for.
    `group_id` names the group whose kept places these are. `reminders` stops reminders and the follow-up.
    """

    __tablename__ = "booking"
    __table_args__ = (
        Index(
            "uq_booking_live_event_id_email_normalised",
            "event_id",
            "email_normalised",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        CheckConstraint(f"1 <= places AND places <= places_asked AND places_asked <= {MOST_PLACES}", name="places"),
        Index("ix_booking_event_id_created_at", "event_id", "created_at"),
        Index("ix_booking_event_id_waiting_since", "event_id", "waiting_since"),
    )

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    email_normalised: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    organisation: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[BookingStatus] = mapped_column(words(BookingStatus, "status"), default=BookingStatus.CONFIRMED)
    places: Mapped[int] = mapped_column(default=1, server_default="1")
    places_asked: Mapped[int] = mapped_column(default=1, server_default="1")
    group_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("place_group.id"), index=True)
    source: Mapped[BookingSource] = mapped_column(
        words(BookingSource, "source"), default=BookingSource.WEB, server_default=BookingSource.WEB.value
    )
    reminders: Mapped[bool] = mapped_column(default=True, server_default=true())
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    locale: Mapped[str] = mapped_column(String(10), default="en")
    waiting_since: Mapped[datetime | None]
    offer_expires_at: Mapped[datetime | None]
    cancelled_by: Mapped[CancelledBy | None] = mapped_column(words(CancelledBy, "cancelled_by"))
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    def is_live(self) -> bool:
        """Tell whether it is a place that somebody has."""
        return self.status is BookingStatus.CONFIRMED

    def holds_places(self) -> bool:
        """Tell whether places of the event are counted for it: it has them, or they are kept for it for a while."""
        return self.status in (BookingStatus.CONFIRMED, BookingStatus.OFFERED)

    def is_in_line(self) -> bool:
        """Tell whether somebody waits, or has an offer to answer."""
        return self.status in (BookingStatus.WAITING, BookingStatus.OFFERED)


class Guest(UUIDKey, Presence, Base):
    """Somebody whom the holder of a booking brings: one of its places, with a name if it was given.

    With an address they have an invitation and a way in of their own (`nonce`); positions count from 1 and the
    holder has none. Whoever gave the place back, or was taken off the booking, has `gone_at` and keeps the row,
    for the mails about it: a live booking has `places - 1` guests who are not gone.
    """

    __tablename__ = "booking_guest"
    __table_args__ = (UniqueConstraint("booking_id", "position"),)

    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str | None] = mapped_column(String(200))
    email_normalised: Mapped[str | None] = mapped_column(String(254))
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    reminders: Mapped[bool] = mapped_column(default=True, server_default=true())
    gone_at: Mapped[datetime | None]
