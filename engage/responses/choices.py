"""What answers chose, in words."""

import uuid
from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select

from engage.consultations.models import QuestionOption
from engage.kernel.db import db
from engage.responses.models import ResponseChoice


def chosen_words(response_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, ...]]:
    """Return the options that each response chose, in the order of its question; "other" with its own words."""
    if not response_ids:
        return {}
    found = db.session.execute(
        select(ResponseChoice.response_id, QuestionOption.text, ResponseChoice.other_text)
        .join(QuestionOption, QuestionOption.id == ResponseChoice.option_id)
        .where(ResponseChoice.response_id.in_(list(response_ids)))
        .order_by(QuestionOption.position)
    )
    chosen = defaultdict(list)
    for response_id, option, other in found:
        chosen[response_id].append(f"{option}: {other}" if other else option)
    return {response_id: tuple(words) for response_id, words in chosen.items()}
