"""Taking comments in, on an event or on a question that it discussed."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from engage.consultations.models import Question
from engage.events.errors import EventNotFoundError
from engage.events.models import Event
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import receipt_code
from engage.responses.enums import Attribution, Purpose, ResponseKind
from engage.responses.errors import (
    CommentsClosedError,
    CommentsNotOpenError,
    NoCommentError,
    QuestionNotDiscussedError,
)
from engage.responses.services.senders import Naming, Sender, check_naming
from engage.responses.services.sittings import Piece, Sitting, body_of, first_use, store


def receive_comment(
    event_id: uuid.UUID,
    *,
    question_id: uuid.UUID | None,
    body: str,
    sender: Sender,
    naming: Naming,
    consents: frozenset[Purpose],
    wordings: Mapping[Purpose, str],
    key: str,
    language: str,
    site: Site,
    at: datetime,
    is_sample: bool = False,
) -> str:
    """Store a comment on an event, or on a question that it discussed, and return its receipt code.

    Whether the sender may comment was decided by whoever calls (rule 15). Comments are taken after the end,
    until the closing. The form has one field for a name: with `organisation` it is the organisation's. Raises
    CommentsNotOpenError, CommentsClosedError, NoCommentError, TooLongError, QuestionNotDiscussedError,
    and what `check_naming` raises.
    """
    code = receipt_code(site.link_secrets, key)
    if not first_use(key, at=at):
        return code
    event = db.session.get(Event, event_id)
    if event is None or not event.is_public():
        raise EventNotFoundError
    if not event.takes_comments(at):
        raise CommentsNotOpenError if at < event.ends_at and not event.cancelled_at else CommentsClosedError
    written = body_of(body, field="body")
    if not written:
        raise NoCommentError("body")
    question = None
    if question_id is not None:
        if question_id not in {joined.question_id for joined in event.questions}:
            raise QuestionNotDiscussedError
        question = db.session.get(Question, question_id)
    naming, sender = check_naming(_named_once(naming), sender, organisation_field="display_name")
    piece = Piece(ResponseKind.COMMENT, written, question.consultation_id if question else None, question_id)
    sitting = Sitting(naming, sender, consents, wordings, key, language, is_sample, site, at)
    store(sitting, [piece], about=event)
    return code


def _named_once(naming: Naming) -> Naming:
    """Take the one name of the form for the organisation's where that is to be shown."""
    if naming.attribution is Attribution.ORGANISATION and not naming.organisation:
        return Naming(naming.attribution, organisation=naming.display_name)
    return naming
