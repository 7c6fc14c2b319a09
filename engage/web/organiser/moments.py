"""A day and a time in an event's zone, typed into a form (R19)."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engage.edge.forms import SignedInForm
from engage.kernel import when
from engage.kernel.errors import EngageError
from engage.kernel.when import AmbiguousTimeError, GapTimeError, WallTime
from engage.web.organiser.event_forms import FOLDS, fold_field, is_clock, is_day, one_line, read_clock, read_day
from engage.web.organiser.event_times import fold_choices


class MomentForm(SignedInForm):
    """A form with one moment; `fold` is asked only where the hour exists twice."""

    date = one_line(_l("Date"), check=is_day)
    time = one_line(_l("Time"), check=is_clock)
    fold = fold_field()

    def validate(self, extra_validators: object = None) -> bool:
        """Check the fields; a day without a time, or a time without a day, is no moment."""
        good = super().validate(extra_validators)
        for given, missing, sentence in (
            (self.date, self.time, _("Give the time as well.")),
            (self.time, self.date, _("Give the day as well.")),
        ):
            if given.data and not missing.data and not missing.errors:
                missing.errors = [sentence]
                good = False
        return bool(good)

    def moment(self) -> WallTime | None:
        """Return what was typed, or None if nothing was; the form must be valid."""
        if not self.date.data:
            return None
        return WallTime(read_day(self.date.data), read_clock(self.time.data), FOLDS.get(self.fold.data or ""))

    def fill_moment(self, instant: datetime | None, zone: str) -> None:
        """Put an instant into the fields, as wall time in a zone."""
        if instant is None:
            return
        local = when.local_time(instant, zone)
        self.date.data, self.time.data, self.fold.data = f"{local:%Y-%m-%d}", f"{local:%H:%M}", str(local.fold)

    def offer_fold(self, zone: str) -> None:
        """Show both instants where the typed time comes twice; else the question is not asked."""
        self.fold.choices = []
        try:
            WallTime(read_day(self.date.data or ""), read_clock(self.time.data or "")).instant(zone)
        except AmbiguousTimeError as twice:
            self.fold.choices = fold_choices(twice, zone)
        except (ValueError, EngageError):
            return

    def refuse(self, error: EngageError, field: str | None = None) -> None:
        """Put a refusal beside its field; a time that does not exist stands beside the time."""
        super().refuse(error, "time" if isinstance(error, GapTimeError) else field)


class RequiredMomentForm(MomentForm):
    """The same, where there must be a moment."""

    date = one_line(_l("Date"), required=_l("Say on which day."), check=is_day)
    time = one_line(_l("Time"), required=_l("Say at what time."), check=is_clock)

    def wall_time(self) -> WallTime:
        """Return what was typed; the form must be valid."""
        return WallTime(read_day(self.date.data), read_clock(self.time.data), FOLDS.get(self.fold.data or ""))
