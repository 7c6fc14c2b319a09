"""The forms of a consultation: shape and words only."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from engage.consultations.enums import ModerationMode
from engage.consultations.models import Consultation
from engage.consultations.services import ConsultationDetails, Times
from engage.edge.forms import SignedInForm, address_field, text_field
from engage.kernel import when
from engage.kernel.errors import EngageError
from engage.kernel.when import GapTimeError, WallTime, YearOutOfRangeError
from engage.web.organiser.event_forms import is_clock, is_day, one_line, read_clock, read_day
from engage.web.organiser.hold_rules_forms import HOLD_RULES, HoldRulesForm

WORDS = ("title", "intro", "why_now", "contact_email", "moderation_mode", *HOLD_RULES)
DATES = ("opens_date", "opens_time", "closes_date", "closes_time")


class ConsultationForm(HoldRulesForm):
    """What a consultation says, and when people's words are read."""

    title = text_field(_l("Title"), limit=200, required=_l("Give the consultation a title."))
    intro = text_field(
        _l("In short"), limit=5000, multiline=True, required=_l("Say in a few sentences what you ask about.")
    )
    why_now = text_field(
        _l("Why we ask"), limit=20_000, multiline=True, required=_l("Say why you ask, and what answers can change.")
    )
    contact_email = address_field(_l("Whom people can write to about it"))
    moderation_mode = RadioField(
        _l("When does a person read what people send?"),
        choices=[
            SelectChoice(ModerationMode.PRE.value, _l("Before it is shown")),
            SelectChoice(ModerationMode.POST.value, _l("After it is shown")),
            SelectChoice(ModerationMode.HOLD.value, _l("After it is shown, unless a rule below holds it back")),
        ],
        default=ModerationMode.PRE.value,
        validate_choice=False,
    )
    version = HiddenField()
    began = HiddenField()

    def validate_moderation_mode(self, field: Field) -> None:
        """One of the three."""
        if field.data not in set(ModerationMode):
            raise ValidationError(_("Choose one of the three."))

    def fill_from(self, consultation: Consultation, zone: str) -> None:
        """Put a consultation into the form; its times as clocks in a zone show them."""
        self.title.data, self.contact_email.data = consultation.title, consultation.contact_email
        self.intro.data, self.why_now.data = consultation.intro, consultation.why_now
        self.moderation_mode.data = consultation.moderation_mode.value
        self.fill_hold_rules(consultation.hold_rules)
        self.version.data = str(consultation.version)

    def details(self) -> ConsultationDetails:
        """Return what the services take; the form must be valid."""
        return ConsultationDetails(
            title=self.title.data,
            intro=self.intro.data,
            why_now=self.why_now.data,
            contact_email=self.contact_email.data or "",
            moderation_mode=ModerationMode(self.moderation_mode.data),
            hold_rules=self.hold_rules(),
        )

    def times(self, zone: str) -> Times | None:
        """Return when answers are taken, or None where the form does not ask."""
        return None


class DatedConsultationForm(ConsultationForm):
    """The same, with its times, while they can be chosen freely."""

    opens_date = one_line(_l("Opens on"), required=_l("Say on which day it opens."), check=is_day)
    opens_time = one_line(_l("Opens at"), required=_l("Say at what time it opens."), check=is_clock)
    closes_date = one_line(_l("Closes on"), required=_l("Say on which day it closes."), check=is_day)
    closes_time = one_line(_l("Closes at"), required=_l("Say at what time it closes."), check=is_clock)

    def fill_from(self, consultation: Consultation, zone: str) -> None:
        """Put its times into the form too."""
        super().fill_from(consultation, zone)
        self.opens_date.data, self.opens_time.data = _typed(consultation.opens_at, zone)
        self.closes_date.data, self.closes_time.data = _typed(consultation.closes_at, zone)

    def times(self, zone: str) -> Times:
        """Return when answers are taken; the form must be valid."""
        opens = WallTime(read_day(self.opens_date.data), read_clock(self.opens_time.data))
        closes = WallTime(read_day(self.closes_date.data), read_clock(self.closes_time.data))
        return Times(opens, closes, zone)

    def refuse(self, error: EngageError, field: str | None = None) -> None:
        """Put a refusal beside its field; a time that does not exist stands beside the one that was typed."""
        if isinstance(error, GapTimeError):
            typed = f"{read_clock(self.opens_time.data):%H:%M}"
            field = "opens_time" if typed == error.values.get("time") else "closes_time"
        elif isinstance(error, YearOutOfRangeError):
            field = "closes_date"
        super().refuse(error, field)


class NewConsultationForm(DatedConsultationForm):
    """The same, with the address of the page while it can still be chosen."""

    slug = text_field(_l("Address of the page"), limit=80)


class MomentOfClosingForm(SignedInForm):
    """Until when answers are taken."""

    date = one_line(_l("Until which day"), required=_l("Say until which day."), check=is_day)
    time = one_line(_l("Until what time"), required=_l("Say until what time."), check=is_clock)

    def fill_from(self, moment: datetime, zone: str) -> None:
        """Put an instant into the form, as clocks in a zone show it."""
        self.date.data, self.time.data = _typed(moment, zone)

    def wall_time(self) -> WallTime:
        """Return what was typed; the form must be valid."""
        return WallTime(read_day(self.date.data), read_clock(self.time.data))

    def refuse(self, error: EngageError, field: str | None = None) -> None:
        """Put a refusal beside the day or the time."""
        named = "time" if isinstance(error, GapTimeError) else "date" if error.field else None
        super().refuse(error, field or named)


def _typed(moment: datetime, zone: str) -> tuple[str, str]:
    local = when.local_time(moment, zone)
    return f"{local:%Y-%m-%d}", f"{local:%H:%M}"
