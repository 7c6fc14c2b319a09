"""What `flask check` says of the files beside the database."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from engage.kernel.db import db
from engage.media.models import MediaAsset
from engage.media.storage import UNCLAIMED, FolderStorage


def files_are_known(storage: FolderStorage, at: datetime) -> Iterator[str]:
    """I9: each row of a recording has its files, and each file has a row, unless it lies ready for a form."""
    needed: set[str] = set()
    for asset in db.session.scalars(select(MediaAsset).where(MediaAsset.storage_key.is_not(None))):
        keys = {key for key in (asset.storage_key, asset.poster_key) if key}
        needed |= keys
        for key in keys:
            if not storage.holds(key):
                yield f"recording {asset.id}: its file {key} is not there"
    for key in storage.names():
        if key not in needed and storage.changed_before(key, at - UNCLAIMED):
            yield f"file {key}: no recording needs it"
