"""Recordings, played: by everybody who may, and before that by who sent them and by moderators (S26, S48)."""

import uuid
from functools import partial

from flask import Response
from flask_login import current_user

from engage.edge import context
from engage.edge.access import access, roles_held
from engage.edge.answers import keep_private
from engage.edge.files import send_stored
from engage.media.enums import TrackKind
from engage.media.errors import MediaNotFoundError
from engage.media.models import MediaAsset
from engage.media.queries import get_ready
from engage.media.storage import storage_of
from engage.responses.recordings import get_media_of_receipt, get_own_media, get_public_media
from engage.web.public.blueprint import bp

WHOLE = {"part": "recording"}


@bp.get("/media/<uuid:media_id>", defaults=WHOLE)
@bp.get("/media/<uuid:media_id>/<any(poster, captions):part>")
@access("anyone")
def play(media_id: uuid.UUID, part: str) -> Response:
    """Give a recording, its poster or its captions to who may have them; for others there is nothing."""
    return _part(_found(media_id), part)


@bp.get("/receipts/<code>/media/<uuid:media_id>", defaults=WHOLE)
@bp.get("/receipts/<code>/media/<uuid:media_id>/<any(poster, captions):part>")
@access("receipt")
def play_own(code: str, media_id: uuid.UUID, part: str) -> Response:
    """Give a recording to who sent it."""
    keep_private()
    return _part(get_media_of_receipt(code, media_id), part)


def _found(media_id: uuid.UUID) -> MediaAsset:
    try:
        return get_public_media(media_id)
    except MediaNotFoundError:
        if not current_user.is_authenticated:
            raise
    if "moderator" in roles_held():
        return get_ready(media_id)
    return get_own_media(current_user.id, media_id)


def _part(asset: MediaAsset, part: str) -> Response:
    if part == "captions":
        return _captions(asset)
    storage = storage_of(context.site())
    key = asset.poster_key if part == "poster" else asset.storage_key
    size = None if key is None else storage.size(key)
    if key is None or size is None:
        raise MediaNotFoundError
    mime = "image/jpeg" if part == "poster" else str(asset.mime)
    return send_stored(partial(storage.pieces, key), size=size, mime=mime, tag=key)


def _captions(asset: MediaAsset) -> Response:
    for track in asset.tracks:
        if track.kind is TrackKind.CAPTIONS:
            return Response(track.body, mimetype="text/vtt")
    raise MediaNotFoundError
