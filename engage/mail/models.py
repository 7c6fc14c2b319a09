"""The outbox, what came in, and addresses that do not take mail."""

import builtins
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import JSON_VALUE, Base, UUIDKey, words
from engage.kernel.tokens import new_nonce
from engage.mail.enums import InboundKind, MessageKind, MessageState

UNSETTLED = text("state <> 'sent'")  # few: what waits, failed, came back or was dropped


class Message(Base):
    """A mail to one person: frozen facts now, bytes when the worker has rendered them once.

    `facts` open nothing (links in them are row ids and nonces, signed when rendered). `subject` is known
    once it is rendered. `bytes` hold links, so they are wiped once the mail is sent or has failed for good;
    in development they are kept for /dev/mail.
    """

    __tablename__ = "message"
    __table_args__ = (
        # With what lists count by, so that they do not read the rows themselves.
        Index("ix_message_about", "about_type", "about_id", "kind", "state", "created_at"),
        Index("ix_message_unsettled", "state", "created_at", sqlite_where=UNSETTLED, postgresql_where=UNSETTLED),
        Index("ix_message_to_addr", "to_addr"),
        Index("ix_message_envelope_from", "envelope_from"),
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


class AddressFault(Base):
    """An address at which mail bounced. From `bad_since` on nothing is sent there (RFC 3464).

    `faults` counts the temporary ones since `first_fault_at`; `last_reason` is the other server's own words.
    """

    __tablename__ = "address_fault"

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    faults: Mapped[int]
    first_fault_at: Mapped[datetime]
    last_fault_at: Mapped[datetime]
    last_reason: Mapped[str] = mapped_column(String(500))
    bad_since: Mapped[datetime | None]


class InboundMail(UUIDKey, Base):
    """A mail that came in, once for its bytes and Message-ID, and what became of it.

    `outcome` is one word of what was done or why nothing was. `reply` is what a calendar answered, kept while
    somebody has to confirm it; the link for that is signed from id and nonce. `raw` goes after thirty days.
    """

    __tablename__ = "inbound_mail"
    __table_args__ = (Index("ix_inbound_mail_about", "about_type", "about_id"),)

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[InboundKind] = mapped_column(words(InboundKind, "kind"))
    outcome: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(String(500))
    message_id: Mapped[str | None] = mapped_column(String(254), index=True)
    from_addr: Mapped[str | None] = mapped_column(String(254), index=True)
    envelope_to: Mapped[str | None] = mapped_column(String(254))
    subject: Mapped[str | None] = mapped_column(String(400))
    about_type: Mapped[str | None] = mapped_column(String(40))
    about_id: Mapped[uuid.UUID | None]
    reply: Mapped[dict[str, Any] | None] = mapped_column(JSON_VALUE)
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    raw: Mapped[builtins.bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(index=True)
