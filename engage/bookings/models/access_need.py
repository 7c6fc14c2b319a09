"""What people need to take part. A table of its own: no list of bookings can show it by mistake."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import Base


class AccessNeed(Base):
    """What one booking's people need, in their own words; seen by access leads and administrators alone.

    `promised` is what we answered that we do; `kept_at` ticks it. The row is deleted at `delete_at`.
    """

    __tablename__ = "access_need"

    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    promised: Mapped[str | None] = mapped_column(Text)
    kept_at: Mapped[datetime | None]
    kept_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    delete_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]
