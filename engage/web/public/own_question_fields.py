"""The fields of an event's own questions, made for each form that asks them; names are `own-<id of the question>`."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from engage.bookings.enums import BookingQuestionKind
from engage.bookings.models import BookingQuestion
from engage.bookings.own_answers import LONGEST_ANSWER
from engage.edge.forms import PublicForm, cleaned, text_field

PREFIX = "own-"
REQUIRED = _l("This question needs an answer.")


class AskingForm(PublicForm):
    """A form that may ask an event's own questions besides what it asks anyway."""

    own_questions: Sequence[BookingQuestion] = ()

    def own_fields(self, *, required: bool) -> list[Field]:
        """Return the fields of the questions that must be answered, or of those that may be, in their order."""
        return [self[field_name(each)] for each in self.own_questions if each.is_required is required]

    def own_answers(self) -> dict[uuid.UUID, str]:
        """Return what was answered, by question."""
        given = {each.id: self[field_name(each)].data for each in self.own_questions}
        return {question_id: body for question_id, body in given.items() if body}


Form = TypeVar("Form", bound=AskingForm)


def asking(
    form: type[Form], questions: Sequence[BookingQuestion], earlier: Mapping[uuid.UUID, str] | None = None
) -> type[Form]:
    """Return a form's class with fields for an event's own questions; `earlier` answers stay possible."""
    if not questions:
        return form
    earlier = earlier or {}
    fields: dict[str, Any] = {field_name(each): _field(each, earlier.get(each.id)) for each in questions}
    return cast("type[Form]", type(form.__name__, (form,), {**fields, "own_questions": tuple(questions)}))


def was_asked() -> bool:
    """Tell whether the form that was sent asked own questions."""
    return any(name.startswith(PREFIX) for name in request.form)


def field_name(question: BookingQuestion) -> str:
    """Return the name of a question's field."""
    return f"{PREFIX}{question.id.hex}"


def _field(question: BookingQuestion, earlier: str | None) -> Field:
    if question.kind is BookingQuestionKind.TEXT:
        required = REQUIRED if question.is_required else None
        return text_field(question.text, limit=LONGEST_ANSWER, required=required, multiline=True)
    options = list(dict.fromkeys([*question.options, *([earlier] if earlier else [])]))

    def one_of_them(_form: PublicForm, field: Field) -> None:
        if field.data not in options:
            raise ValidationError(
                _("“%(answer)s” cannot be chosen here. Please choose again.", answer=field.data[:100])
            )

    return SelectField(
        question.text,
        choices=[SelectChoice("", _l("Choose an answer")), *(SelectChoice(option, option) for option in options)],
        validate_choice=False,
        filters=[cleaned()],
        validators=[DataRequired(REQUIRED) if question.is_required else Optional(), one_of_them],
    )
