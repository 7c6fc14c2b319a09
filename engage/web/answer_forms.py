"""The form by which a consultation is answered: a few fields for each question, shape and words only."""

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from flask_babel import gettext, lazy_gettext
from wtforms import Field, FileField, RadioField, SelectChoice, SelectMultipleField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from engage.consultations.enums import QuestionType
from engage.consultations.models import Consultation, Question
from engage.edge.forms import PublicForm, text_field
from engage.responses.services.answers import LONGEST_OTHER, Answer, offered
from engage.responses.services.senders import LONGEST_NAME
from engage.responses.services.sittings import LONGEST_BODY
from engage.web.naming_forms import WordsForm

F = TypeVar("F", bound=WordsForm)


class AnswerForm(WordsForm):
    """The questions of a consultation, any of them; `answer_form` adds their fields."""

    organisation = text_field(lazy_gettext("Your organisation"), limit=LONGEST_NAME)
    email = text_field(lazy_gettext("Your e-mail address"), limit=254)

    def answers(self) -> dict[int, Answer]:
        """Return what was given, by question number."""
        numbers = {
            int(name.partition("-")[2]) for name in self._fields if name.startswith(("answer-", "choice-", "media-"))
        }
        return {number: self._answer(number) for number in sorted(numbers)}

    def typed(self) -> dict[str, Any]:
        """Return what a draft keeps, by the names of the fields: no file, and no address, which it keeps apart."""
        left_out = {"submission_key", "email"}
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
        )

    def _typed(self, name: str) -> Any:
        return self[name].data if name in self else None


def answer_form(consultation: Consultation, typed: Mapping[str, Any] | None = None) -> AnswerForm:
    """Return the form of a consultation; `typed` fills it in, by the names of its fields.

    A question has `answer-<number>` for words, `choice-<number>` for options, whose values are their ids, and
    `other-<number>` for the words beside "other", `media-<number>` for a recording.
    """
    return make_answer_form(AnswerForm, consultation, typed)


def make_answer_form(form: type[F], consultation: Consultation, typed: Mapping[str, Any] | None) -> F:
    """Return any form for answers with the fields of a consultation's questions."""
    fields: dict[str, Field] = {}
    for question in consultation.questions:
        fields |= _fields(question)
    made: F = type(form.__name__, (form,), fields)(data=dict(typed or {}))
    return made


def _fields(question: Question) -> dict[str, Field]:
    number, options = question.number, offered(question)
    fields: dict[str, Field] = {}
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
