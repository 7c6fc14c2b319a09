"""The form by which a consultation is answered: a few fields for each question, shape and words only."""

import re
import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import Field, FileField, HiddenField, RadioField, SelectChoice, SelectMultipleField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from engage.consultations.enums import QuestionType
from engage.consultations.models import Consultation, Question
from engage.consultations.queries import QuestionWords, question_said
from engage.edge.forms import PublicForm, text_field
from engage.kernel.text import clean
from engage.responses.services.answers import LONGEST_OTHER, Answer, offered
from engage.responses.services.senders import LONGEST_NAME
from engage.responses.services.sittings import LONGEST_BODY
from engage.web.naming_forms import WordsForm

F = TypeVar("F", bound="AnswerForm")
WORDS = re.compile("(?:answer|other)-([1-9][0-9]{0,3})")
VERSION = re.compile("[1-9][0-9]{0,8}")


class AnswerForm(WordsForm):
    """The questions of a consultation, any of them; `answer_form` adds their fields.

    `not_asked` are words, by question number, that were typed for a field that is not asked for any more.
    """

    organisation = text_field(lazy_gettext("Your organisation"), limit=LONGEST_NAME)
    email = text_field(lazy_gettext("Your e-mail address"), limit=254)

    def __init__(self, **options: Any) -> None:
        """Begin with everything asked for; `make_answer_form` knows better."""
        super().__init__(**options)
        self.not_asked: dict[int, str] = {}

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields; words for what is not asked any more are shown once, so that nobody loses them (R35)."""
        good = super().validate(extra_validators)
        if self.not_asked:
            self.form_errors.append(
                gettext("Something that you answered is not asked in this way any more. Your words for it stand below.")
            )
        return bool(good) and not self.not_asked

    def answers(self) -> dict[int, Answer]:
        """Return what was given, by question number."""
        numbers = {
            int(name.partition("-")[2]) for name in self._fields if name.startswith(("answer-", "choice-", "media-"))
        }
        return {number: self._answer(number) for number in sorted(numbers)}

    def typed(self) -> dict[str, Any]:
        """Return what a draft keeps, by the names of the fields: no file, and no address, which it keeps apart."""
        left_out = {"submission_key", "email", "version", "began"}
        return {
            name: field.data
            for name, field in self._fields.items()
            if name not in left_out and not name.startswith("media-")
        }

    def _answer(self, number: int) -> Answer:
        chosen = self._typed(f"choice-{number}")
        ids = [chosen] if isinstance(chosen, str) else chosen or []
        return Answer(
            self._typed(f"answer-{number}") or "",
            frozenset(uuid.UUID(each) for each in ids if each),
            self._typed(f"other-{number}") or "",
            self.recordings.get(f"media-{number}"),
            _version(self._typed(f"seen-{number}")),
        )

    def reworded(self, consultation: Consultation) -> dict[int, QuestionWords | None]:
        """Return what questions that were answered said when their page was opened, where they say something else now.

        By number; None where it is not known. From then on the form is one of what they say now.
        """
        found: dict[int, QuestionWords | None] = {}
        for question in consultation.questions:
            number = question.number
            seen = _version(self._typed(f"seen-{number}"))
            if seen in (None, question.version):
                continue
            if self._answer(number).is_given:
                found[number] = question_said(question, seen or 0)
            self[f"seen-{number}"].data = str(question.version)
        return found

    def _typed(self, name: str) -> Any:
        return self[name].data if name in self else None


def answer_form(consultation: Consultation, typed: Mapping[str, Any] | None = None) -> AnswerForm:
    """Return the form of a consultation; `typed` fills it in, by the names of its fields.

    A question has `answer-<number>` for words, `choice-<number>` for options, whose values are their ids, and
    `other-<number>` for the words beside "other", `media-<number>` for a recording, `seen-<number>` for the version
    of the question that stood on the page.
    """
    return make_answer_form(AnswerForm, consultation, typed)


def make_answer_form(form: type[F], consultation: Consultation, typed: Mapping[str, Any] | None, **options: Any) -> F:
    """Return any form for answers with the fields of a consultation's questions."""
    fields: dict[str, Field] = {}
    for question in consultation.questions:
        fields |= _fields(question)
    made: F = type(form.__name__, (form,), fields)(data=dict(typed or {}), **options)
    made.not_asked = _not_asked(made, typed or (request.form if request.method == "POST" else {}))
    return made


def _not_asked(form: AnswerForm, typed: Mapping[str, Any]) -> dict[int, str]:
    """Return the words for fields that the form does not have, by the number of their question.

    What came without the version of its question is from no page of ours: it is not looked at (S22).
    """
    found: dict[int, str] = {}
    for name, words in typed.items():
        match = WORDS.fullmatch(name)
        if (
            match
            and name not in form
            and f"seen-{match[1]}" in typed
            and isinstance(words, str)
            and clean(words, multiline=True)
        ):
            found[int(match[1])] = clean(words, multiline=True)[:LONGEST_BODY]
    return found


def _version(text: str | None) -> int | None:
    """Return a version as a form carries it; 0, which no question has, for what is none."""
    if text is None:
        return None
    return int(text) if VERSION.fullmatch(text) else 0


def _fields(question: Question) -> dict[str, Field]:
    number, options = question.number, offered(question)
    fields: dict[str, Field] = {f"seen-{number}": HiddenField(default=str(question.version))}
    label = lazy_gettext("Your answer to question %(number)s", number=number)
    if question.type is not QuestionType.OPEN:
        fields[f"choice-{number}"] = _choice(question, label)
        label = lazy_gettext("Your words on question %(number)s", number=number)
    if any(option.is_other for option in options):
        words = lazy_gettext("What you mean by it, in question %(number)s", number=number)
        fields[f"other-{number}"] = text_field(words, limit=LONGEST_OTHER)
    if question.allows_video:
        fields[f"media-{number}"] = FileField(
            lazy_gettext("Or answer question %(number)s by video or voice", number=number)
        )
    elif question.allows_audio:
        fields[f"media-{number}"] = FileField(lazy_gettext("Or answer question %(number)s by voice", number=number))
    if question.allows_text:
        fields[f"answer-{number}"] = text_field(label, limit=LONGEST_BODY, multiline=True)
    return fields


def _choice(question: Question, label: Any) -> Field:
    choices = [SelectChoice(str(option.id), option.text) for option in offered(question)]
    if question.type is QuestionType.MULTI:
        return SelectMultipleField(
            label,
            choices=choices,
            validators=[_an_option],
            validate_choice=False,
            widget=ListWidget(),
            option_widget=CheckboxInput(),
        )
    if not question.required:  # a choice can be taken back without scripts
        choices.append(SelectChoice("", lazy_gettext("No answer")))
    return RadioField(label, choices=choices, default="", validators=[_an_option], validate_choice=False)


def _an_option(_form: PublicForm, field: Field) -> None:
    """Refuse what cannot be an option; whether it is one of the question's own is the service's to say."""
    chosen = [field.data] if isinstance(field.data, str) else field.data or []
    try:
        for each in filter(None, chosen):
            uuid.UUID(each)
    except ValueError:
        raise ValidationError(gettext("Choose one of the options.")) from None
