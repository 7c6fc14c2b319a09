"""The hour that exists twice: both instants in words, so that the organiser can choose (R19)."""

from datetime import datetime

from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from engage.edge import context
from engage.events.models import Event
from engage.kernel import when
from engage.kernel.errors import EngageError
from engage.kernel.when import AmbiguousTimeError, GapTimeError
from engage.web.organiser.event_forms import EventForm, read_clock, read_day


def fill_from(form: EventForm, event: Event) -> None:
    """Put an event into its form."""
    start, end = (when.local_time(moment, event.timezone) for moment in (event.starts_at, event.ends_at))
    form.title.data = event.title
    form.summary.data = event.summary
    form.description.data = event.description
    form.date.data = f"{start:%Y-%m-%d}"
    form.start_time.data = f"{start:%H:%M}"
    form.end_time.data = f"{end:%H:%M}"
    form.fold.data = str(start.fold or end.fold)
    form.timezone.data = event.timezone
    form.capacity.data = str(event.capacity)
    form.join_url.data = event.join_url
    form.version.data = str(event.version)


def offer_fold(form: EventForm) -> None:
    """Show both instants where the typed start or end comes twice; else the question is not asked."""
    twice = _find_ambiguity(form)
    form.fold.choices = [] if twice is None else fold_choices(twice, form.timezone.data)


def refuse_time(form: EventForm, error: EngageError) -> None:
    """Put a refusal beside its field; a gap stands beside the time that falls into it."""
    field = None
    if isinstance(error, GapTimeError) and _shown(form.start_time.data) != error.values.get("time"):
        field = "end_time"
    form.refuse(error, field)


def _shown(text: str) -> str:
    return f"{read_clock(text):%H:%M}"


def _find_ambiguity(form: EventForm) -> AmbiguousTimeError | None:
    for typed in (form.start_time.data, form.end_time.data):
        try:
            when.resolve_local(read_day(form.date.data or ""), read_clock(typed or ""), form.timezone.data or "")
        except AmbiguousTimeError as error:
            return error
        except (ValueError, EngageError):
            continue
    return None


def fold_choices(twice: AmbiguousTimeError, timezone: str) -> list[SelectChoice]:
    """Return both instants of a wall time that comes twice, in words."""
    return [
        SelectChoice("0", _("The first: %(time)s", time=_words(twice.first, timezone))),
        SelectChoice("1", _("The second, an hour later: %(time)s", time=_words(twice.second, timezone))),
    ]


def _words(instant: datetime, timezone: str) -> str:
    local = when.local_time(instant, timezone)
    words: str = _(
        "%(clock)s %(zone)s (%(utc)s UTC)",
        clock=when.clock_words(local, context.locale()),
        zone=when.abbreviation(local),
        utc=f"{instant:%H:%M}",
    )
    return words
