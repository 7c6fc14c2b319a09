"""Reading speakers."""

import uuid

from sqlalchemy import select

from engage.kernel.db import db
from engage.speakers.models import Speaker


def find_speaker(
    *, name: str, role_title: str | None, organisation: str | None, email: str | None = None
) -> Speaker | None:
    """Return the speaker of exactly this name, role, organisation and address, if they were in a line-up before."""
    return db.session.scalars(
        select(Speaker)
        .where(
            Speaker.name == name,
            Speaker.role_title.is_not_distinct_from(role_title),
            Speaker.organisation.is_not_distinct_from(organisation),
            Speaker.email.is_not_distinct_from(email),
        )
        .order_by(Speaker.created_at, Speaker.id)
    ).first()


def get_speaker(speaker_id: uuid.UUID) -> Speaker:
    """Return a speaker whom a line-up names."""
    return db.session.get_one(Speaker, speaker_id)
