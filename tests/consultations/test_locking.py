"""The first answer locks a question, and what it said then can be read for ever."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from engage.consultations.errors import QuestionNotFoundError
from engage.consultations.queries import get_question, question_says
from engage.consultations.services import lock_question
from engage.kernel.db import db
from tests.responses.makers import open_consultation

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
AT = datetime(2026, 9, 1, 14, 20, tzinfo=UTC)


def test_the_first_answer_locks_a_question_by_the_day_alone_and_a_later_one_changes_nothing(unit: Unit) -> None:
    """P4: the first answer may be anonymous, so no time of day is kept."""
    with unit():
        first, second = open_consultation(questions=2).questions
        lock_question(first.id, AT)
        lock_question(first.id, AT + timedelta(days=3))
        db.session.expire_all()

        assert (first.locked_at, second.locked_at) == (datetime(2026, 9, 1, tzinfo=UTC), None)


def test_a_question_says_what_it_says_now_and_nothing_in_a_version_that_it_never_had(unit: Unit) -> None:
    with unit():
        open_consultation()
        question = get_question("levelling-up", 1)

        assert question_says(question) == question_says(question, 1)
        assert question_says(question).text == "What about matter 1?"
        with pytest.raises(QuestionNotFoundError):
            question_says(question, 2)
