"""Who may see and hear a recording: one place for the rule (S26, S48, P14)."""

import uuid
from typing import Any

from sqlalchemy import Select, select

from engage.kernel.db import db
from engage.kernel.tokens import sha256_hex
from engage.media.enums import MediaKind, MediaState
from engage.media.errors import MediaNotFoundError
from engage.media.models import MediaAsset
from engage.media.queries import Recording, get_ready, recording_of
from engage.responses.enums import Purpose, ResponseStatus
from engage.responses.identities import respondents_of
from engage.responses.models import Response, Submission
from engage.responses.redacting import is_stopped


def may_be_played(response: Response) -> bool:
    """Tell whether everybody may play what is published: a voice and a face each need a consent of their own (rule 6).

    Without it the words are shown, and the transcript with them.
    """
    if response.media is None or response.status is not ResponseStatus.PUBLISHED:
        return False
    needed = {Purpose.PUBLISH_SITE, Purpose.MEDIA_VOICE}
    if response.media.kind is MediaKind.VIDEO:
        needed.add(Purpose.MEDIA_FACE)
    return response.media.state is MediaState.READY and all(response.allows(purpose) for purpose in needed)


def public_recording(response: Response) -> Recording | None:
    """Return what everybody may know of a recording that no moderator stopped; without the consents its transcript."""
    if response.media is None or response.media.state not in (MediaState.RECEIVED, MediaState.READY):
        return None
    return recording_of(response.media, is_playable=may_be_played(response))


def get_public_media(media_id: uuid.UUID) -> MediaAsset:
    """Return a recording that everybody may play. Raises MediaNotFoundError."""
    response = db.session.scalar(select(Response).where(Response.media_id == media_id))
    if response is None or not may_be_played(response) or is_stopped(response):
        raise MediaNotFoundError
    return get_ready(media_id)


def get_media_of_receipt(code: str, media_id: uuid.UUID) -> MediaAsset:
    """Return a recording of a sitting, for who holds its receipt. Raises MediaNotFoundError."""
    return _ready_of(
        select(Response.media_id)
        .join(Submission, Submission.id == Response.submission_id)
        .where(Submission.receipt_hash == sha256_hex(code)),
        media_id,
    )


def get_own_media(person_id: uuid.UUID, media_id: uuid.UUID) -> MediaAsset:
    """Return a recording that a member gave. Raises MediaNotFoundError."""
    return _ready_of(
        select(Response.media_id).where(Response.respondent_id.in_(respondents_of(person_id=person_id))),
        media_id,
    )


def _ready_of(theirs: Select[Any], media_id: uuid.UUID) -> MediaAsset:
    if db.session.scalar(theirs.where(Response.media_id == media_id)) is None:
        raise MediaNotFoundError
    return get_ready(media_id)
