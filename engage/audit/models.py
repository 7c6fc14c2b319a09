"""The audit table: append-only."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import JSON_VALUE, Base, UUIDKey


class AuditEntry(UUIDKey, Base):
    """One act (S36). Read in the order (at, id).

    The id is random and the table has no hidden row number on SQLite: an anonymous act, which holds its day
    alone, must not be placed among its neighbours by a counter.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_object_at", "object", "at"), {"sqlite_with_rowid": False})

    actor: Mapped[uuid.UUID | None]
    act: Mapped[str] = mapped_column(String(80))
    object: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON_VALUE)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON_VALUE)
    request_id: Mapped[str | None] = mapped_column(String(40))
