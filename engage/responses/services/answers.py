"""What an answer may be: each type of question has its shape, and its limits are kept here alone."""

import uuid
from dataclasses import dataclass

from engage.consultations.enums import QuestionType
from engage.consultations.models import Question, QuestionOption
from engage.kernel.text import clean
from engage.media.enums import MediaKind
from engage.media.errors import MediaNotTakenError
from engage.media.services import Given
from engage.media.storage import Kept
from engage.responses.enums import ResponseKind
from engage.responses.errors import (
    AnswerNeededError,
    ChoiceNotOfferedError,
    NotInWordsError,
    OneChoiceOnlyError,
    OtherNotChosenError,
    OtherWordsNeededError,
    QuestionRewordedError,
    TooLongError,
    TooManyWordsError,
)
from engage.responses.services.sittings import Chosen, Piece, body_of

LONGEST_OTHER = 500


@dataclass(frozen=True)
class Answer:
    """An answer to one question as it was given: words, the ids of options, the words beside "other", a recording.

    `seen_version` is the version of the question that its writer saw, where the form said so.
    """

    body: str = ""
    options: frozenset[uuid.UUID] = frozenset()
    other: str = ""
    recording: Kept | None = None
    seen_version: int | None = None

    @property
    def is_given(self) -> bool:
        """Whether there is anything."""
        return bool(self.body.strip() or self.options or self.other.strip() or self.recording)


def count_words(text: str) -> int:
    """Return how many words a text has: what stands between spaces."""
    return len(text.split())


def piece_of(question: Question, answer: Answer, *, on_paper: bool = False) -> Piece | None:
    """Return what is stored of an answer; None for an empty one.

    What came on paper is taken as it came: it may leave out what has to be answered, and be longer than was asked.
    An answer is kept with the version that its writer saw, so one to words of before is not taken: they are to see the
    new ones first. Raises QuestionRewordedError, and the InvalidError that names the field which cannot be used:
    `answer-`, `choice-` or `other-<number>`.
    """
    if answer.is_given and answer.seen_version not in (None, question.version):
        raise QuestionRewordedError(first_field(question), number=question.number)
    body = words_for(question, answer.body, field=f"answer-{question.number}", on_paper=on_paper)
    chosen = _chosen(question, answer)
    recording = _recording(question, answer.recording)
    if not body and not chosen and recording is None:
        if question.required and not on_paper:
            raise AnswerNeededError(first_field(question))
        return None
    return Piece(
        ResponseKind.ANSWER if question.type is QuestionType.OPEN else ResponseKind.CHOICE,
        body,
        question.consultation_id,
        question.id,
        question_version=question.version,
        chosen=chosen,
        is_confidential=question.is_confidential,
        recording=recording,
    )


def first_field(question: Question) -> str:
    """Return the name of the field that a question is answered by first."""
    return f"{'answer' if question.type is QuestionType.OPEN else 'choice'}-{question.number}"


def offered(question: Question) -> list[QuestionOption]:
    """Return the options that can be chosen now, in their order."""
    return [option for option in question.options if option.retired_at is None]


def words_for(question: Question, text: str, *, field: str, on_paper: bool = False) -> str:
    """Return the words of an answer as they are kept. Raises TooLongError, NotInWordsError, TooManyWordsError."""
    body = body_of(text, field=field)
    if body and not question.allows_text:
        raise NotInWordsError(number=question.number)
    words = count_words(body)
    if question.max_words is not None and words > question.max_words and not on_paper:
        raise TooManyWordsError(field, words=words, limit=question.max_words)
    return body


def _recording(question: Question, kept: Kept | None) -> Given | None:
    """Return what is taken in of a recording; where only a voice is asked for, no face is kept."""
    if kept is None:
        return None
    if not question.allows_audio and not question.allows_video:
        raise MediaNotTakenError
    kind = MediaKind.VIDEO if question.allows_video else MediaKind.AUDIO
    return Given(kept, kind, question.media_min_s, question.media_max_s)


def _chosen(question: Question, answer: Answer) -> tuple[Chosen, ...]:
    field, other_field = f"choice-{question.number}", f"other-{question.number}"
    options = [option for option in offered(question) if option.id in answer.options]
    if len(options) < len(answer.options):
        raise ChoiceNotOfferedError(field)
    if len(options) > 1 and question.type is not QuestionType.MULTI:
        raise OneChoiceOnlyError(field)
    other = clean(answer.other)
    if len(other) > LONGEST_OTHER:
        raise TooLongError(other_field, length=len(other), limit=LONGEST_OTHER)
    takes_words = any(option.is_other for option in options)
    if other and not takes_words:
        raise OtherNotChosenError(other_field)
    if takes_words and not other:
        raise OtherWordsNeededError(other_field)
    return tuple(Chosen(option.id, other if option.is_other else None) for option in options)
