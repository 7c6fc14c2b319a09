"""Writing entries."""

import uuid
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from engage.audit.models import AuditEntry
from engage.kernel.db import db, table_of
from engage.kernel.plain import run_plain

_INSERT = insert(table_of(AuditEntry))  # made once: it stands in the path of every booking

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

    `before` and `after` hold what changed, never words or addresses of people. It is written at once, by
    one plain INSERT: nothing is left to do when the transaction ends.
    """
    values: dict[str, Any] = {
        "actor": actor,
        "act": act,
        "object": object_,
        "at": at,
        "request_id": current_request_id.get(),
    }
    changes = {"before": before, "after": after}
    values.update({name: change for name, change in changes.items() if change is not None})
    run_plain(_INSERT, values)


def record_all(act: str, objects: Iterable[str], *, at: datetime, actor: uuid.UUID | None) -> None:
    """Note the same act on many objects, an entry for each."""
    request_id = current_request_id.get()
    entries = [{"actor": actor, "act": act, "object": each, "at": at, "request_id": request_id} for each in objects]
    if entries:
        db.session.execute(_INSERT, entries)


def record_anonymous(act: str, collection: str, *, at: datetime) -> None:
    """Note an act of somebody who must stay unknown: the collection and the day, nothing else (P4, S36)."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    run_plain(_INSERT, {"act": act, "object": collection, "at": day})
