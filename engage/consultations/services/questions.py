"""The questions of a consultation: asked, put into words, put in order, taken out."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from engage.consultations.enums import ConsultationPhase, QuestionType
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
    ThemeNotListedError,
    TooManyQuestionsError,
    WordLimitError,
)
from engage.consultations.models import Consultation, Question, QuestionOption, QuestionVersion, Theme
from engage.consultations.queries import question_says, themes_of
from engage.consultations.services.life import NOT_OPEN_YET, lock_changeable, note_change
from engage.kernel.db import db
from engage.kernel.text import clean

MOST_QUESTIONS = 60
LONGEST_TEXT = 1000
LONGEST_OPTION = 300
FEWEST_OPTIONS, MOST_OPTIONS, MOST_PLACES = 2, 30, 11  # a scale from 0 to 10 has eleven places
FEWEST_WORDS, MOST_WORDS = 5, 800
SHORTEST_S, LONGEST_S = 5, 300


@dataclass(frozen=True)
class QuestionDetails:
    """A question as its organiser writes it.

    `options` are what can be chosen, of a scale its places from first to last; `other` is one more option that takes
    words besides. Lengths of a recording are in seconds. `themes` are the ids of what it is about.
    """

    text: str
    type: QuestionType = QuestionType.OPEN
    help: str = ""
    options: tuple[str, ...] = ()
    other: str = ""
    required: bool = False
    max_words: int | None = None
    allows_text: bool = True
    allows_audio: bool = True
    allows_video: bool = True
    media_min_s: int = 60
    media_max_s: int = 120
    is_confidential: bool = False
    themes: frozenset[uuid.UUID] = frozenset()

    def checked_options(self) -> list[tuple[str, bool]]:
        """Return what can be chosen and whether it takes words besides; nothing for open. Raises OptionsError."""
        if self.type is QuestionType.OPEN:
            return []
        options = [(text, False) for text in map(clean, self.options) if text]
        other = clean(self.other)
        if other and self.type is not QuestionType.SCALE:
            options.append((other, True))
        most = MOST_PLACES if self.type is QuestionType.SCALE else MOST_OPTIONS
        texts = {text.casefold() for text, _ in options}
        right = FEWEST_OPTIONS <= len(options) <= most and len(texts) == len(options)
        if not right or any(len(text) > LONGEST_OPTION for text, _ in options):
            raise OptionsError(fewest=FEWEST_OPTIONS, most=most, longest=LONGEST_OPTION)
        return options

    def checked(self) -> dict[str, object]:
        """Return the columns but those that words are in.

        Raises NoWayToAnswerError, WordLimitError, RecordingLimitsError.
        """
        allowed = self.allows_text, self.allows_audio, self.allows_video
        if self.type is QuestionType.OPEN and not any(allowed):
            raise NoWayToAnswerError
        if self.max_words is not None and not FEWEST_WORDS <= self.max_words <= MOST_WORDS:
            raise WordLimitError(fewest=FEWEST_WORDS, most=MOST_WORDS)
        if not SHORTEST_S <= self.media_min_s <= self.media_max_s <= LONGEST_S:
            raise RecordingLimitsError(shortest=SHORTEST_S, longest=LONGEST_S)
        names = ("type", "required", "max_words", "allows_text", "allows_audio", "allows_video")
        return {name: getattr(self, name) for name in (*names, "media_min_s", "media_max_s", "is_confidential")}


def add_question(
    consultation_id: uuid.UUID, details: QuestionDetails, *, version: int, at: datetime, actor: uuid.UUID | None
) -> Question:
    """Ask one more question, with the next number.

    Raises QuestionTextError, OptionsError, TooManyQuestionsError, ClosedForQuestionsError, ThemeNotListedError, what
    `QuestionDetails.checked` and `lock_changeable` raise.
    """
    text, help_ = _words(details)
    options, columns = details.checked_options(), details.checked()
    consultation = lock_changeable(consultation_id, version=version)
    _refuse_closed(consultation, at)
    if len(consultation.questions) >= MOST_QUESTIONS:
        raise TooManyQuestionsError(most=MOST_QUESTIONS)
    number = 1 + max((question.number for question in consultation.questions), default=0)
    themes = _listed(consultation, details.themes)
    question = Question(number=number, text=text, help=help_, themes=themes, **columns)
    question.options = [
        QuestionOption(position=position, text=text, is_other=is_other)
        for position, (text, is_other) in enumerate(options, start=1)
    ]
    consultation.questions.append(question)
    note_change(consultation, "add_question", at=at, actor=actor, after={"question": number})
    return question


def change_question(
    question_id: uuid.UUID,
    details: QuestionDetails,
    *,
    consultation_id: uuid.UUID,
    version: int,
    at: datetime,
    actor: uuid.UUID | None,
) -> bool:
    """Put a question into other words, or ask it in another way; False if nothing was different.

    One that was answered keeps its kind and whether its answers are confidential (P28), and what was chosen before
    stays chosen. Once people can answer, other words are another version of it: somebody may be typing below the words
    of before. What it is about can change at any time. Raises QuestionKindLockedError, ConfidentialLockedError, and
    what `add_question` raises.
    """
    text, help_ = _words(details)
    options, columns = details.checked_options(), details.checked()
    consultation = lock_changeable(consultation_id, version=version)
    question = _of(consultation, question_id)
    if question.locked_at is not None:
        if details.type is not question.type:
            raise QuestionKindLockedError
        if details.is_confidential is not question.is_confidential:
            raise ConfidentialLockedError
    said = question_says(question)
    asked = [(option.text, option.is_other) for option in question.options if option.retired_at is None]
    reworded = (said.text, said.help) != (text, help_) or asked != options
    columns["themes"] = _listed(consultation, details.themes)
    changed = sorted(name for name, value in columns.items() if getattr(question, name) != value)
    if not reworded and not changed:
        return False
    if reworded and (question.locked_at is not None or consultation.phase(at) not in NOT_OPEN_YET):
        kept = {"text": said.text, "help": said.help, "options": list(said.options)}
        db.session.add(QuestionVersion(question_id=question.id, version=question.version, replaced_at=at, **kept))
        question.version += 1
    question.text, question.help = text, help_
    for name in changed:
        setattr(question, name, columns[name])
    if asked != options:
        _set_options(question, options, at=at)
    after = {"question": question.number, "changed": changed, "reworded": reworded}
    note_change(consultation, "change_question", at=at, actor=actor, after=after)
    return True


def move_question_up(
    question_id: uuid.UUID, *, consultation_id: uuid.UUID, version: int, at: datetime, actor: uuid.UUID | None
) -> None:
    """Ask a question before the one that stands before it; the first one stays where it is.

    Raises NumbersFixedError once people can see the numbers, and what `lock_changeable` raises.
    """
    consultation = lock_changeable(consultation_id, version=version)
    question = _of(consultation, question_id)
    if consultation.phase(at) is not ConsultationPhase.DRAFT:
        raise NumbersFixedError
    before = next((q for q in reversed(consultation.questions) if q.number < question.number), None)
    if before is None:
        return
    number, place = question.number, before.number
    before.number = max(q.number for q in consultation.questions) + 1
    db.session.flush()
    question.number = place
    db.session.flush()
    before.number = number
    note_change(consultation, "move_question", at=at, actor=actor, after={"question": place})
    db.session.expire(consultation, ["questions"])


def remove_question(
    question_id: uuid.UUID, *, consultation_id: uuid.UUID, version: int, at: datetime, actor: uuid.UUID | None
) -> None:
    """Ask a question no more that nobody has answered; those after it move up while it is a draft.

    Raises QuestionLockedError, NoQuestionsError of the last one that people see, ClosedForQuestionsError, and what
    `lock_changeable` raises.
    """
    consultation = lock_changeable(consultation_id, version=version)
    question = _of(consultation, question_id)
    if question.locked_at is not None:
        raise QuestionLockedError
    _refuse_closed(consultation, at)
    is_draft = consultation.phase(at) is ConsultationPhase.DRAFT
    if len(consultation.questions) == 1 and not is_draft:
        raise NoQuestionsError
    number = question.number
    consultation.questions.remove(question)
    db.session.flush()
    if is_draft:
        for later in consultation.questions[number - 1 :]:
            later.number -= 1
            db.session.flush()  # one after another: two may not have one number
    note_change(consultation, "remove_question", at=at, actor=actor, after={"question": number})


def _of(consultation: Consultation, question_id: uuid.UUID) -> Question:
    """Return a question of the consultation, held until the transaction ends, so that an answer waits for it."""
    if all(question.id != question_id for question in consultation.questions):
        raise QuestionNotFoundError
    return db.session.get_one(Question, question_id, with_for_update=True, populate_existing=True)


def _listed(consultation: Consultation, theme_ids: frozenset[uuid.UUID]) -> list[Theme]:
    """Return what a question is about, as its relationship is ordered. Raises ThemeNotListedError."""
    themes = [theme for theme in themes_of(consultation) if theme.id in theme_ids]
    if len(themes) < len(theme_ids):
        raise ThemeNotListedError
    return sorted(themes, key=lambda theme: (theme.framework_id, theme.number))


def _words(details: QuestionDetails) -> tuple[str, str | None]:
    text, help_ = clean(details.text), clean(details.help, multiline=True)
    if not text or len(text) > LONGEST_TEXT:
        raise QuestionTextError(longest=LONGEST_TEXT)
    return text, help_ or None


def _refuse_closed(consultation: Consultation, at: datetime) -> None:
    if consultation.phase(at) not in (*NOT_OPEN_YET, ConsultationPhase.OPEN):
        raise ClosedForQuestionsError


def _set_options(question: Question, options: list[tuple[str, bool]], *, at: datetime) -> None:
    """Keep options by their words; one that is not offered any more is retired once the question was answered."""
    there = {(option.text, option.is_other): option for option in question.options}
    gone = [option for key, option in there.items() if key not in set(options)]
    if question.locked_at is None:
        for option in gone:
            question.options.remove(option)
        gone = []
    beyond = len(there) + len(options)
    for place, option in enumerate(question.options, start=1):
        option.position = beyond + place  # out of the way: two may not have one position
    db.session.flush()
    for place, (text, is_other) in enumerate(options, start=1):
        option = there.get((text, is_other)) or QuestionOption(text=text, is_other=is_other)
        option.position, option.retired_at = place, None
        if (text, is_other) not in there:
            question.options.append(option)
    for place, option in enumerate(gone, start=len(options) + 1):
        option.position, option.retired_at = place, option.retired_at or at
