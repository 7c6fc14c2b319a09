"""Whose words they are: those of whoever holds the sitting's receipt, or of the member who gave them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from engage.audit.services import record, record_anonymous
from engage.kernel.clock import start_of_day
from engage.kernel.db import db
from engage.kernel.tokens import sha256_hex
from engage.responses.enums import Attribution, ResponseStatus
from engage.responses.errors import GivenBackError, ReceiptNotFoundError, ResponseNotFoundError
from engage.responses.identities import respondents_of
from engage.responses.models import Response, Submission


@dataclass(frozen=True)
class Owner:
    """Somebody who may change what they said: by a receipt's code, or signed in. Exactly one is given."""

    code: str | None = None
    person_id: uuid.UUID | None = None


@dataclass(frozen=True)
class OwnSitting:
    """A sitting with its responses, locked until the transaction ends: nobody decides on them meanwhile."""

    submission: Submission
    responses: Sequence[Response]
    actor: uuid.UUID | None

    def choose(self, response_id: uuid.UUID) -> Response:
        """Return one response that stands. Raises ResponseNotFoundError, GivenBackError."""
        found = next((response for response in self.responses if response.id == response_id), None)
        if found is None:
            raise ResponseNotFoundError
        if found.status is ResponseStatus.WITHDRAWN:
            raise GivenBackError
        return found

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing may link what happens here to anybody, nor say when but for the day (P4)."""
        return any(response.attribution is Attribution.ANONYMOUS for response in self.responses)

    def moment(self, at: datetime) -> datetime:
        """Return what rows of this sitting may hold of a moment."""
        return start_of_day(at) if self.is_anonymous else at

    def note(self, act: str, object_: str, *, at: datetime, after: dict[str, Any]) -> None:
        """Note an act; of an anonymous sitting the collection and the day alone (S36)."""
        if self.is_anonymous:
            record_anonymous(act, _collection(self.submission), at=at)
        else:
            record(act, object_, at=at, actor=self.actor, after=after)


def own_sitting(owner: Owner, response_id: uuid.UUID | None = None) -> OwnSitting:
    """Return the sitting that a receipt opens, or the member's own that a response belongs to, locked.

    Raises ReceiptNotFoundError for an unknown code, ResponseNotFoundError for what is not the member's.
    """
    if owner.code is not None:
        submission = db.session.scalar(select(Submission).where(Submission.receipt_hash == sha256_hex(owner.code)))
        if submission is None:
            raise ReceiptNotFoundError
    else:
        submission = db.session.scalar(
            select(Submission)
            .join(Response, Response.submission_id == Submission.id)
            .where(Response.id == response_id, Response.respondent_id.in_(respondents_of(person_id=owner.person_id)))
        )
        if submission is None:
            raise ResponseNotFoundError
    return OwnSitting(submission, _locked(submission), owner.person_id)


def _locked(submission: Submission) -> Sequence[Response]:
    statement = (
        select(Response)
        .where(Response.submission_id == submission.id)
        .options(selectinload(Response.consents))
        .order_by(Response.id)
        .with_for_update()
    )
    return db.session.scalars(statement, execution_options={"populate_existing": True}).all()


def _collection(submission: Submission) -> str:
    if submission.event_id is not None:
        return f"event:{submission.event_id}"
    return f"consultation:{submission.consultation_id}"
