"""Answers of every type: what is stored, what is refused beside which field, and what a confidential one allows."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from engage.consultations.models import Consultation
from engage.consultations.queries import get_any_consultation
from engage.kernel import clock
from engage.kernel.errors import InvalidError
from engage.kernel.settings import Site
from engage.responses.enums import Purpose, ResponseKind
from engage.responses.errors import (
    AnswerNeededError,
    ChoiceNotOfferedError,
    NothingWrittenError,
    NotInWordsError,
    OneChoiceOnlyError,
    OtherNotChosenError,
    OtherWordsNeededError,
    TooLongError,
    TooManyWordsError,
)
from engage.responses.models import Response
from engage.responses.services import Answer
from tests.responses.makers import answer, ask_everything, open_consultation, responses_of

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
SHORT = Answer("Four words are enough.")


@pytest.fixture
def options(unit: Unit) -> dict[str, Answer]:
    """Ask something of every type; returns the answer that chooses each option alone."""
    with unit():
        found = ask_everything(open_consultation())
        return {words: Answer(options=frozenset({option.id})) for words, option in found.items()}


def _consultation() -> Consultation:
    return get_any_consultation("levelling-up")


def both(first: Answer, second: Answer, *, other: str = "") -> Answer:
    return Answer(options=first.options | second.options, other=other)


def test_a_sitting_holds_an_answer_of_every_type_with_the_version_that_was_asked_and_locks_the_questions(
    unit: Unit, site: Site, options: dict[str, Answer]
) -> None:
    with unit():
        consultation = _consultation()
        consultation.questions[2].version = 3
        given = {
            1: options["No"],
            2: both(options["Buses"], options["Other"], other="  Boats "),
            3: Answer("It depends.", options["Partly"].options),
            5: SHORT,
        }
        code = answer(consultation, site=site, answers=given)
    with unit():
        questions = {question.id: question for question in _consultation().questions}
        stored = {questions[r.question_id].number: r for r in responses_of(code) if r.question_id}
        texts = {option.id: option.text for question in questions.values() for option in question.options}

        assert {number: response.kind for number, response in stored.items()} == {
            1: ResponseKind.CHOICE,
            2: ResponseKind.CHOICE,
            3: ResponseKind.CHOICE,
            5: ResponseKind.ANSWER,
        }
        assert {number: response.body for number, response in stored.items()} == {
            1: "",
            2: "",
            3: "It depends.",
            5: SHORT.body,
        }
        assert {
            number: {(texts[choice.option_id], choice.other_text) for choice in response.choices}
            for number, response in stored.items()
        } == {1: {("No", None)}, 2: {("Buses", None), ("Other", "Boats")}, 3: {("Partly", None)}, 5: set()}
        assert {number: response.question_version for number, response in stored.items()} == {1: 1, 2: 1, 3: 3, 5: 1}
        day = datetime.combine(clock.now().date(), datetime.min.time(), UTC)
        assert [question.locked_at for question in questions.values()] == [day, day, day, None, day]


def test_a_confidential_answer_may_go_nowhere_whatever_the_sitting_agreed_to(
    unit: Unit, site: Site, options: dict[str, Answer]
) -> None:
    """P14: by construction, since no consent is stored for it."""
    with unit():
        code = answer(_consultation(), site=site, answers={4: "They moved us.", 5: SHORT})
        told: dict[str, Response] = {response.body: response for response in responses_of(code)}

        assert not any(told["They moved us."].allows(purpose) for purpose in Purpose)
        assert all(told[SHORT.body].allows(Purpose(consent.purpose)) for consent in told[SHORT.body].consents)
        assert told[SHORT.body].consents


def test_what_must_be_answered_is_asked_for_and_the_rest_is_not(
    unit: Unit, site: Site, options: dict[str, Answer]
) -> None:
    with unit(), pytest.raises(AnswerNeededError) as refused:
        answer(_consultation(), site=site, answers={1: options["Yes"], 5: " "})
    assert refused.value.field == "answer-5"
    with unit():
        assert len(responses_of(answer(_consultation(), site=site, answers={5: SHORT}))) == 1


@pytest.mark.parametrize(
    ("number", "make", "error", "field"),
    [
        (1, lambda o: both(o["Yes"], o["No"]), OneChoiceOnlyError, "choice-1"),
        (3, lambda o: both(o["Partly"], o["Fully"]), OneChoiceOnlyError, "choice-3"),
        (1, lambda o: o["Buses"], ChoiceNotOfferedError, "choice-1"),
        (4, lambda o: o["Yes"], ChoiceNotOfferedError, "choice-4"),
        (1, lambda o: Answer("Yes, but", o["Yes"].options), NotInWordsError, None),
        (2, lambda o: o["Other"], OtherWordsNeededError, "other-2"),
        (2, lambda o: Answer(options=o["Other"].options, other=" \u200b"), OtherWordsNeededError, "other-2"),
        (2, lambda o: Answer(options=o["Buses"].options, other="Boats"), OtherNotChosenError, "other-2"),
        (2, lambda o: Answer(options=o["Other"].options, other="x" * 501), TooLongError, "other-2"),
        (4, lambda _: Answer("x" * 5001), TooLongError, "answer-4"),
        (5, lambda _: Answer("These are five words\tnow"), TooManyWordsError, "answer-5"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_refused_beside_its_field(
    unit: Unit,
    site: Site,
    options: dict[str, Answer],
    *,
    number: int,
    make: Callable[[dict[str, Answer]], Answer],
    error: type[InvalidError],
    field: str | None,
) -> None:
    with unit(), pytest.raises(error) as refused:
        answer(_consultation(), site=site, answers={5: SHORT, number: make(options)})
    assert getattr(refused.value, "field", None) == field


def test_an_option_that_is_retired_cannot_be_chosen_any_more(
    unit: Unit, site: Site, options: dict[str, Answer]
) -> None:
    with unit():
        next(iter(_consultation().questions[0].options)).retired_at = clock.now()
    with unit(), pytest.raises(ChoiceNotOfferedError):
        answer(_consultation(), site=site, answers={1: options["Yes"], 5: SHORT})


def test_an_empty_sitting_is_no_sitting(unit: Unit, site: Site, options: dict[str, Answer]) -> None:
    with unit():
        _consultation().questions[4].required = False
    with unit(), pytest.raises(NothingWrittenError) as refused:
        answer(_consultation(), site=site, answers={1: Answer(), 2: Answer(" ")})
    assert refused.value.field == "choice-1"
