"""Reading the audit."""

from collections.abc import Sequence

from sqlalchemy import select

from engage.audit.models import AuditEntry
from engage.kernel.db import db


def entries_about(object_: str, *, limit: int = 500) -> Sequence[AuditEntry]:
    """Return the entries about an object `table:id`, oldest first."""
    return db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.object == object_)
        .order_by(AuditEntry.at, AuditEntry.act.not_like("%:create"), AuditEntry.id)
        .limit(limit)
    ).all()
