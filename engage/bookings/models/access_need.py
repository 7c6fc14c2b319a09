"""What people need to take part. A table of its own: no list of bookings can show it by mistake."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import JSON_VALUE, Base


class AccessNeed(Base):
    """What one booking's people need, in their own words; seen by access leads and administrators alone.

    `kinds` are words of AccessKind that an access lead chose after reading; `promised` is what we answered that we
    do, and `kept_at` ticks it. `changed_at` says that the words changed since we last answered. Every change counts
    `version` up (R11). The row is deleted at `delete_at`.
    """

    __tablename__ = "access_need"

    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]] = mapped_column(JSON_VALUE, default=list)
    promised: Mapped[str | None] = mapped_column(Text)
    kept_at: Mapped[datetime | None]
    kept_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    changed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    delete_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]
