"""What the first answer does to a question."""

import uuid
from datetime import datetime

from sqlalchemy import update

from engage.consultations.models import Question
from engage.kernel.clock import start_of_day
from engage.kernel.db import db


def lock_question(question_id: uuid.UUID, at: datetime) -> None:
    """Lock a question, in the transaction that stores an answer to it; a later answer changes nothing.

    To be called before the question's version is read: whoever is changing the question is waited for. From then on
    another wording is another version. The day alone is kept, since the first answer may be anonymous (P4).
    """
    db.session.execute(
        update(Question)
        .where(Question.id == question_id, Question.locked_at.is_(None))
        .values(locked_at=start_of_day(at))
        .execution_options(synchronize_session="evaluate")
    )
