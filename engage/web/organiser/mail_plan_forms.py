"""The form of an event's plan of mails: shape and words only."""

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from engage.bookings.mail_plan import FOLLOW_UPS, MOST_REMINDERS, MailPlan, Span, Unit, read_plan
from engage.edge.forms import SignedInForm, cleaned
from engage.events.models import Event

NUMBER = re.compile(r"[0-9]{1,4}")
BEFORE = {
    Unit.DAYS: _l("days before"),
    Unit.HOURS: _l("hours before"),
    Unit.MINUTES: _l("minutes before"),
}
AFTER = {
    Unit.DAYS: _l("days after"),
    Unit.HOURS: _l("hours after"),
    Unit.MINUTES: _l("minutes after"),
}
FOLLOW_UP_LABELS = {
    "came": _l("Ask who came about the questions that were discussed"),
    "missed": _l("Send who missed it the recording and the questions"),
    "waited": _l("Send who waited and got no place the recording"),
}


def _is_number(_form: SignedInForm, field: Field) -> None:
    if field.data and not NUMBER.fullmatch(field.data):
        raise ValidationError(_("Write a whole number in digits, such as 7."))


def _number(label: object) -> Field:
    return StringField(label, filters=[cleaned()], validators=[_is_number])


def _unit(label: object, words: dict[Unit, object], usual: Unit) -> Field:
    choices = [SelectChoice(unit.value, text) for unit, text in words.items()]
    return SelectField(label, choices=choices, default=usual.value, invalid_choice_message=_l("Choose from the list."))


class MailPlanForm(SignedInForm):
    """Up to five reminders (an empty one is none), and three kinds of follow-up that are ticked or not."""

    version = HiddenField()

    def reminder_rows(self) -> list[tuple[Field, Field]]:
        """Return the number and the unit of each reminder."""
        return [(self[f"reminder-{row}-number"], self[f"reminder-{row}-unit"]) for row in range(1, MOST_REMINDERS + 1)]

    def follow_up_rows(self) -> list[tuple[Field, Field, Field]]:
        """Return the tick, the number and the unit of each kind of follow-up."""
        return [(self[f"{kind}-on"], self[f"{kind}-number"], self[f"{kind}-unit"]) for kind in FOLLOW_UPS]

    def validate(self, extra_validators: object = None) -> bool:
        """Check the fields; a follow-up that is ticked says when."""
        good = super().validate(extra_validators)
        for on, number, _unit_field in self.follow_up_rows():
            if on.data and not number.data:
                number.errors = [*number.errors, _("Say how long after the end, or untick it.")]
                good = False
        return good

    def fill_from(self, event: Event) -> None:
        """Put an event's plan into the form."""
        plan = read_plan(event.mail_plan)
        for (number, unit), span in zip(self.reminder_rows(), plan.reminders, strict=False):
            number.data, unit.data = str(span.number), span.unit.value
        for kind, (on, number, unit) in zip(FOLLOW_UPS, self.follow_up_rows(), strict=True):
            span = getattr(plan, kind)
            on.data = span is not None
            if span is not None:
                number.data, unit.data = str(span.number), span.unit.value
        self.version.data = str(event.version)

    def plan(self) -> MailPlan:
        """Return what the service takes; the form must be valid."""
        reminders = tuple(
            Span(int(number.data), Unit(unit.data)) for number, unit in self.reminder_rows() if number.data
        )
        after = {
            kind.value: Span(int(number.data), Unit(unit.data)) if on.data else None
            for kind, (on, number, unit) in zip(FOLLOW_UPS, self.follow_up_rows(), strict=True)
        }
        return MailPlan(reminders, **after)


for _row in range(1, MOST_REMINDERS + 1):
    setattr(MailPlanForm, f"reminder-{_row}-number", _number(_l("Reminder %(number)d", number=_row)))
    _in = _unit(_l("Reminder %(number)d is counted in", number=_row), BEFORE, Unit.DAYS)
    setattr(MailPlanForm, f"reminder-{_row}-unit", _in)
for _kind, _label in FOLLOW_UP_LABELS.items():
    setattr(MailPlanForm, f"{_kind}-on", BooleanField(_label))
    setattr(MailPlanForm, f"{_kind}-number", _number(_l("How long after the end?")))
    setattr(MailPlanForm, f"{_kind}-unit", _unit(_l("Counted in"), AFTER, Unit.DAYS))
