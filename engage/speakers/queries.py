"""Reading speakers."""

from sqlalchemy import select

from engage.kernel.db import db
from engage.speakers.models import Speaker


def find_speaker(*, name: str, role_title: str | None, organisation: str | None) -> Speaker | None:
    """Return the speaker of exactly this name, role and organisation, if we invited them before."""
    return db.session.scalars(
        select(Speaker)
        .where(
            Speaker.name == name,
            Speaker.role_title.is_not_distinct_from(role_title),
            Speaker.organisation.is_not_distinct_from(organisation),
        )
        .order_by(Speaker.created_at, Speaker.id)
    ).first()
