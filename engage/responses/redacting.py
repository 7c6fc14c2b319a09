"""Taking words out of what somebody said, and nothing else: a moderator puts no words into anybody's mouth.

A recording says what was taken out, so it stops with the words, and its transcript too, until they are restored.
"""

import re

from sqlalchemy import ColumnElement, and_, false, func, select

from engage.kernel.db import db
from engage.kernel.text import clean
from engage.responses.enums import ModerationAction, VersionKind
from engage.responses.errors import NothingTakenOutError, RedactionAddsError, RedactionEmptyError
from engage.responses.models import ModerationDecision, Response, ResponseVersion

_WORD = re.compile(r"\w+")
_GAP = re.compile(r"\[[^\[\]\n]{0,60}\]")  # what stands in the place of words: […], [a name]


def authors_words(response: Response) -> str:
    """Return what the author says: their latest edit, else what they first wrote."""
    edits = [version for version in response.versions if version.kind is VersionKind.EDIT]
    return max(edits, key=lambda version: version.number).body if edits else response.body_original


def shows_redaction() -> ColumnElement[bool]:
    """Return the condition that a moderator took words out of what a response shows."""
    same = (ResponseVersion.response_id == Response.id, ResponseVersion.body == Response.body)
    redaction = select(ResponseVersion.id).where(*same, ResponseVersion.kind == VersionKind.REDACTION).exists()
    own = select(ResponseVersion.id).where(*same, ResponseVersion.kind == VersionKind.EDIT).exists()
    return and_(Response.body != Response.body_original, redaction, ~own)


def recording_is_stopped() -> ColumnElement[bool]:
    """Return the condition that a moderator took the recording of a response out, and nobody restored it since."""
    either = (ModerationAction.REDACT, ModerationAction.RESTORE)
    latest = (
        select(ModerationDecision.action)
        .where(ModerationDecision.response_id == Response.id, ModerationDecision.action.in_(either))
        .order_by(ModerationDecision.decided_at.desc(), ModerationDecision.id)
        .limit(1)
        .scalar_subquery()
    )
    return and_(Response.media_id.is_not(None), func.coalesce(latest == ModerationAction.REDACT, false()))


def is_stopped(response: Response) -> bool:
    """Tell whether a moderator took the recording of a response out."""
    if response.media_id is None:
        return False
    return bool(db.session.scalar(select(recording_is_stopped()).where(Response.id == response.id)))


def check_redaction(response: Response, body: str) -> str:
    """Return the words that are left, cleaned.

    They are the author's, in the author's order; what was taken out may be marked in square brackets. Of a response
    with a recording all of them may be left: then the recording alone goes. Raises RedactionEmptyError,
    NothingTakenOutError, RedactionAddsError.
    """
    left = clean(body, multiline=True)
    if not _WORD.search(_GAP.sub(" ", left)):
        raise RedactionEmptyError
    words = authors_words(response)
    if left == words and response.media_id is None:
        raise NothingTakenOutError
    theirs = iter(_WORD.findall(words))
    if not all(word in theirs for word in _WORD.findall(_GAP.sub(" ", left))):
        raise RedactionAddsError
    return left
