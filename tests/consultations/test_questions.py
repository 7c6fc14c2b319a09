"""Questions of every kind: what each needs, what the first answer fixes, and what is kept of earlier words."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engage.consultations.enums import QuestionType
from engage.consultations.errors import (
    ClosedForQuestionsError,
    ConfidentialLockedError,
    NoQuestionsError,
    NoWayToAnswerError,
    NumbersFixedError,
    OptionsError,
    QuestionKindLockedError,
    QuestionLockedError,
    QuestionNotFoundError,
    QuestionTextError,
    RecordingLimitsError,
    StaleConsultationError,
    WordLimitError,
)
from engage.consultations.models import Question
from engage.consultations.queries import question_says
from engage.consultations.services import add_question, lock_question, move_question_up, remove_question
from engage.kernel.db import db
from engage.kernel.errors import EngageError
from tests.consultations.makers import AT, TEXT, ask, draft, numbers, opened, reword

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
SINGLE, MULTI, SCALE = QuestionType.SINGLE, QuestionType.MULTI, QuestionType.SCALE


def _offered(question: Question) -> list[tuple[int, str, bool]]:
    return [(o.position, o.text, o.is_other) for o in question.options if o.retired_at is None]


def _move_up(question: Question) -> None:
    asked_by = question.consultation
    move_question_up(question.id, consultation_id=asked_by.id, version=asked_by.version, at=AT, actor=None)


def _remove(question: Question) -> None:
    asked_by = question.consultation
    remove_question(question.id, consultation_id=asked_by.id, version=asked_by.version, at=AT, actor=None)


def test_questions_of_every_kind_keep_what_can_be_chosen_in_its_order(unit: Unit) -> None:
    with unit():
        consultation = draft()
        single = ask(consultation, type=SINGLE, options=("Yes", " ", "No"), other="Something else")
        scale = ask(consultation, type=SCALE, options=("Not at all", "A little", "Fully"), other="Left out")
        several = ask(consultation, type=MULTI, options=("Bus", "Train"))
        in_words = ask(consultation, options=("Left out", "As well"))

        assert _offered(single) == [(1, "Yes", False), (2, "No", False), (3, "Something else", True)]
        assert _offered(scale) == [(1, "Not at all", False), (2, "A little", False), (3, "Fully", False)]
        assert len(_offered(several)) == 2
        assert _offered(in_words) == []
        assert [q.number for q in consultation.questions] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"text": "  "}, QuestionTextError),
        ({"text": "x" * 1001}, QuestionTextError),
        ({"type": SINGLE}, OptionsError),
        ({"type": SINGLE, "options": ("Yes",)}, OptionsError),
        ({"type": MULTI, "options": ("Yes", "yes")}, OptionsError),
        ({"type": MULTI, "options": ("Yes", "x" * 301)}, OptionsError),
        ({"type": SCALE, "options": tuple(map(str, range(12)))}, OptionsError),
        ({"allows_text": False, "allows_audio": False, "allows_video": False}, NoWayToAnswerError),
        ({"max_words": 0}, WordLimitError),
        ({"max_words": 2**40}, WordLimitError),
        ({"media_min_s": 90, "media_max_s": 60}, RecordingLimitsError),
        ({"media_min_s": 0}, RecordingLimitsError),
        ({"media_max_s": 10**12}, RecordingLimitsError),
    ],
)
def test_each_refusal_has_its_sentence_and_stores_nothing(
    unit: Unit, changes: dict[str, Any], refusal: type[EngageError]
) -> None:
    with unit():
        consultation = draft()
        with pytest.raises(refusal) as refused:
            ask(consultation, **{"text": "And?", **changes})
        db.session.expire_all()

        assert "{" not in refused.value.text()
        assert numbers() == [(1, TEXT.text)]


def test_before_the_first_answer_words_change_without_a_version(unit: Unit) -> None:
    with unit():
        question = ask(draft(), type=SINGLE, options=("Yes", "No"))
        assert reword(question, text="Will it?", type=SINGLE, options=("No", "Perhaps"))
        assert not reword(question, text="Will it?", type=SINGLE, options=("No", "Perhaps"))

        assert (question.version, len(question.options)) == (1, 2)
        assert _offered(question) == [(1, "No", False), (2, "Perhaps", False)]


def test_once_people_can_answer_other_words_are_another_version(unit: Unit) -> None:
    """Somebody may be typing below the words of before."""
    with unit():
        [question] = opened().questions
        assert reword(question, text="Before it opens?")
        assert question.version == 1
        after = question.consultation.opens_at + timedelta(hours=1)
        assert reword(question, text="While it is open?", at=after)
        assert reword(question, text="While it is open?", max_words=100, at=after)

        said = question_says(question, 1)
        assert (said.text, question.version, question.locked_at) == ("Before it opens?", 2, None)


def test_after_it_other_words_are_another_version_and_what_was_chosen_stays(unit: Unit) -> None:
    """An answer points to the version that its writer saw."""
    with unit():
        question = ask(draft(), type=SINGLE, options=("Yes", "No"), help="Think of home.")
        yes = question.options[0].id
        lock_question(question.id, AT)
        reword(question, text="Will it?", type=SINGLE, options=("No", "Perhaps"))
        reword(question, text="Will it ever?", type=SINGLE, options=("Yes", "No", "Perhaps"))
        db.session.flush()
        db.session.expire_all()

        first, second, now = (question_says(question, version) for version in (1, 2, 3))
        assert (first.text, first.help, first.options) == ("And then?", "Think of home.", ("Yes", "No"))
        assert (second.text, second.help, second.options) == ("Will it?", None, ("No", "Perhaps"))
        assert (now.text, question.version) == ("Will it ever?", 3)
        assert _offered(question) == [(1, "Yes", False), (2, "No", False), (3, "Perhaps", False)]
        assert question.options[0].id == yes


def test_a_retired_option_is_asked_no_more_and_its_row_stays(unit: Unit) -> None:
    with unit():
        question = ask(draft(), type=MULTI, options=("Bus", "Train", "Tram"))
        lock_question(question.id, AT)
        reword(question, type=MULTI, options=("Tram", "Boat"))
        db.session.expire_all()

        assert _offered(question) == [(1, "Tram", False), (2, "Boat", False)]
        assert {o.text for o in question.options if o.retired_at} == {"Bus", "Train"}
        assert question_says(question).options == ("Tram", "Boat")


def test_the_first_answer_fixes_the_kind_and_what_was_promised_but_not_the_limits(unit: Unit) -> None:
    """P28."""
    with unit():
        question = ask(draft(), is_confidential=True)
        lock_question(question.id, AT)
        with pytest.raises(QuestionKindLockedError):
            reword(question, type=SINGLE, options=("Yes", "No"), is_confidential=True)
        with pytest.raises(ConfidentialLockedError):
            reword(question, is_confidential=False)
        with pytest.raises(QuestionLockedError):
            _remove(question)
        assert reword(question, is_confidential=True, max_words=200)

        assert (question.version, question.max_words) == (1, 200)


def test_the_order_of_a_draft_changes_and_numbers_close_up(unit: Unit) -> None:
    with unit():
        consultation = draft("river-plans", "One?", "Two?", "Three?")
        _move_up(consultation.questions[2])
        _move_up(consultation.questions[0])
        assert numbers() == [(1, "One?"), (2, "Three?"), (3, "Two?")]
        _remove(consultation.questions[0])
        db.session.expire_all()

        assert numbers() == [(1, "Three?"), (2, "Two?")]


def test_numbers_that_people_see_are_names_and_stay(unit: Unit) -> None:
    with unit():
        consultation = opened("river-plans", "One?", "Two?")
        with pytest.raises(NumbersFixedError):
            _move_up(consultation.questions[1])
        _remove(consultation.questions[0])
        ask(consultation, "Three?")
        with pytest.raises(QuestionNotFoundError):
            remove_question(
                opened("other").questions[0].id,
                consultation_id=consultation.id,
                version=consultation.version,
                at=AT,
                actor=None,
            )
        db.session.expire_all()

        assert numbers() == [(2, "Two?"), (3, "Three?")]
        _remove(consultation.questions[0])
        with pytest.raises(NoQuestionsError):
            _remove(consultation.questions[0])


def test_nothing_is_asked_after_the_closing_or_by_a_stale_page(unit: Unit) -> None:
    """R11."""
    with unit():
        consultation = opened()
        with pytest.raises(StaleConsultationError):
            add_question(consultation.id, TEXT, version=consultation.version - 1, at=AT, actor=None)
        with pytest.raises(ClosedForQuestionsError):
            ask(consultation, at=consultation.closes_at + timedelta(seconds=1))
