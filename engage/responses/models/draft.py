"""Answers that are not sent yet."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import JSON_VALUE, Base, UUIDKey
from engage.kernel.tokens import new_nonce


class AnswerDraft(UUIDKey, Base):
    """What somebody saved to come back to, by a private link. It goes when it is sent, or after the closing.

    `answers` are the form's fields as they were typed, by name. `email` is where the link was mailed, if anywhere, and
    the reminder before the closing goes there, once (`reminded_at`).
    """

    __tablename__ = "answer_draft"

    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), index=True)
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    email: Mapped[str | None] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(10))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    reminded_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
