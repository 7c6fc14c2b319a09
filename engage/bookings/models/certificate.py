"""Certificates of attendance."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import JSON_VALUE, Base, UUIDKey

ALONE = text("guest_id IS NULL")


class Certificate(UUIDKey, Base):
    """A certificate of one person who came: the holder of a booking, or a guest of theirs.

    `facts` are what it says; `pdf` is drawn of them by the worker, and gone when they change.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        Index("uq_certificate_booking_id_guest_id", "booking_id", "guest_id", unique=True),
        Index(
            "uq_certificate_holder",
            "booking_id",
            unique=True,
            sqlite_where=ALONE,
            postgresql_where=ALONE,
        ),
    )

    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    guest_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("booking_guest.id", ondelete="CASCADE"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    drawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
