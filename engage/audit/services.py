"""Writing entries."""

import uuid
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from engage.audit.models import AuditEntry
from engage.kernel.db import db

# Set by the edge for each request, so that services need not carry it through.
current_request_id: ContextVar[str | None] = ContextVar("current_request_id", default=None)


def record(
    act: str,
    object_: str,
    *,
    at: datetime,
    actor: uuid.UUID | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note an act `source:subject:action` on an object `table:id` in the caller's transaction (S36).

    `before` and `after` hold what changed, never words or addresses of people.
    """
    db.session.add(
        AuditEntry(
            actor=actor,
            act=act,
            object=object_,
            at=at,
            before=before,
            after=after,
            request_id=current_request_id.get(),
        )
    )


def record_anonymous(act: str, collection: str, *, at: datetime) -> None:
    """Note an act of somebody who must stay unknown: the collection and the day, nothing else (P4, S36)."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    db.session.add(AuditEntry(act=act, object=collection, at=day))
