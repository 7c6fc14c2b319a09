"""Taking comments in, on an event or on a question that it discussed."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from engage.consultations.models import Question
from engage.events.errors import EventNotFoundError
from engage.events.models import Event
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.submission_keys import use_once
from engage.kernel.tokens import receipt_code
from engage.media.enums import MediaKind
from engage.media.services import Given
from engage.media.storage import Kept
from engage.responses.counts import is_shown
from engage.responses.enums import Attribution, Purpose, ResponseKind
from engage.responses.errors import (
    CommentsClosedError,
    CommentsNotOpenError,
    NoCommentError,
    NothingToReplyToError,
    QuestionNotDiscussedError,
    TooDeepError,
)
from engage.responses.models import Response
from engage.responses.models.store import DEEPEST
from engage.responses.services.senders import Naming, Sender, check_naming
from engage.responses.services.sittings import Piece, Sitting, body_of, store

SHORTEST_S, LONGEST_S = 1, 120  # of a recorded comment; how long an answer may be its question says


def receive_comment(
    event_id: uuid.UUID,
    *,
    question_id: uuid.UUID | None,
    parent_id: uuid.UUID | None = None,
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
    recording: Kept | None = None,
) -> str:
    """Store a comment on an event, or on a question that it discussed, and return its receipt code.

    With `parent_id` it is a reply, and about what the words are about that it replies to. Whether the sender may
    comment was decided by whoever calls (rule 15). Comments are taken after the end, until the closing. The form has
    one field for a name: with `organisation` it is the organisation's. A `recording`, with words or alone, is stored
    already. Raises CommentsNotOpenError,
    CommentsClosedError, NoCommentError, TooLongError, QuestionNotDiscussedError, NothingToReplyToError, TooDeepError,
    and what `check_naming` raises.
    """
    code = receipt_code(site.link_secrets, key)
    if use_once(key, at=at) is not None:
        return code
    event = db.session.get(Event, event_id)
    if event is None or not event.is_public():
        raise EventNotFoundError
    if not event.takes_comments(at):
        raise CommentsNotOpenError if at < event.ends_at and not event.cancelled_at else CommentsClosedError
    written = body_of(body, field="body")
    if not written and recording is None:
        raise NoCommentError("body")
    parent = None if parent_id is None else find_parent(parent_id)
    if parent is not None and parent.event_id != event.id:
        raise NothingToReplyToError
    given = None if recording is None else Given(recording, MediaKind.VIDEO, SHORTEST_S, LONGEST_S)
    naming, sender = check_naming(_named_once(naming), sender, organisation_field="display_name")
    if parent is None:
        piece = Piece(ResponseKind.COMMENT, written, *_about(event, question_id), recording=given)
    else:
        piece = Piece(
            ResponseKind.REPLY,
            written,
            parent.consultation_id,
            parent.question_id,
            parent=parent,
            recording=given,
        )
    sitting = Sitting(naming, sender, consents, wordings, key, language, is_sample, site, at)
    store(sitting, [piece], about=event)
    return code


def find_parent(response_id: uuid.UUID) -> Response:
    """Return what a reply would stand under.

    Raises NothingToReplyToError unless everybody can read it, TooDeepError at the foot of a thread.
    """
    parent = db.session.scalar(select(Response).where(Response.id == response_id, is_shown()))
    if parent is None or parent.kind is ResponseKind.LIVE_QUESTION:
        raise NothingToReplyToError
    if parent.depth >= DEEPEST:
        raise TooDeepError
    return parent


def _about(event: Event, question_id: uuid.UUID | None) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """Return the consultation and the question that a comment is on."""
    if question_id is None:
        return None, None
    question = db.session.get(Question, question_id)
    if question is None or question_id not in {joined.question_id for joined in event.questions}:
        raise QuestionNotDiscussedError
    return question.consultation_id, question_id


def _named_once(naming: Naming) -> Naming:
    """Take the one name of the form for the organisation's where that is to be shown."""
    if naming.attribution is Attribution.ORGANISATION and not naming.organisation:
        return Naming(naming.attribution, organisation=naming.display_name)
    return naming
