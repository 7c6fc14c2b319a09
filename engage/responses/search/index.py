"""The one interface to the index, whatever the database."""

import secrets
import uuid
from collections.abc import Collection, Sequence
from types import ModuleType

from sqlalchemy import delete, select

from engage.kernel.db import db
from engage.responses.models import Response, ResponseSearch
from engage.responses.search import postgresql, sqlite
from engage.responses.search.documents import Document, documents_of
from engage.responses.search.facets import RANDOM_BITS, Looked, first_number
from engage.responses.search.words import Term

MOST_FOUND = 1000  # of more than that nobody reads the last; a list says "more than"
BATCH = 500


def find_responses(
    terms: Sequence[Term], looked: Looked, *, most: int = MOST_FOUND, oldest_first: bool = False
) -> list[uuid.UUID]:
    """Return the responses that have every term and facet, by day, never by arrival within a day (P4); at most `most`.

    Of nothing to look for nothing is found.
    """
    if looked.questions == frozenset() or not (terms or looked.facets()):
        return []
    found: list[uuid.UUID] = _engine().find(terms, looked, most=most, oldest_first=oldest_first)
    return found


def put_in_index(response_ids: Collection[uuid.UUID]) -> None:
    """Let the index say of some responses what they show now; what was taken back goes from it."""
    documents = documents_of(response_ids)
    gone = set(response_ids) - {document.response_id for document in documents}
    if gone:
        db.session.connection().execute(delete(ResponseSearch).where(ResponseSearch.response_id.in_(gone)))
    for document in documents:
        _put(document)


def index_some(after: uuid.UUID | None) -> uuid.UUID | None:
    """Index some responses that follow one in the order of their ids; returns the last, None when all are done."""
    some = select(Response.id).order_by(Response.id).limit(BATCH).with_for_update()
    ids = db.session.scalars(some if after is None else some.where(Response.id > after)).all()
    put_in_index(ids)
    return ids[-1] if len(ids) == BATCH else None


def merge_some(*, begin: bool) -> bool:
    """Merge some of what the index wrote by itself (`sqlite.merge_some`); tell whether there is more to do.

    PostgreSQL has but one part; what was taken out of it goes with the next VACUUM, as from all its tables.
    """
    return db.engine.dialect.name == "sqlite" and sqlite.merge_some(begin=begin)


def keeps_what_is_taken_out() -> bool:
    """Tell whether what is taken out of the index stays in it until its parts are merged."""
    return db.engine.dialect.name == "sqlite" and sqlite.keeps_what_is_taken_out()


def responses_with_media(media_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return the responses that some recordings belong to."""
    return set(db.session.scalars(select(Response.id).where(Response.media_id.in_(media_ids))))


def _put(document: Document) -> None:
    engine = _engine()
    values = {
        "response_id": document.response_id,
        "words": engine.as_kept(document.words),
        "facets": engine.as_kept(document.facets),
    }
    connection = db.session.connection()
    first = first_number(document.received_on)
    # Two responses of a day draw the same number once in many millions; then another is drawn.
    while not (
        connection.execute(engine.WRITE, values).rowcount
        or connection.execute(engine.ADD, {**values, "number": first + secrets.randbits(RANDOM_BITS)}).rowcount
    ):
        pass


def _engine() -> ModuleType:
    return sqlite if db.engine.dialect.name == "sqlite" else postgresql
