"""The outbox."""

import builtins
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import JSON_VALUE, Base, words
from engage.mail.enums import MessageKind, MessageState


class Message(Base):
    """A mail to one person: frozen facts now, bytes when the worker has rendered them once.

    `facts` open nothing (links in them are row ids and nonces, signed when rendered). `subject` is known
    once it is rendered. `bytes` hold links, so they are wiped once the mail is sent or has failed for good;
    in development they are kept for /dev/mail.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_about", "about_type", "about_id"),
        Index("ix_message_to_addr", "to_addr"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    logical_key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[MessageKind] = mapped_column(words(MessageKind, "kind"))
    to_addr: Mapped[str] = mapped_column(String(254))
    envelope_from: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str | None] = mapped_column(String(400))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    bytes: Mapped[builtins.bytes | None] = mapped_column(LargeBinary)
    message_id: Mapped[str] = mapped_column(String(254), unique=True)
    in_reply_to: Mapped[str | None] = mapped_column(String(254))
    state: Mapped[MessageState] = mapped_column(words(MessageState, "state"), default=MessageState.QUEUED)
    last_error: Mapped[str | None] = mapped_column(Text)
    about_type: Mapped[str] = mapped_column(String(40))
    about_id: Mapped[uuid.UUID]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
