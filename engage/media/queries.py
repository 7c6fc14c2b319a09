"""What is known of recordings."""

import uuid

from sqlalchemy import select

from engage.kernel.db import db
from engage.media.enums import MediaState
from engage.media.errors import MediaNotFoundError
from engage.media.models import MediaAsset


def get_ready(media_id: uuid.UUID) -> MediaAsset:
    """Return a recording that can be played. Raises MediaNotFoundError."""
    asset = db.session.get(MediaAsset, media_id)
    if asset is None or asset.state is not MediaState.READY:
        raise MediaNotFoundError
    return asset


def keys_in_use() -> set[str]:
    """Return the names in the storage of everything that a row needs."""
    found = db.session.execute(select(MediaAsset.storage_key, MediaAsset.poster_key))
    return {key for keys in found for key in keys if key}
