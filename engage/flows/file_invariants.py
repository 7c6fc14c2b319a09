"""What `flask check` says of the files beside the database."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from engage.kernel.db import db
from engage.media.errors import StorageAwayError
from engage.media.models import MediaAsset
from engage.media.storage import UNCLAIMED, Storage


def files_are_known(storage: Storage, at: datetime) -> Iterator[str]:
    """I9: each row of a recording has its files, and each file has a row, unless it lies ready for a form."""
    needed = dict[str, str]()
    for asset in db.session.scalars(select(MediaAsset).where(MediaAsset.storage_key.is_not(None))):
        needed |= {key: f"recording {asset.id}" for key in (asset.storage_key, asset.poster_key) if key}
    try:
        there = set(storage.names())
        for key, owner in needed.items():
            if key not in there:
                yield f"{owner}: its file {key} is not there"
        for key in storage.names(before=at - UNCLAIMED):
            if key not in needed:
                yield f"file {key}: no recording needs it"
        if storage.keeps_what_is_deleted():
            yield "the bucket keeps old versions of its objects, also of recordings that people took back (P13)"
    except StorageAwayError:
        yield "the store of recordings is away: nothing is known of the files"
