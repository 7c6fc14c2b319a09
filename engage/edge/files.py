"""Stored files as answers: a fixed type, ranges, and no time that would tell when they came (S26, P4)."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from flask import Response, request

PIECE = 64 * 1024
SANDBOX = "default-src 'none'; sandbox"


def send_stored(open_file: Callable[[], BinaryIO], *, size: int, mime: str, tag: str) -> Response:
    """Answer with a file, or the one part of it that is asked for (RFC 9110, section 14).

    It is opened when the first byte goes out, and asked for anew each time: what was taken back is played nowhere.
    """
    first, after = 0, size
    if _asks_for_part(tag) and request.range is not None and len(request.range.ranges) == 1:
        wanted = request.range.range_for_length(size)
        if wanted is None:
            return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
        first, after = wanted
    answer = Response(_pieces(open_file, first, after), mimetype=mime, direct_passthrough=True)
    if (first, after) != (0, size):
        answer.status_code = 206
        answer.headers["Content-Range"] = f"bytes {first}-{after - 1}/{size}"
    answer.content_length = after - first
    answer.set_etag(tag)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request.environ)
    return answer


def _asks_for_part(tag: str) -> bool:
    """Tell whether a part is asked for of what lies here now (If-Range)."""
    asked = request.range is not None and request.range.units == "bytes"
    known = request.if_range
    return asked and known.date is None and known.etag in (None, tag)


def _pieces(open_file: Callable[[], BinaryIO], first: int, after: int) -> Iterator[bytes]:
    with open_file() as file:
        file.seek(first)
        while first < after and (piece := file.read(min(PIECE, after - first))):
            first += len(piece)
            yield piece
