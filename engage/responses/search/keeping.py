"""The index follows the store by itself: whatever changes a response, its entry is written in the same transaction.

No service has to remember it, so that redacted and withdrawn words are gone from the index with the change (P11, P17).
Statements that bypass the session say so with `note`.
"""

import uuid

from sqlalchemy import event
from sqlalchemy.orm import Session

from engage.kernel.db import db
from engage.media.models import MediaAsset, MediaTrack
from engage.responses.models import Flag, Response, ResponseChoice
from engage.responses.search.index import put_in_index, responses_with_media

CHANGED, HEARD = "responses_to_index", "media_to_index"


def begin() -> None:
    """Follow the changes of this process's sessions; called again it changes nothing."""
    if not event.contains(Session, "after_flush", _note_flushed):
        event.listen(Session, "after_flush", _note_flushed)
        event.listen(Session, "before_commit", _write)
        event.listen(Session, "after_rollback", _forget)


def note(response_id: uuid.UUID) -> None:
    """Say that something about a response changed that the session did not see."""
    db.session.info.setdefault(CHANGED, set()).add(response_id)


def _note_flushed(session: Session, _context: object) -> None:
    for each in (*session.new, *session.dirty, *session.deleted):
        match each:
            case Response():
                session.info.setdefault(CHANGED, set()).add(each.id)
            case ResponseChoice() | Flag():
                session.info.setdefault(CHANGED, set()).add(each.response_id)
            case MediaAsset():
                session.info.setdefault(HEARD, set()).add(each.id)
            case MediaTrack():
                session.info.setdefault(HEARD, set()).add(each.media_id)


def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    changed: set[uuid.UUID] = session.info.pop(CHANGED, set())
    heard: set[uuid.UUID] = session.info.pop(HEARD, set())
    if heard:
        changed |= responses_with_media(heard)
    if changed:
        put_in_index(changed)


def _forget(session: Session) -> None:
    """Drop what was noted in a transaction that did not happen."""
    session.info.pop(CHANGED, None)
    session.info.pop(HEARD, None)
