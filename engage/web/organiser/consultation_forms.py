"""The forms of a consultation: shape and words only."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from engage.consultations.enums import ModerationMode
from engage.consultations.errors import ClosesInThePastError
from engage.consultations.models import Consultation
from engage.consultations.services import ConsultationDetails, Times
from engage.edge.forms import address_field, text_field
from engage.kernel.errors import EngageError
from engage.kernel.when import AmbiguousTimeError, GapTimeError, YearOutOfRangeError
from engage.web.organiser.event_forms import fold_field, is_clock, is_day, one_line
from engage.web.organiser.hold_rules_forms import HOLD_RULES, HoldRulesForm
from engage.web.organiser.moments import RequiredMomentForm, fill_moment, is_refused, offer_fold, typed_moment

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

    def offer_folds(self, zone: str) -> None:
        """Ask which of two equal hours is meant, where the form asks for times."""

    def forget_folds(self) -> None:
        """Ask that again: the times may be somebody else's now."""

    def refuse_times(self, error: EngageError, zone: str) -> None:
        """Put a refusal beside its field, also one of a time."""
        self.refuse(error)


class DatedConsultationForm(ConsultationForm):
    """The same, with its times, while they can be chosen freely; which of two equal hours is asked where they are two.

    A stale save asks that again.
    """

    opens_date = one_line(_l("Opens on"), required=_l("Say on which day it opens."), check=is_day)
    opens_time = one_line(_l("Opens at"), required=_l("Say at what time it opens."), check=is_clock)
    opens_fold = fold_field(_l("Which of the two does it open at?"))
    closes_date = one_line(_l("Closes on"), required=_l("Say on which day it closes."), check=is_day)
    closes_time = one_line(_l("Closes at"), required=_l("Say at what time it closes."), check=is_clock)
    closes_fold = fold_field(_l("Which of the two does it close at?"))

    def fill_from(self, consultation: Consultation, zone: str) -> None:
        """Put its times into the form too."""
        super().fill_from(consultation, zone)
        fill_moment(consultation.opens_at, zone, *self._moment("opens"))
        fill_moment(consultation.closes_at, zone, *self._moment("closes"))

    def offer_folds(self, zone: str) -> None:
        """Ask which is meant where a typed time comes twice (R19)."""
        for which in ("opens", "closes"):
            offer_fold(zone, *self._moment(which))

    def forget_folds(self) -> None:
        """Ask that again: the times may be somebody else's now."""
        self.opens_fold.data = self.closes_fold.data = None

    def times(self, zone: str) -> Times:
        """Return when answers are taken; the form must be valid."""
        return Times(typed_moment(*self._moment("opens")), typed_moment(*self._moment("closes")), zone)

    def refuse_times(self, error: EngageError, zone: str) -> None:
        """Put a refusal beside its field; what is said of a time stands beside the one that it is about."""
        field = None
        if isinstance(error, GapTimeError | AmbiguousTimeError):
            which = "opens" if is_refused(typed_moment(*self._moment("opens")), zone) else "closes"
            field = f"{which}_{'time' if isinstance(error, GapTimeError) else 'fold'}"
        elif isinstance(error, YearOutOfRangeError):
            field = "closes_date"
        self.refuse(error, field)

    def _moment(self, which: str) -> tuple[Field, Field, Field]:
        return self[f"{which}_date"], self[f"{which}_time"], self[f"{which}_fold"]


class NewConsultationForm(DatedConsultationForm):
    """The same, with the address of the page while it can still be chosen."""

    slug = text_field(_l("Address of the page"), limit=80)


class MomentOfClosingForm(RequiredMomentForm):
    """Until when answers are taken."""

    date = one_line(_l("Until which day"), required=_l("Say until which day."), check=is_day)
    time = one_line(_l("Until what time"), required=_l("Say until what time."), check=is_clock)

    def refuse(self, error: EngageError, field: str | None = None) -> None:
        """Put a refusal beside the day or the time."""
        about_day = "date" if error.field == ClosesInThePastError.field else None
        super().refuse(error, field or about_day)
