"""The index on PostgreSQL: two `tsvector` columns of `response_search` under one GIN index.

https://www.postgresql.org/docs/current/datatype-textsearch.html: both types are written out whole, so that neither a
parser nor a dictionary of the server's has a say, and both databases find the same.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import Uuid, bindparam, text

from engage.kernel.db import db
from engage.responses.search.facets import Looked
from engage.responses.search.words import Term

LAST_POSITION = 16_383
ID = bindparam("response_id", type_=Uuid())
WRITE = text(
    "UPDATE response_search SET words = CAST(:words AS tsvector), facets = CAST(:facets AS tsvector)"
    " WHERE response_id = :response_id"
).bindparams(ID)
ADD = text(
    "INSERT INTO response_search (number, response_id, words, facets) VALUES"
    " (:number, :response_id, CAST(:words AS tsvector), CAST(:facets AS tsvector)) ON CONFLICT DO NOTHING"
).bindparams(ID)
_FIND = (
    "SELECT response_id FROM response_search WHERE {} AND number BETWEEN :first AND :last"
    " ORDER BY number {} LIMIT :most"
)


def as_kept(words: Sequence[str]) -> str:
    """Return words with their places as the table keeps them."""
    return " ".join(f"'{word}':{min(place, LAST_POSITION)}" for place, word in enumerate(words, 1))


def find(terms: Sequence[Term], looked: Looked, *, most: int, oldest_first: bool = False) -> list[uuid.UUID]:
    """Return what has all terms and facets, by day; within a day in an order that tells nothing."""
    first, last = looked.numbers()
    asked = {
        "words": " & ".join(_term(term) for term in terms),
        "facets": " & ".join(f"({' | '.join(group)})" for group in looked.facets()),
    }
    asked = {column: query for column, query in asked.items() if query}
    having = " AND ".join(f"{column} @@ CAST(:{column} AS tsquery)" for column in asked)
    statement = text(_FIND.format(having, "ASC" if oldest_first else "DESC")).columns(response_id=Uuid())
    return list(db.session.scalars(statement, {**asked, "first": first, "last": last, "most": most}))


def _term(term: Term) -> str:
    *words, last = (f"'{word}'" for word in term.words)
    return f"({' <-> '.join([*words, last + (':*' if term.is_beginning else '')])})"
