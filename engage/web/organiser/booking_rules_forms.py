"""The forms of how people book: shape and words only."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from engage.bookings.enums import BookingQuestionKind
from engage.bookings.models import BookingQuestion
from engage.bookings.own_questions import QuestionDraft
from engage.edge.forms import SignedInForm, text_field
from engage.events.models import Event, PlaceGroup
from engage.events.services import BookingRules
from engage.web.organiser.event_forms import is_number, one_line
from engage.web.organiser.moments import MomentForm, RequiredMomentForm


class RulesForm(MomentForm):
    """The waiting list, places shown or hidden, and until when members come first (nothing: everybody books)."""

    waiting_list = BooleanField(_l("When every place is taken, people can join a waiting list"))
    places_shown = BooleanField(_l("Everybody sees how many places are left"))
    version = HiddenField()

    def fill_from(self, event: Event) -> None:
        """Put an event's rules into the form."""
        self.waiting_list.data, self.places_shown.data = event.waiting_list, event.places_shown
        self.fill_moment(event.members_only_until, event.timezone)
        self.version.data = str(event.version)

    def rules(self) -> BookingRules:
        """Return what the service takes; the form must be valid."""
        return BookingRules(self.waiting_list.data, self.places_shown.data, self.moment())


class GroupForm(RequiredMomentForm):
    """Places that are kept for a group until a moment."""

    name = text_field(_l("Name of the group"), limit=100, required=_l("Give the group a name."))
    places = one_line(_l("Places kept"), required=_l("Say how many places are kept."), check=is_number)
    version = HiddenField()

    def fill_from(self, group: PlaceGroup, event: Event) -> None:
        """Put a group into the form."""
        self.name.data, self.places.data = group.name, str(group.places)
        self.fill_moment(group.release_at, event.timezone)
        self.version.data = str(event.version)


class QuestionForm(SignedInForm):
    """A question of the booking form."""

    text = text_field(_l("The question"), limit=300, required=_l("Write the question."))
    kind = RadioField(
        _l("How is it answered?"),
        choices=[
            SelectChoice(BookingQuestionKind.TEXT.value, _l("In words of their own")),
            SelectChoice(BookingQuestionKind.CHOICE.value, _l("By choosing one of the answers below")),
        ],
        default=BookingQuestionKind.TEXT.value,
        validate_choice=False,
    )
    options = text_field(_l("Answers to choose from"), limit=3000, multiline=True)
    is_required = BooleanField(_l("Nobody can book without answering it"))
    version = HiddenField()

    def validate_kind(self, field: Field) -> None:
        """One of the two."""
        if field.data not in set(BookingQuestionKind):
            raise ValidationError(_("Choose one of the two."))

    def fill_from(self, question: BookingQuestion, event: Event) -> None:
        """Put a question into the form."""
        self.text.data, self.kind.data = question.text, question.kind.value
        self.options.data, self.is_required.data = "\n".join(question.options), question.is_required
        self.version.data = str(event.version)

    def draft(self) -> QuestionDraft:
        """Return what the service takes; the form must be valid."""
        kind = BookingQuestionKind(self.kind.data)
        return QuestionDraft(kind, self.text.data, self.options.data or "", self.is_required.data)
