"""Pages that only show: cheap to ask for again, and no cookie for a visitor (P27)."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, g, make_response, request
from flask_login import current_user

from engage.edge import context, page_store

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
