"""Pages that only show: cheap to ask for again, and no cookie for a visitor (P27)."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import ParamSpec

from flask import Response, current_app, g, make_response, request
from flask_login import current_user

from engage.edge import context, page_store
from engage.edge.release import release

KEPT = "engage-kept-answers"
Parameters = ParamSpec("Parameters")


def strong_etag(body: bytes, *parts: str) -> str:
    """Return a tag that changes with the bytes of an answer and with what else decided them."""
    digest = hashlib.blake2b(body, digest_size=12)
    for part in parts:
        digest.update(b"\0" + part.encode())
    return digest.hexdigest()


def revalidated(view: Callable[Parameters, Response]) -> Callable[Parameters, Response]:
    """Give a view's answer a strong ETag, language included, and answer 304 to who has it already.

    A signed-in reader's page holds their menu and tokens, so it is left as it is; the page store tags its own.
    """

    @wraps(view)
    def answer(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Response:
        response = make_response(view(*args, **kwargs))
        if page_store.draft() is not None:
            return response
        if response.status_code != 200 or g.get("private", False) or current_user.is_authenticated:
            return response
        response.set_etag(strong_etag(response.get_data(), context.locale()))
        response.headers.setdefault("Cache-Control", "no-cache")
        response.make_conditional(request)
        return response

    return answer


def by_version(
    rows: object, changed_at: datetime, make: Callable[[], bytes], content_type: str, *, keep: bool = False
) -> Response:
    """Answer by what decides an answer: its tag costs that alone, and 304 is known before anything is made.

    `rows` differ whenever the answer would, for one release of the site. With `keep` the bytes stay in the memory
    of this process until the next version is asked for: for what is large, public, and one of its route.
    """
    tag = strong_etag(repr(rows).encode(), release(context.settings()), request.path)
    response = Response(content_type=content_type)
    response.set_etag(tag)
    response.last_modified = changed_at
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(_kept(tag, make) if keep else make())
    return response


def _kept(tag: str, make: Callable[[], bytes]) -> bytes:
    """Return what was made for a tag; one answer is kept for each route."""
    kept: dict[str, tuple[str, bytes]] = current_app.extensions.setdefault(KEPT, {})
    known = kept.get(request.path)
    if known is not None and known[0] == tag:
        return known[1]
    data = make()
    kept[request.path] = (tag, data)
    return data
