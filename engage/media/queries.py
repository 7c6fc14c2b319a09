"""What is known of recordings."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from engage.kernel.db import db
from engage.media.describing import WHY_REFUSED
from engage.media.enums import MediaKind, MediaState, Refusal, TrackKind
from engage.media.errors import MediaNotFoundError
from engage.media.models import MediaAsset, MediaTrack


@dataclass(frozen=True)
class Recording:
    """A recording as pages show it: `length` reads m:ss, `captions` names their language, `refusal` why it is gone.

    Of one that the reader may not play there is the transcript alone.
    """

    id: uuid.UUID
    kind: MediaKind
    state: MediaState
    refusal: Refusal | None
    is_playable: bool
    length: str
    width: int | None
    height: int | None
    has_poster: bool
    captions: str | None
    transcript: str

    @property
    def why(self) -> str:
        """The sentence about its refusal, to be translated; "" where it was not refused."""
        return WHY_REFUSED[self.refusal] if self.refusal else ""

    @property
    def takes_words(self) -> bool:
        """Whether somebody may write down what is said in it: it was not refused."""
        return self.state in (MediaState.RECEIVED, MediaState.READY)


def recording_of(asset: MediaAsset, *, is_playable: bool = True) -> Recording:
    """Return what pages show of a recording, to those who may play it or not."""
    seconds = (asset.duration_ms or 0) // 1000
    tracks = {track.kind: track for track in asset.tracks}
    captions, transcript = tracks.get(TrackKind.CAPTIONS), tracks.get(TrackKind.TRANSCRIPT)
    return Recording(
        id=asset.id,
        kind=asset.kind,
        state=asset.state,
        refusal=Refusal(asset.refusal) if asset.refusal else None,
        is_playable=is_playable and asset.state is MediaState.READY,
        length=f"{seconds // 60}:{seconds % 60:02d}",
        width=asset.width,
        height=asset.height,
        has_poster=asset.poster_key is not None,
        captions=captions.language if captions else None,
        transcript=transcript.body if transcript else "",
    )


def captions_of(media_id: uuid.UUID) -> str:
    """Return the captions of a recording as WebVTT; "" for none."""
    tracks = select(MediaTrack.body).where(MediaTrack.media_id == media_id, MediaTrack.kind == TrackKind.CAPTIONS)
    return db.session.scalar(tracks) or ""


def get_ready(media_id: uuid.UUID) -> MediaAsset:
    """Return a recording that can be played. Raises MediaNotFoundError."""
    asset = db.session.get(MediaAsset, media_id)
    if asset is None or asset.state is not MediaState.READY:
        raise MediaNotFoundError
    return asset


def which_are_needed(keys: Collection[str]) -> set[str]:
    """Return those of some names in the storage that a row has."""
    found = db.session.scalars(select(MediaAsset.storage_key).where(MediaAsset.storage_key.in_(keys)))
    return {key for key in found if key}


def keys_in_use() -> set[str]:
    """Return the names in the storage of everything that a row needs."""
    found = db.session.execute(select(MediaAsset.storage_key, MediaAsset.poster_key))
    return {key for keys in found for key in keys if key}
