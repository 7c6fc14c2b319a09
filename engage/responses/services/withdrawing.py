"""Taking words back: at once, everywhere (P13, rule 7)."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from engage.audit.services import record, record_anonymous
from engage.kernel.clock import start_of_day
from engage.kernel.db import db
from engage.kernel.tokens import sha256_hex
from engage.responses.enums import Attribution, ResponseStatus
from engage.responses.errors import ReceiptNotFoundError, ResponseNotFoundError
from engage.responses.models import RespondentIdentity, Response, Submission


def withdraw(code: str, *, response_id: uuid.UUID | None = None, at: datetime) -> int:
    """Take back one response of a receipt, or all of them; returns how many were still there.

    A second time changes nothing. The consents go with the words. Raises ReceiptNotFoundError, and
    ResponseNotFoundError for a response of another sitting.
    """
    submission = db.session.scalar(select(Submission).where(Submission.receipt_hash == sha256_hex(code)))
    if submission is None:
        raise ReceiptNotFoundError
    responses = _locked(submission)
    chosen = [response for response in responses if response_id in (None, response.id)]
    if not chosen:
        raise ResponseNotFoundError
    return _take_back(submission, responses, chosen, actor=None, at=at)


def withdraw_own(person_id: uuid.UUID, response_id: uuid.UUID, *, at: datetime) -> int:
    """Take back a response that a member gave; 0 if it was back already. Raises ResponseNotFoundError."""
    submission = db.session.scalar(
        select(Submission)
        .join(Response, Response.submission_id == Submission.id)
        .join(RespondentIdentity, RespondentIdentity.respondent_id == Response.respondent_id)
        .where(Response.id == response_id, RespondentIdentity.person_id == person_id)
    )
    if submission is None:
        raise ResponseNotFoundError
    responses = _locked(submission)
    chosen = [response for response in responses if response.id == response_id]
    return _take_back(submission, responses, chosen, actor=person_id, at=at)


def _locked(submission: Submission) -> Sequence[Response]:
    """Return a sitting's responses as they are now; nobody decides on them meanwhile."""
    statement = (
        select(Response)
        .where(Response.submission_id == submission.id)
        .options(selectinload(Response.consents))
        .order_by(Response.id)
        .with_for_update()
    )
    return db.session.scalars(statement, execution_options={"populate_existing": True}).all()


def _take_back(
    submission: Submission,
    responses: Sequence[Response],
    chosen: Sequence[Response],
    *,
    actor: uuid.UUID | None,
    at: datetime,
) -> int:
    standing = [response for response in chosen if response.status is not ResponseStatus.WITHDRAWN]
    for response in standing:
        _empty(response, at=at)
    if not standing:
        return 0
    if all(response.status is ResponseStatus.WITHDRAWN for response in responses):
        submission.withdrawn_on = at.astimezone(UTC).date()
    db.session.flush()
    if any(response.attribution is Attribution.ANONYMOUS for response in standing):
        record_anonymous("web:response:withdraw", _collection(submission), at=at)
    else:
        after = {"responses": len(standing)}
        record("web:response:withdraw", f"submission:{submission.id}", at=at, actor=actor, after=after)
    return len(standing)


def _empty(response: Response, *, at: datetime) -> None:
    response.leaves_gap = response.status is ResponseStatus.PUBLISHED
    response.status = ResponseStatus.WITHDRAWN
    moment = start_of_day(at) if response.attribution is Attribution.ANONYMOUS else at
    for consent in response.consents:
        if consent.granted and consent.withdrawn_at is None:
            consent.withdrawn_at = moment


def _collection(submission: Submission) -> str:
    if submission.event_id is not None:
        return f"event:{submission.event_id}"
    return f"consultation:{submission.consultation_id}"
