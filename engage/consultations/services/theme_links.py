"""How missions and goals bear on one another."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engage.consultations.enums import ThemeRelation
from engage.consultations.errors import FrameworkNotFoundError, LinkTwiceError, SameThemeError
from engage.consultations.models import Consultation, ThemeLink
from engage.consultations.services.frameworks import theme_of
from engage.consultations.services.life import lock_changeable, note_change
from engage.kernel.db import db
from engage.kernel.text import clean


@dataclass(frozen=True)
class LinkDetails:
    """That one theme supports, depends on or conflicts with another; `note` says in what way."""

    from_id: uuid.UUID
    to_id: uuid.UUID
    relation: ThemeRelation
    note: str = ""

    @property
    def words(self) -> str | None:
        """The note as it is kept."""
        return clean(self.note, limit=300) or None


def link_themes(
    details: LinkDetails, *, consultation_id: uuid.UUID, version: int, at: datetime, actor: uuid.UUID | None
) -> ThemeLink:
    """Say how one bears on another.

    Raises FrameworkNotFoundError, SameThemeError, LinkTwiceError, and what `lock_changeable` raises.
    """
    consultation = lock_changeable(consultation_id, version=version)
    _check_ends(consultation, details)
    link = ThemeLink(from_id=details.from_id, to_id=details.to_id, relation=details.relation, note=details.words)
    db.session.add(link)
    note_change(consultation, "link_themes", at=at, actor=actor, after={"relation": details.relation.value})
    return link


def change_link(
    link_id: uuid.UUID,
    details: LinkDetails,
    *,
    consultation_id: uuid.UUID,
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> bool:
    """Say it otherwise; False if nothing was different. Raises what `link_themes` raises."""
    consultation = lock_changeable(consultation_id, version=version)
    link = link_of(consultation, link_id)
    _check_ends(consultation, details, but=link)
    before = link.from_id, link.to_id, link.relation, link.note
    link.from_id, link.to_id, link.relation, link.note = details.from_id, details.to_id, details.relation, details.words
    if before == (link.from_id, link.to_id, link.relation, link.note):
        return False
    note_change(consultation, "change_link", at=at, actor=actor, after={"relation": details.relation.value})
    return True


def unlink_themes(
    link_id: uuid.UUID, *, consultation_id: uuid.UUID, version: int, at: datetime, actor: uuid.UUID | None
) -> None:
    """Take a link back. Raises FrameworkNotFoundError."""
    consultation = lock_changeable(consultation_id, version=version)
    link = link_of(consultation, link_id)
    db.session.delete(link)
    note_change(consultation, "unlink_themes", at=at, actor=actor, after={"relation": link.relation.value})


def link_of(consultation: Consultation, link_id: uuid.UUID) -> ThemeLink:
    """Return a link between themes of a consultation. Raises FrameworkNotFoundError."""
    link = db.session.get(ThemeLink, link_id)
    if link is None:
        raise FrameworkNotFoundError
    theme_of(consultation, link.from_id)
    return link


def _check_ends(consultation: Consultation, details: LinkDetails, *, but: ThemeLink | None = None) -> None:
    first, second = theme_of(consultation, details.from_id), theme_of(consultation, details.to_id)
    if first is second:
        raise SameThemeError
    there = select(ThemeLink.id).where(
        ThemeLink.from_id == first.id, ThemeLink.to_id == second.id, ThemeLink.relation == details.relation
    )
    if db.session.scalar(there) not in (None, but and but.id):
        raise LinkTwiceError
