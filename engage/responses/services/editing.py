"""Changing one's own words: another version, read again before anybody sees it (S48)."""

import uuid
from datetime import UTC, datetime

from engage.consultations.models import Question
from engage.kernel.db import db
from engage.responses.enums import HoldReason, ResponseKind, ResponseStatus, VersionKind
from engage.responses.errors import (
    EditedMeanwhileError,
    EditingClosedError,
    NothingWrittenError,
)
from engage.responses.models import ResponseVersion
from engage.responses.records import editable_until
from engage.responses.services.answers import words_for
from engage.responses.services.owning import Owner, own_sitting
from engage.responses.services.sittings import body_of
from engage.responses.spam.checking import promise_recheck

READ_AGAIN = (ResponseStatus.PUBLISHED, ResponseStatus.REFUSED)


def edit(owner: Owner, response_id: uuid.UUID, *, body: str, began: int | None, at: datetime) -> bool:
    """Let a response say something else from now on; False if it says so already.

    `began` is the number of the version that the form was filled with (R11). What was first written stays (rule 3).
    What was published or refused waits for a moderator. Raises EditingClosedError once no more words are taken,
    EditedMeanwhileError, NothingWrittenError, TooLongError, TooManyWordsError, ReceiptNotFoundError,
    ResponseNotFoundError, GivenBackError.
    """
    sitting = own_sitting(owner, response_id)
    response = sitting.choose(response_id)
    until = editable_until(response)
    if until is None or at >= until:
        raise EditingClosedError
    question = db.session.get(Question, response.question_id) if response.kind is ResponseKind.ANSWER else None
    written = body_of(body, field="body") if question is None else words_for(question, body, field="body")
    if not written:
        raise NothingWrittenError("body")
    if written == response.body:
        return False
    latest = max((version.number for version in response.versions), default=0)
    if began != latest:
        raise EditedMeanwhileError
    response.versions.append(
        ResponseVersion(
            number=latest + 1,
            kind=VersionKind.EDIT,
            language=response.language,
            body=written,
            made_on=at.astimezone(UTC).date(),
        )
    )
    response.body = written
    if response.status in READ_AGAIN:
        response.status, response.held_for = ResponseStatus.HELD, HoldReason.EDITED
    db.session.flush()
    promise_recheck(response, at=at)
    sitting.note("web:response:edit", f"response:{response.id}", at=at, after={"version": latest + 1})
    return True
