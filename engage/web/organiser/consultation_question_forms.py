"""The form of a consultation's question: shape and words only."""

import uuid

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from engage.consultations.enums import QuestionType
from engage.consultations.models import Consultation, Question
from engage.consultations.services import QuestionDetails
from engage.consultations.services.questions import LONGEST_TEXT
from engage.edge.forms import text_field
from engage.web.organiser.consultation_part_form import PartForm, is_number


class QuestionForm(PartForm):
    """A question, how it is answered, and what becomes of the answers."""

    compared = (
        "text",
        "help",
        "type",
        "options",
        "other",
        "required",
        "max_words",
        "allows_text",
        "allows_audio",
        "allows_video",
        "media_min_s",
        "media_max_s",
        "is_confidential",
        "themes",
    )
    text = text_field(_l("The question"), limit=LONGEST_TEXT, required=_l("Write the question."))
    help = text_field(_l("Help with answering"), limit=2000, multiline=True)
    type = RadioField(
        _l("How is it answered?"),
        choices=[
            SelectChoice(QuestionType.OPEN.value, _l("In words of their own")),
            SelectChoice(QuestionType.SINGLE.value, _l("By choosing one of several")),
            SelectChoice(QuestionType.MULTI.value, _l("By choosing as many as they like")),
            SelectChoice(QuestionType.SCALE.value, _l("By a place on a scale")),
        ],
        default=QuestionType.OPEN.value,
        validate_choice=False,
    )
    options = text_field(_l("What can be chosen"), limit=10_000, multiline=True)
    other = text_field(_l("One more, with room for words"), limit=300)
    required = BooleanField(_l("It must be answered"))
    allows_text = BooleanField(_l("In writing"), default=True)
    allows_audio = BooleanField(_l("By audio"), default=True)
    allows_video = BooleanField(_l("By video"), default=True)
    max_words = text_field(_l("Most words"), limit=9, validators=[Optional(), is_number])
    media_min_s = text_field(_l("Shortest recording"), limit=9, validators=[DataRequired(), is_number], default="60")
    media_max_s = text_field(_l("Longest recording"), limit=9, validators=[DataRequired(), is_number], default="120")
    is_confidential = BooleanField(_l("The answers are confidential: they are never published"))
    themes = SelectMultipleField(
        _l("What is it about?"),
        choices=[],
        validate_choice=False,
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )

    def offer(self, consultation: Consultation) -> None:
        """Offer what the consultation's frameworks list; of several frameworks each is named."""
        several = len(consultation.frameworks) > 1
        self.themes.choices = [
            SelectChoice(str(theme.id), f"{framework.title}: {theme.title}" if several else theme.title)
            for framework in consultation.frameworks
            for theme in framework.themes
        ]

    def validate_themes(self, field: Field) -> None:
        """Refuse what cannot be one; whether it is listed is the service's to say."""
        try:
            _ids(field.data)
        except ValueError:
            raise ValidationError(_("Choose from the list.")) from None

    def validate_type(self, field: Field) -> None:
        """One of the four."""
        if field.data not in set(QuestionType):
            raise ValidationError(_("Choose one of the four."))

    def fill_from(self, question: Question) -> None:
        """Put a question into the form."""
        offered = [option for option in question.options if option.retired_at is None]
        self.text.data, self.help.data, self.type.data = question.text, question.help, question.type.value
        self.options.data = "\n".join(option.text for option in offered if not option.is_other)
        self.other.data = next((option.text for option in offered if option.is_other), "")
        self.required.data, self.is_confidential.data = question.required, question.is_confidential
        self.allows_text.data, self.allows_audio.data = question.allows_text, question.allows_audio
        self.allows_video.data = question.allows_video
        self.max_words.data = "" if question.max_words is None else str(question.max_words)
        self.media_min_s.data, self.media_max_s.data = str(question.media_min_s), str(question.media_max_s)
        about = {str(theme.id) for theme in question.themes}
        self.themes.data = [choice.value for choice in self.themes.choices if choice.value in about]

    def details(self) -> QuestionDetails:
        """Return what the services take; the form must be valid."""
        return QuestionDetails(
            text=self.text.data,
            type=QuestionType(self.type.data),
            help=self.help.data or "",
            options=tuple((self.options.data or "").splitlines()),
            other=self.other.data or "",
            required=self.required.data,
            max_words=int(self.max_words.data) if self.max_words.data else None,
            allows_text=self.allows_text.data,
            allows_audio=self.allows_audio.data,
            allows_video=self.allows_video.data,
            media_min_s=int(self.media_min_s.data),
            media_max_s=int(self.media_max_s.data),
            is_confidential=self.is_confidential.data,
            themes=_ids(self.themes.data),
        )


def _ids(values: list[str] | None) -> frozenset[uuid.UUID]:
    return frozenset(map(uuid.UUID, values or ()))
