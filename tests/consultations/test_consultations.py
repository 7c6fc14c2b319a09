"""Consultations: numbered questions, frameworks whose counts are compared, drafts that nobody finds."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from engage.consultations.enums import ConsultationStatus
from engage.consultations.errors import (
    AddressTakenError,
    ConsultationNotFoundError,
    NoQuestionsError,
    QuestionNotFoundError,
)
from engage.consultations.queries import (
    all_consultations,
    get_consultation,
    get_question,
    open_consultations,
    public_consultations,
)
from engage.consultations.services import NewQuestion, create_consultation
from engage.kernel import clock as real_clock
from tests.responses.makers import open_consultation

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]


def test_a_framework_that_states_twelve_and_lists_two_says_so(unit: Unit) -> None:
    """Rule 11."""
    with unit():
        open_consultation()
        [framework] = get_consultation("levelling-up").frameworks

        assert (framework.stated_count, len(framework.themes), framework.counts_differ()) == (12, 2, True)


def test_questions_are_numbered_in_their_order_and_found_by_number(unit: Unit) -> None:
    with unit():
        open_consultation(questions=3)

        assert [q.number for q in get_consultation("levelling-up").questions] == [1, 2, 3]
        assert get_question("levelling-up", 2).text == "What about matter 2?"


@pytest.mark.parametrize("number", [0, -1, 4, 2**31, 2**63, 2**64, 10**40])
def test_a_number_that_no_question_has_is_not_found(unit: Unit, number: int) -> None:
    """S24: ids past 2^63 are no fault of ours."""
    with unit():
        open_consultation(questions=3)

        with pytest.raises(QuestionNotFoundError):
            get_question("levelling-up", number)


def test_a_draft_is_found_by_organisers_alone(unit: Unit) -> None:
    at = real_clock.now()
    with unit():
        create_consultation(
            "draft",
            title="Not yet",
            intro="",
            why_now="",
            opens_at=at,
            closes_at=at + timedelta(days=1),
            questions=[NewQuestion("Why?")],
            status=ConsultationStatus.DRAFT,
            at=at,
        )

        with pytest.raises(ConsultationNotFoundError):
            get_consultation("draft")
        assert (public_consultations(), open_consultations(at)) == ([], [])
        assert [c.slug for c in all_consultations()] == ["draft"]


def test_an_address_belongs_to_one_consultation_and_one_asks_something(unit: Unit) -> None:
    with unit():
        open_consultation()

        with pytest.raises(AddressTakenError):
            open_consultation()
        with pytest.raises(NoQuestionsError):
            open_consultation("empty", questions=0)
