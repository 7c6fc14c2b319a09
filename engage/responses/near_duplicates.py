"""Words that were said before, or almost: shown beside a response and never a reason to refuse it (rule 9).

Two texts are compared by the runs of five characters that they share (Dice's coefficient over character n-grams).
Letters of a campaign with edits and personal lines share well over half, unrelated texts about one question a quarter;
short ones ("yes, I agree") share everything by chance, so only texts of 25 words and more are compared.
"""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from engage.kernel.db import db
from engage.responses.enums import ResponseStatus
from engage.responses.models import Response

FEWEST_WORDS = 25
ALIKE = 0.55
MOST_COMPARED = 400  # the latest on the same question or event, of about the same length
MOST_SHOWN = 5
_RUN = 5
_NO_LETTER = re.compile(r"\W+")


@dataclass(frozen=True)
class NearDuplicate:
    """Another response that says about the same; `alike` is from ALIKE to 1."""

    id: uuid.UUID
    body: str
    display_name: str | None
    received_on: date
    alike: float


def likeness(one: str, other: str) -> float:
    """Return how much two texts share, from 0 to 1, whatever their case, punctuation and order of paragraphs."""
    return _share(_runs(one), _runs(other))


def near_duplicates(response_id: uuid.UUID) -> list[NearDuplicate]:
    """Return the responses on the same question or event that say about the same, the most alike first."""
    about = db.session.get(Response, response_id)
    if about is None or not _is_long_enough(about.body):
        return []
    runs = _runs(about.body)
    found = [
        NearDuplicate(row.id, row.body, row.display_name, row.received_on, alike)
        for row in _others(about)
        if _is_long_enough(row.body) and (alike := _share(runs, _runs(row.body))) >= ALIKE
    ]
    return sorted(found, key=lambda each: (-each.alike, each.id))[:MOST_SHOWN]


def _is_long_enough(text: str) -> bool:
    return len(text.split()) >= FEWEST_WORDS


def _runs(text: str) -> frozenset[str]:
    plain = _NO_LETTER.sub(" ", text.casefold())
    return frozenset(plain[start : start + _RUN] for start in range(len(plain) - _RUN + 1))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _others(about: Response) -> Iterable[Response]:
    same = Response.question_id == about.question_id if about.question_id else Response.event_id == about.event_id
    length = len(about.body)
    return db.session.scalars(
        select(Response)
        .where(
            same,
            Response.id != about.id,
            Response.status != ResponseStatus.WITHDRAWN,
            func.length(Response.body).between(length // 2, length * 2),
        )
        .order_by(Response.received_on.desc(), Response.id)
        .limit(MOST_COMPARED)
    )
