"""Taking words back: at once, everywhere (P13, rule 7)."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, exists, select, update

from engage.kernel.db import db
from engage.media.services import let_go
from engage.responses.enums import ResponseStatus
from engage.responses.errors import ResponseNotFoundError
from engage.responses.models import Flag, Reaction, Response, SpamCheck
from engage.responses.services.owning import Owner, OwnSitting, own_sitting


def withdraw(code: str, *, response_id: uuid.UUID | None = None, at: datetime) -> int:
    """Take back one response of a receipt, or all of them; returns how many were still there.

    A second time changes nothing. The consents go with the words. Raises ReceiptNotFoundError, and
    ResponseNotFoundError for a response of another sitting.
    """
    sitting = own_sitting(Owner(code=code))
    chosen = [response for response in sitting.responses if response_id in (None, response.id)]
    if not chosen:
        raise ResponseNotFoundError
    return _take_back(sitting, chosen, at=at)


def withdraw_own(person_id: uuid.UUID, response_id: uuid.UUID, *, at: datetime) -> int:
    """Take back a response that a member gave; 0 if it was back already. Raises ResponseNotFoundError."""
    sitting = own_sitting(Owner(person_id=person_id), response_id)
    return _take_back(sitting, [response for response in sitting.responses if response.id == response_id], at=at)


def _take_back(sitting: OwnSitting, chosen: Sequence[Response], *, at: datetime) -> int:
    standing = [response for response in chosen if response.status is not ResponseStatus.WITHDRAWN]
    for response in standing:
        _empty(response, sitting, at=at)
    if not standing:
        return 0
    if all(response.status is ResponseStatus.WITHDRAWN for response in sitting.responses):
        sitting.submission.withdrawn_on = at.astimezone(UTC).date()
    db.session.flush()
    about = f"submission:{sitting.submission.id}"
    sitting.note("web:response:withdraw", about, at=at, after={"responses": len(standing)})
    return len(standing)


def _empty(response: Response, sitting: OwnSitting, *, at: datetime) -> None:
    """Hide one response and end what was allowed or asked of it; its place stays where others read it or answered."""
    is_answered = db.session.scalar(select(exists().where(Response.parent_id == response.id)))
    response.leaves_gap = response.status is ResponseStatus.PUBLISHED or bool(is_answered)
    response.status = ResponseStatus.WITHDRAWN
    response.held_for = None
    if response.media is not None:
        let_go(response.media, at=sitting.moment(at))
    for consent in response.consents:
        if consent.granted and consent.withdrawn_at is None:
            consent.withdrawn_at = sitting.moment(at)
    response.may_publish = False
    # What others said of it goes too: what a judge of advertising was asked, readers' flags, and everybody's votes.
    db.session.execute(update(SpamCheck).where(SpamCheck.response_id == response.id).values(fields=None))
    for said_of_it in (Flag, Reaction):
        db.session.execute(delete(said_of_it).where(said_of_it.response_id == response.id))
