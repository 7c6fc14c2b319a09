"""Changing speakers."""

from datetime import datetime

from engage.kernel.db import db
from engage.speakers.models import Speaker
from engage.speakers.queries import find_speaker


def ensure_speaker(
    *, name: str, role_title: str | None, organisation: str | None, at: datetime, is_sample: bool = False
) -> Speaker:
    """Return the speaker of this name, role and organisation; the first time, make them."""
    known = find_speaker(name=name, role_title=role_title, organisation=organisation)
    if known is not None:
        return known
    speaker = Speaker(name=name, role_title=role_title, organisation=organisation, created_at=at, is_sample=is_sample)
    db.session.add(speaker)
    db.session.flush()
    return speaker
