"""What the index keeps of responses: the words that they show now, and their facets."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from engage.kernel.db import db
from engage.media.enums import MediaState, TrackKind
from engage.media.models import MediaAsset, MediaTrack
from engage.responses.enums import ResponseStatus
from engage.responses.models import Flag, Response, ResponseChoice, Submission
from engage.responses.records import state_of
from engage.responses.redacting import recording_is_stopped
from engage.responses.search.facets import FLAGGED, Facet, facet, medium_of
from engage.responses.search.words import words_of


@dataclass(frozen=True)
class Document:
    """A response as the index keeps it: words in their order, facets in none."""

    response_id: uuid.UUID
    received_on: date
    words: list[str]
    facets: list[str]


def documents_of(response_ids: Collection[uuid.UUID]) -> list[Document]:
    """Return what the index keeps of some responses; of what was taken back, or is not there, nothing.

    The words are those that are shown now, never the original of an edit or redaction; what was written beside "other"
    and what is said in a recording are among them, unless a moderator took the recording out.
    """
    rows = db.session.execute(
        select(Response, Submission.channel, MediaAsset, recording_is_stopped())
        .join(Submission, Submission.id == Response.submission_id)
        .outerjoin(MediaAsset, MediaAsset.id == Response.media_id)
        .where(Response.id.in_(list(response_ids)), Response.status != ResponseStatus.WITHDRAWN)
    ).all()
    ids = [row[0].id for row in rows]
    beside = _written_beside(ids)
    played = [media for _, _, media, is_stopped in rows if media is not None and not is_stopped]
    spoken = _spoken([media.id for media in played if media.state is MediaState.READY])
    flagged = _flagged(ids)
    return [
        Document(
            response.id,
            response.received_on,
            [
                word
                for text in (response.body, *beside[response.id], *spoken[response.media_id])
                for word in words_of(text)
            ],
            _facets(response, channel, media) + ([FLAGGED] if response.id in flagged else []),
        )
        for response, channel, media, _ in rows
    ]


def _facets(response: Response, channel: Any, media: MediaAsset | None) -> list[str]:
    said = {
        Facet.QUESTION: response.question_id,
        Facet.EVENT: response.event_id,
        Facet.CONSULTATION: response.consultation_id,
        Facet.CHANNEL: channel.value,
        Facet.MEDIUM: medium_of(None if media is None else media.kind).value,
        Facet.STATE: state_of(response).value,
        Facet.KIND: response.kind.value,
        Facet.LANGUAGE: response.language,
    }
    return [facet(kind, value) for kind, value in said.items() if value is not None]


def _written_beside(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    written = ResponseChoice.response_id.in_(ids), ResponseChoice.other_text.is_not(None)
    for response_id, text in db.session.execute(
        select(ResponseChoice.response_id, ResponseChoice.other_text).where(*written).order_by(ResponseChoice.option_id)
    ):
        found[response_id].append(text or "")
    return found


def _spoken(media_ids: Collection[uuid.UUID]) -> dict[uuid.UUID | None, list[str]]:
    """Return the transcripts of recordings; captions say the same again, between times."""
    found: dict[uuid.UUID | None, list[str]] = defaultdict(list)
    if media_ids:
        tracks = select(MediaTrack.media_id, MediaTrack.body).where(
            MediaTrack.media_id.in_(media_ids), MediaTrack.kind == TrackKind.TRANSCRIPT
        )
        for media_id, text in db.session.execute(tracks.order_by(MediaTrack.language)):
            found[media_id].append(text)
    return found


def _flagged(ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    return set(
        db.session.scalars(select(Flag.response_id).where(Flag.response_id.in_(ids), Flag.resolved_at.is_(None)))
    )
