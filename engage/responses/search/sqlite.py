"""The index on SQLite: FTS5 over `response_search`, kept in step by triggers (migration 0006).

https://www.sqlite.org/fts5.html: sections 3 (queries), 4.4.3 (external content), 6.5 (merge), 6.9 (secure-delete).
"""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Uuid, bindparam, text

from engage.kernel.db import db
from engage.responses.search.facets import Looked
from engage.responses.search.words import Term

TAKES_OUT_AT_ONCE = (3, 42)
PAGES_A_STEP = 100  # about 0.4 MB: writers wait for no longer than that takes
ID = bindparam("response_id", type_=Uuid())
WRITE = text("UPDATE response_search SET words = :words, facets = :facets WHERE response_id = :response_id").bindparams(
    ID
)
ADD = text(
    "INSERT INTO response_search (number, response_id, words, facets)"
    " VALUES (:number, :response_id, :words, :facets) ON CONFLICT DO NOTHING"
).bindparams(ID)
_FIND = (
    "SELECT response_search.response_id FROM response_words"
    " JOIN response_search ON response_search.number = response_words.rowid"
    " WHERE response_words MATCH :match AND response_words.rowid BETWEEN :first AND :last"
    " ORDER BY response_words.rowid {} LIMIT :most"
)
_NEWEST, _OLDEST = (text(_FIND.format(order)).columns(response_id=Uuid()) for order in ("DESC", "ASC"))
_MERGE = text("INSERT INTO response_words(response_words, rank) VALUES ('merge', :pages)")
_TAKE_OUT_AT_ONCE = text("INSERT INTO response_words(response_words, rank) VALUES ('secure-delete', 1)")


def as_kept(words: Sequence[str]) -> str:
    """Return words as the table keeps them."""
    return " ".join(words)


def find(terms: Sequence[Term], looked: Looked, *, most: int, oldest_first: bool = False) -> list[uuid.UUID]:
    """Return what has all terms and facets, by day; within a day in an order that tells nothing."""
    first, last = looked.numbers()
    parts = [f"{{words}} : ({' AND '.join(_term(term) for term in terms)})"] if terms else []
    parts += [f"{{facets}} : ({' OR '.join(group)})" for group in looked.facets()]
    values: dict[str, Any] = {"match": " AND ".join(f"({part})" for part in parts), "first": first, "last": last}
    return list(db.session.scalars(_OLDEST if oldest_first else _NEWEST, {**values, "most": most}))


def _term(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.is_beginning else "")


def merge_some(*, begin: bool) -> bool:
    """Merge a few pages of the index's parts into one; tell whether there is more to do.

    The parts are those of the transactions that wrote them: merged, they tell no order, and hold nothing that was
    taken out. `begin` puts all parts on the list, and is for the first step alone.
    """
    connection = db.session.connection()
    driver: Any = connection.connection.driver_connection
    if begin and not keeps_what_is_taken_out():
        connection.execute(_TAKE_OUT_AT_ONCE)  # of an index that an older SQLite made, too
    before = driver.total_changes
    connection.execute(_MERGE, {"pages": -PAGES_A_STEP if begin else PAGES_A_STEP})
    return bool(driver.total_changes - before > 1)


def keeps_what_is_taken_out() -> bool:
    """Tell whether this SQLite takes an entry out of the index only when its parts are next merged."""
    version: tuple[int, ...] = getattr(db.engine.dialect, "server_version_info", None) or ()
    return version < TAKES_OUT_AT_ONCE
