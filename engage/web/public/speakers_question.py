"""A question to the speakers: its fields, on a page of its own and on the form that books a place."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectChoice
from wtforms.validators import ValidationError

from engage.edge.forms import PublicForm, text_field
from engage.responses.consents import QUESTION_WORDING
from engage.responses.enums import Attribution
from engage.responses.services import Naming

LONGEST = 1000


def question_field(label: Any, *, required: Any = None) -> Field:
    """Return the field for the question itself."""
    return text_field(label, limit=LONGEST, multiline=True, required=required)


def attribution_field() -> Field:
    """Return the choice whether a name is shown with it."""
    return RadioField(
        _l("What name shall we show with your question?"),
        choices=[
            SelectChoice(Attribution.NOT_PUBLISHED.value, _l("No name shown")),
            SelectChoice(Attribution.NAMED.value, _l("My name")),
        ],
        default=Attribution.NOT_PUBLISHED.value,
        validate_choice=False,
        validators=[_is_one_of_the_two],
    )


def _is_one_of_the_two(_form: PublicForm, field: Field) -> None:
    """Refuse any other way: nothing is taken for less than it says, such as for anonymous."""
    if field.data not in {choice.value for choice in field.choices}:
        raise ValidationError(gettext("Choose one of these ways of being named."))


def publish_field() -> Field:
    """Return the box for its one use; it is not ticked."""
    return BooleanField(_l(QUESTION_WORDING))


def naming_of(attribution: str | None, name: str) -> Naming:
    """Return how somebody is named who chose to show their name, or anything else."""
    is_named = attribution == Attribution.NAMED.value
    return Naming(Attribution.NAMED, name) if is_named else Naming(Attribution.NOT_PUBLISHED)
