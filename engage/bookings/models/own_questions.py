"""What an organiser asks on the booking form; nothing of it is a response to a consultation."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.bookings.enums import BookingQuestionKind
from engage.kernel.db import JSON_VALUE, Base, UUIDKey, words


class BookingQuestion(UUIDKey, Base):
    """A question of one event's booking form; `options` are the answers to choose from, for a choice.

    One that was answered is not deleted but retired: it is asked no more, and its answers stay in lists.
    """

    __tablename__ = "booking_question"
    __table_args__ = (Index("ix_booking_question_event_id_position", "event_id", "position"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[BookingQuestionKind] = mapped_column(words(BookingQuestionKind, "kind"))
    text: Mapped[str] = mapped_column(String(300))
    options: Mapped[list[str]] = mapped_column(JSON_VALUE, default=list)
    is_required: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None]


class BookingAnswer(UUIDKey, Base):
    """What somebody answered when they booked."""

    __tablename__ = "booking_answer"
    __table_args__ = (UniqueConstraint("booking_id", "question_id"),)

    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking_question.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)
