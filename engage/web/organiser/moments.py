"""A day and a time in an event's zone, typed into a form (R19)."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field

from engage.edge.forms import SignedInForm
from engage.kernel import when
from engage.kernel.errors import EngageError
from engage.kernel.when import AmbiguousTimeError, GapTimeError, WallTime
from engage.web.organiser.event_forms import FOLDS, fold_field, is_clock, is_day, one_line, read_clock, read_day
from engage.web.organiser.event_times import fold_choices


def typed_moment(date: Field, time: Field, fold: Field) -> WallTime:
    """Return what was typed into the fields of one moment. Raises ValueError for what is no day or no time."""
    return WallTime(read_day(date.data or ""), read_clock(time.data or ""), FOLDS.get(fold.data or ""))


def fill_moment(instant: datetime, zone: str, date: Field, time: Field, fold: Field) -> None:
    """Put an instant into the fields of one moment, as wall time in a zone."""
    local = when.local_time(instant, zone)
    date.data, time.data, fold.data = f"{local:%Y-%m-%d}", f"{local:%H:%M}", str(local.fold)


def offer_fold(zone: str, date: Field, time: Field, fold: Field) -> None:
    """Show both instants where the typed time comes twice; else the question is not asked."""
    fold.choices = []
    try:
        WallTime(read_day(date.data or ""), read_clock(time.data or "")).instant(zone)
    except AmbiguousTimeError as twice:
        fold.choices = fold_choices(twice, zone)
    except (ValueError, EngageError):
        return


def is_refused(moment: WallTime, zone: str) -> bool:
    """Tell whether a moment does not exist in a zone, or comes twice and nobody said which is meant."""
    try:
        moment.instant(zone)
    except EngageError:
        return True
    return False


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
        return self.wall_time() if self.date.data else None

    def wall_time(self) -> WallTime:
        """Return what was typed; the form must be valid, and a moment must have been given."""
        return typed_moment(self.date, self.time, self.fold)

    def fill_moment(self, instant: datetime | None, zone: str) -> None:
        """Put an instant into the fields, as wall time in a zone."""
        if instant is not None:
            fill_moment(instant, zone, self.date, self.time, self.fold)

    def offer_fold(self, zone: str) -> None:
        """Show both instants where the typed time comes twice; else the question is not asked."""
        offer_fold(zone, self.date, self.time, self.fold)

    def refuse(self, error: EngageError, field: str | None = None) -> None:
        """Put a refusal beside its field; a time that does not exist stands beside the time."""
        super().refuse(error, "time" if isinstance(error, GapTimeError) else field)


class RequiredMomentForm(MomentForm):
    """The same, where there must be a moment."""

    date = one_line(_l("Date"), required=_l("Say on which day."), check=is_day)
    time = one_line(_l("Time"), required=_l("Say at what time."), check=is_clock)
