"""Bookings."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.bookings.enums import Attendance, BookingStatus, CancelledBy
from engage.kernel.db import Base, SampleMark, UUIDKey, words
from engage.kernel.tokens import new_nonce

LIVE = text("status IN ('confirmed', 'waiting', 'offered')")


class Booking(UUIDKey, SampleMark, Base):
    """A place of one person at one event, or a wait for one. At most one live for each address (R7, by the index).

    People wait in the order of `waiting_since`, which no two of an event share; it stays once they moved up.
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
        Index("ix_booking_event_id_created_at", "event_id", "created_at"),
        Index("ix_booking_event_id_waiting_since", "event_id", "waiting_since"),
    )

    reference: Mapped[str] = mapped_column(String(12), unique=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    email_normalised: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    organisation: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[BookingStatus] = mapped_column(words(BookingStatus, "status"), default=BookingStatus.CONFIRMED)
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    locale: Mapped[str] = mapped_column(String(10), default="en")
    waiting_since: Mapped[datetime | None]
    offer_expires_at: Mapped[datetime | None]
    cancelled_by: Mapped[CancelledBy | None] = mapped_column(words(CancelledBy, "cancelled_by"))
    cancelled_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    attendance: Mapped[Attendance] = mapped_column(words(Attendance, "attendance"), default=Attendance.UNKNOWN)
    created_at: Mapped[datetime]

    def is_live(self) -> bool:
        """Tell whether it is a place that somebody has."""
        return self.status is BookingStatus.CONFIRMED

    def is_in_line(self) -> bool:
        """Tell whether somebody waits, or has an offer to answer."""
        return self.status in (BookingStatus.WAITING, BookingStatus.OFFERED)
