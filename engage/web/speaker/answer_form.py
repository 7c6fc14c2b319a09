"""The form by which somebody answers whether they will speak."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from engage.edge.forms import PublicForm, text_field
from engage.events.enums import ANSWERS, AppearanceStatus
from engage.flows.speaking import LONGEST_WORDS


class AnswerForm(PublicForm):
    """One of three answers, and a few words if they like."""

    answer = RadioField(
        _l("Will you speak?"),
        choices=[
            SelectChoice("accepted", _l("Yes, I will be there")),
            SelectChoice("tentative", _l("Perhaps, I am not sure yet")),
            SelectChoice("declined", _l("No, I cannot")),
        ],
        validate_choice=False,
    )
    message = text_field(_l("A few words to the organisers"), limit=LONGEST_WORDS, multiline=True)

    def ask_to_chair(self) -> None:
        """Ask as a chair is asked."""
        self.answer.label.text = _("Will you chair it?")

    def validate_answer(self, field: Field) -> None:
        """One of the three."""
        if field.data not in ANSWERS:
            raise ValidationError(_("Choose one of the three answers."))

    def status(self) -> AppearanceStatus:
        """Return what was answered; the form must be valid."""
        return AppearanceStatus(self.answer.data)
