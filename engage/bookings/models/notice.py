"""What organisers chose to be told about an event's bookings."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import Base, UUIDKey


class BookingNotice(UUIDKey, Base):
    """One organiser's choice for one event: a daily digest of new bookings, "full", "first on the waiting list".

    `digested_until` is the moment up to which the last digest told of bookings.
    """

    __tablename__ = "booking_notice"
    __table_args__ = (UniqueConstraint("event_id", "person_id"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    digest: Mapped[bool] = mapped_column(default=False)
    when_full: Mapped[bool] = mapped_column(default=False)
    when_waiting: Mapped[bool] = mapped_column(default=False)
    digested_until: Mapped[datetime]
