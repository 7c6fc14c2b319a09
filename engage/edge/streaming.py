"""Answers that are made while they go out, and read the database meanwhile."""

from collections.abc import Callable, Generator, Iterator
from contextvars import copy_context

from flask import current_app
from flask.ctx import AppContext


def on_own_ground(pieces: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    """Give pieces in an app context of their own, which ends with them or when nobody asks on.

    Flask's `stream_with_context` leaves the context of the request where the next request of the thread finds it if
    the answer is not read to its end. Here it stays inside: between two pieces the thread knows nothing of it.
    """
    return _apart(_on(current_app.app_context(), pieces))


def _on(ground: AppContext, pieces: Callable[[], Iterator[bytes]]) -> Generator[bytes, None, None]:
    with ground:
        yield from pieces()


def _apart(pieces: Generator[bytes, None, None]) -> Iterator[bytes]:
    inside = copy_context()
    try:
        while (piece := inside.run(next, pieces, None)) is not None:
            yield piece
    finally:
        inside.run(pieces.close)
