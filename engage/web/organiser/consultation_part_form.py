"""What every form about a part of a consultation shares."""

from typing import Any, ClassVar, Self

from flask_babel import gettext as _
from wtforms import Field, HiddenField, SelectField
from wtforms.validators import ValidationError

from engage.consultations.models import Consultation
from engage.edge.forms import SignedInForm
from engage.web.organiser.event_forms import NUMBER


class PartForm(SignedInForm):
    """A part of a consultation: it carries which version of the whole its organiser saw, and what it began with.

    `compared` names the fields that are shown side by side where two people changed them (R11).
    """

    compared: ClassVar[tuple[str, ...]] = ()
    version = HiddenField()
    began = HiddenField()

    @classmethod
    def about(cls, consultation: Consultation, **options: Any) -> Self:
        """Return the form of a part of a consultation."""
        form = cls(**options)
        form.offer(consultation)
        return form

    def offer(self, consultation: Consultation) -> None:
        """Offer what can be chosen from the consultation."""

    def fill_from(self, part: Any) -> None:
        """Put a part into the form."""
        raise NotImplementedError


def is_number(_form: SignedInForm, field: Field) -> None:
    """Refuse what is no whole number."""
    if not NUMBER.fullmatch(field.data):
        raise ValidationError(_("Write a whole number in digits, such as 12."))


def from_list(label: object) -> Field:
    """Return a field that takes what its list offers, and says so otherwise."""
    return SelectField(label, choices=[], validate_choice=False, validators=[is_offered])


def is_offered(_form: SignedInForm, field: Field) -> None:
    """Refuse what is not in the list."""
    if field.data not in {choice.value for choice in field.choices}:
        raise ValidationError(_("Choose from the list."))
