"""Bookings."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.bookings.enums import Attendance, BookingStatus, CancelledBy
from engage.kernel.db import Base, SampleMark, UUIDKey, words
from engage.kernel.tokens import new_nonce

LIVE = text("status = 'confirmed'")


class Booking(UUIDKey, SampleMark, Base):
    """A place of one person at one event. At most one live booking for each address (R7, by the index)."""

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
        Index("ix_booking_event_id_created_at", "event_id", "created_at"),
    )

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    email_normalised: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    organisation: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[BookingStatus] = mapped_column(words(BookingStatus, "status"), default=BookingStatus.CONFIRMED)
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    locale: Mapped[str] = mapped_column(String(10), default="en")
    cancelled_by: Mapped[CancelledBy | None] = mapped_column(words(CancelledBy, "cancelled_by"))
    cancelled_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    attendance: Mapped[Attendance] = mapped_column(words(Attendance, "attendance"), default=Attendance.UNKNOWN)
    created_at: Mapped[datetime]

    def is_live(self) -> bool:
        """Tell whether it holds a place."""
        return self.status is BookingStatus.CONFIRMED
