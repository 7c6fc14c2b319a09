"""An answer that is made while it goes out leaves nothing behind, read to its end or not."""

from collections.abc import Iterator

import pytest
from flask import Flask, current_app, g, has_app_context

from engage.edge.streaming import on_own_ground
from engage.kernel.db import db


def _pieces() -> Iterator[bytes]:
    g.seen = True
    for number in range(3):
        assert current_app
        yield str(db.session.scalar(db.select(db.literal(number)))).encode()


@pytest.mark.parametrize("read", [0, 1, 3])
def test_the_thread_knows_nothing_of_it_between_two_pieces(app: Flask, read: int) -> None:
    with app.app_context():
        pieces = on_own_ground(_pieces)
    told = [next(pieces) for _ in range(read)]

    assert told == [b"0", b"1", b"2"][:read]
    assert not has_app_context()
    with app.app_context():
        assert "seen" not in g
    pieces.close()  # type: ignore[attr-defined]
    assert not has_app_context()
    assert app.extensions["sqlalchemy"].session.registry.registry == {}
