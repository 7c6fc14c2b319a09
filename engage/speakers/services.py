"""Changing speakers."""

import uuid
from datetime import datetime

from sqlalchemy import update

from engage.kernel.db import db
from engage.speakers.models import Speaker
from engage.speakers.queries import find_speaker


def ensure_speaker(
    *,
    name: str,
    role_title: str | None,
    organisation: str | None,
    at: datetime,
    email: str | None = None,
    is_sample: bool = False,
) -> Speaker:
    """Return the speaker of this name, role, organisation and address; the first time, make them.

    Whoever changes is another row, so that the line-ups of the past stay as they were.
    """
    known = find_speaker(name=name, role_title=role_title, organisation=organisation, email=email)
    if known is not None:
        return known
    speaker = Speaker(
        name=name,
        role_title=role_title,
        organisation=organisation,
        email=email,
        created_at=at,
        is_sample=is_sample,
    )
    db.session.add(speaker)
    db.session.flush()
    return speaker


def forget_address(speaker_id: uuid.UUID) -> None:
    """Take the address out of a speaker; name, role and organisation stay in the line-ups."""
    db.session.execute(update(Speaker).where(Speaker.id == speaker_id).values(email=None))
