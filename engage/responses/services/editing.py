"""Changing one's own words: another version, read again before anybody sees it (S48)."""

import uuid
from datetime import UTC, datetime

from engage.consultations.models import Question
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.responses.enums import ResponseKind, VersionKind
from engage.responses.errors import (
    EditedMeanwhileError,
    EditingClosedError,
    NothingWrittenError,
)
from engage.responses.models import ResponseVersion
from engage.responses.records import editable_until
from engage.responses.services.answers import words_for
from engage.responses.services.first_state import settle_edited
from engage.responses.services.owning import Owner, own_sitting
from engage.responses.services.sittings import body_of
from engage.responses.spam.arrivals import Arrival


def edit(
    owner: Owner,
    response_id: uuid.UUID,
    *,
    body: str,
    began: int | None,
    arrival: Arrival,
    site: Site,
    at: datetime,
) -> bool:
    """Let a response say something else from now on; False if it says so already.

    `began` is the number of the version that the form was filled with (R11). What was first written stays (rule 3).
    What was published or refused waits for a moderator, and the new words are checked as the first were: `arrival`
    says how they came. Raises EditingClosedError once no more words are taken,
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
    came = arrival.nameless() if sitting.is_anonymous else arrival
    settle_edited(response, arrival=came, site=site, at=at)
    sitting.note("web:response:edit", f"response:{response.id}", at=at, after={"version": latest + 1})
    return True
