"""Stored files as answers: a fixed type, ranges, and no time that would tell when they came (S26, P4)."""

from collections.abc import Callable, Iterator

from flask import Response, request

SANDBOX = "default-src 'none'; sandbox"


def send_stored(pieces: Callable[[int, int], Iterator[bytes]], *, size: int, mime: str, tag: str) -> Response:
    """Answer with a file, or the one part of it that is asked for (RFC 9110, section 14).

    `pieces` gives the bytes from a place to before another. The file is opened when the first byte goes out, and asked
    for anew each time: what was taken back is played nowhere.
    """
    first, after = 0, size
    if _asks_for_part(tag) and request.range is not None and len(request.range.ranges) == 1:
        wanted = request.range.range_for_length(size)
        if wanted is None:
            return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
        first, after = wanted
    answer = Response(pieces(first, after), mimetype=mime, direct_passthrough=True)
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
