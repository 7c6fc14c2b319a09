"""What organisers write to people of an event."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engage.bookings.enums import Segment
from engage.kernel.db import Base, UUIDKey, words


class Letter(UUIDKey, Base):
    """One letter to a part of an event's people; each of them gets a message of their own.

    `subject` and `body` hold placeholders such as {name}; `people` counts who it went to.
    """

    __tablename__ = "letter"

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    segment: Mapped[Segment] = mapped_column(words(Segment, "segment"))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    people: Mapped[int]
    created_at: Mapped[datetime]
