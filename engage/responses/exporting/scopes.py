"""Which responses a file is about."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, true

from engage.consultations.models import Question
from engage.kernel.db import db
from engage.media.enums import MediaKind
from engage.media.models import MediaAsset
from engage.responses.counts import is_shown
from engage.responses.enums import Channel, ResponseKind, ResponseStatus
from engage.responses.exporting.profiles import Profile
from engage.responses.models import Response, Submission
from engage.responses.search.facets import Medium


@dataclass(frozen=True)
class Scope:
    """A file about a consultation (with the comments on its questions after events) or about an event.

    One of the two ids is given. What follows narrows it, the days, both included, too. `with_identities` adds whose
    the responses are, to an organiser's file.
    """

    profile: Profile
    consultation_id: uuid.UUID | None = None
    event_id: uuid.UUID | None = None
    question_id: uuid.UUID | None = None
    kind: ResponseKind | None = None
    channel: Channel | None = None
    medium: Medium | None = None
    language: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    with_identities: bool = False

    @property
    def collection(self) -> str:
        """What it is about, as the audit names it."""
        return f"event:{self.event_id}" if self.event_id else f"consultation:{self.consultation_id}"

    def part(self) -> ColumnElement[bool]:
        """Return the condition for one part of the file, which finds its rows by an index in the order of the file.

        Its parameter `about` is each of `parts()` in turn.
        """
        if self.event_id is None:
            return and_(Response.question_id == bindparam("about"), *self._narrowed())
        question = true() if self.question_id is None else Response.question_id == self.question_id
        return and_(Response.event_id == bindparam("about"), question, *self._narrowed())

    def parts(self) -> Sequence[uuid.UUID]:
        """Return what the parts of the file are about, one after another: the questions, or the event."""
        one = self.event_id or self.question_id
        if one is not None:
            return [one]
        asked = select(Question.id).where(Question.consultation_id == self.consultation_id)
        return db.session.scalars(asked.order_by(Question.number)).all()

    def count(self) -> int:
        """Return how many rows the file has now."""
        counted = select(func.count()).select_from(Response).where(self.part())
        return sum(db.session.scalar(counted, {"about": about}) or 0 for about in self.parts())

    def narrowed_by(self) -> dict[str, str]:
        """Return what it is narrowed to, by name, for the audit."""
        names = ("question_id", "kind", "channel", "medium", "language", "first_day", "last_day")
        return {name: str(value) for name in names if (value := getattr(self, name)) is not None}

    def _narrowed(self) -> list[ColumnElement[bool]]:
        conditions = [_for_whom(self.profile)]
        if self.kind is not None:
            conditions.append(Response.kind == self.kind)
        if self.channel is not None:
            conditions.append(Response.submission.has(Submission.channel == self.channel))
        if self.medium is Medium.TEXT:
            conditions.append(Response.media_id.is_(None))
        elif self.medium is not None:
            conditions.append(Response.media.has(MediaAsset.kind == MediaKind(self.medium.value)))
        if self.language is not None:
            conditions.append(Response.language == self.language)
        if self.first_day is not None:
            conditions.append(Response.received_on >= self.first_day)
        if self.last_day is not None:
            conditions.append(Response.received_on <= self.last_day)
        return conditions


def _for_whom(profile: Profile) -> ColumnElement[bool]:
    match profile:
        case Profile.PUBLIC:
            return is_shown()
        case Profile.ANALYST:
            confidential = select(Question.id).where(Question.id == Response.question_id, Question.is_confidential)
            not_confidential = or_(Response.question_id.is_(None), ~confidential.exists())
            return and_(Response.status != ResponseStatus.WITHDRAWN, not_confidential)
        case Profile.ORGANISER:
            return true()
