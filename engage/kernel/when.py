"""Times as people say them, and wall times as instants (R19).

Zones come from the pinned `tzdata` package alone.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_location

from engage.kernel.errors import InvalidError
from engage.kernel.i18n import N_, translate

FIRST_YEAR, LAST_YEAR = 2000, 2100
UK_ZONES = {"Europe/London", "GB", "GB-Eire", "Europe/Belfast"}
UTC_NAMES = {"UTC", "UCT", "Zulu", "Universal", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "Etc/Universal"}
NO_PLACE = {"Factory"}  # "the zone was never set"
MIDDAY, MIDNIGHT = time(12), time(0)
KEPT_WORDS = 1024  # the same few events are written about again and again


class UnknownZoneError(InvalidError):
    """The name is no time zone."""

    message = N_("“{zone}” is not a time zone that we know. Choose one such as Europe/London.")
    field = "timezone"


class YearOutOfRangeError(InvalidError):
    """Outside the years that time zone rules can be trusted for."""

    message = N_("The year must be between {first} and {last}.")
    field = "date"


class GapTimeError(InvalidError):
    """The clocks jump over this time in spring."""

    message = N_("The clocks go forward on {date}, and {time} does not exist. Choose another time.")
    field = "start_time"


class AmbiguousTimeError(InvalidError):
    """The clocks go back and this time comes twice; `first` and `second` are the two instants, in UTC."""

    message = N_("{time} comes twice on {date}, since the clocks go back. Choose the first or the second.")
    field = "fold"

    def __init__(self, first: datetime, second: datetime, **values: object) -> None:
        super().__init__(**values)
        self.first = first
        self.second = second


@cache
def zone_names() -> tuple[str, ...]:
    """Return every IANA name of a zone in alphabetical order."""
    names = files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    return tuple(sorted(set(names) - NO_PLACE))


@cache
def _known_names() -> frozenset[str]:
    return frozenset(zone_names())


def known_zone(name: str) -> bool:
    """Tell whether this is the name of a time zone; folders ("Europe") and paths are not."""
    return name in _known_names()


@cache
def zone_data(name: str) -> bytes:
    """Return the TZif file of a zone. Raises UnknownZoneError."""
    if not known_zone(name):
        raise UnknownZoneError(zone=name[:60])
    return files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


@cache
def zone(name: str) -> ZoneInfo:
    """Return a zone by the rules of the `tzdata` package. Raises UnknownZoneError."""
    return ZoneInfo.from_file(BytesIO(zone_data(name)), key=name)


def local_time(instant: datetime, zone_name: str) -> datetime:
    """Return the wall time of an instant; `fold` is 1 in the second of two equal hours."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(zone(zone_name))


def resolve_local(day: date, clock: time, zone_name: str, fold: int | None = None) -> datetime:
    """Return the instant in UTC of a wall time.

    Raises GapTimeError if the clocks jump over it, AmbiguousTimeError if it comes twice and `fold` (0 or 1)
    does not say which, YearOutOfRangeError and UnknownZoneError.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise YearOutOfRangeError(first=FIRST_YEAR, last=LAST_YEAR)
    wall = datetime.combine(day, clock.replace(tzinfo=None, fold=0), tzinfo=zone(zone_name))
    first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    if first == second:
        return first
    values = {"time": f"{clock:%H:%M}", "date": date_in_words(day)}
    if first > second:
        raise GapTimeError(**values)
    if fold is None:
        raise AmbiguousTimeError(first, second, **values)
    return second if fold else first


@dataclass(frozen=True)
class WallTime:
    """A time as clocks show it somewhere; `fold` (0 or 1) tells two equal hours apart."""

    day: date
    clock: time
    fold: int | None = None

    def instant(self, zone_name: str) -> datetime:
        """Return the instant in UTC. Raises what `resolve_local` raises."""
        return resolve_local(self.day, self.clock, zone_name, self.fold)


def same_wall_time(instant: datetime, zone_name: str, *, days: int) -> datetime:
    """Return the instant, in UTC, of the same wall time some days later or earlier in a zone.

    A wall time that the clocks jump over is the one after the gap; of one that comes twice it is the first.
    Raises UnknownZoneError.
    """
    wall = local_time(instant, zone_name).replace(tzinfo=None, fold=0) + timedelta(days=days)
    return wall.replace(tzinfo=zone(zone_name)).astimezone(UTC)


def next_at(clock: time, zone_name: str, *, after: datetime) -> datetime:
    """Return the next moment at which clocks in a zone show a time."""
    today = local_time(after, zone_name).date()
    moments = (
        datetime.combine(day, clock, tzinfo=zone(zone_name)).astimezone(UTC)
        for day in (today, today + timedelta(days=1))
    )
    return next(moment for moment in moments if moment > after)


def babel_locale(locale: str) -> str:
    """Return the locale that Babel writes dates by: plain English means British English."""
    return "en_GB" if locale == "en" else locale.replace("-", "_")


def date_in_words(day: date | datetime, locale: str = "en") -> str:
    """Return "Thursday 31 March 2022". A datetime must be the local one."""
    return _date_in_words(date(day.year, day.month, day.day), locale)


@lru_cache(maxsize=KEPT_WORDS)  # by the date alone: equal instants have other dates in other zones
def _date_in_words(day: date, locale: str) -> str:
    return format_date(day, "EEEE d MMMM y", locale=babel_locale(locale))


def clock_words(clock: time | datetime, locale: str = "en") -> str:
    """Return "12:30pm", "6pm", "midday" or "midnight"; in other languages, their short form."""
    clock = time(clock.hour, clock.minute)
    if not locale.startswith("en"):
        return format_time(clock, "short", locale=babel_locale(locale))
    if clock == MIDDAY:
        return translate(N_("midday"), locale)
    if clock == MIDNIGHT:
        return translate(N_("midnight"), locale)
    hour, half = clock.hour % 12 or 12, "am" if clock.hour < 12 else "pm"
    return f"{hour}{half}" if clock.minute == 0 else f"{hour}:{clock.minute:02}{half}"


@lru_cache(maxsize=KEPT_WORDS)
def time_words(starts_at: datetime, ends_at: datetime, zone_name: str, locale: str = "en") -> str:
    """Return "12:30pm to 1:30pm, UK time (BST)" for two instants.

    An end on another day is named, and so is a change of the clocks between start and end.
    Raises UnknownZoneError.
    """
    start, end = local_time(starts_at, zone_name), local_time(ends_at, zone_name)
    words = {
        "start": clock_words(start, locale),
        "end": clock_words(end, locale),
        "zone": zone_words(zone_name, locale),
        "abbreviation": abbreviation(start),
    }
    if zone_name in UTC_NAMES and end.date() == start.date():
        return translate(N_("{start} to {end}, UTC"), locale, **words)
    if end.date() != start.date() and not _ends_at_midnight(start, end):
        words["end_date"] = date_in_words(end, locale)
        return translate(N_("{start} to {end} on {end_date}, {zone} ({abbreviation})"), locale, **words)
    if abbreviation(start) != abbreviation(end):
        words["later"] = abbreviation(end)
        return translate(N_("{start} ({abbreviation}) to {end} ({later}), {zone}"), locale, **words)
    return translate(N_("{start} to {end}, {zone} ({abbreviation})"), locale, **words)


def moment_words(instant: datetime, zone_name: str, locale: str = "en") -> str:
    """Return "12:30pm (UK time) on Thursday 31 March 2022" for an instant."""
    local = local_time(instant, zone_name)
    return translate(
        N_("{time} ({zone}) on {day}"),
        locale,
        time=clock_words(local, locale),
        zone=zone_words(zone_name, locale),
        day=date_in_words(local, locale),
    )


def _ends_at_midnight(start: datetime, end: datetime) -> bool:
    return end.time() == MIDNIGHT and end.date() - start.date() == timedelta(days=1)


def zone_words(zone_name: str, locale: str = "en") -> str:
    """Return "UK time" or "Berlin time"."""
    if zone_name in UK_ZONES:
        return translate(N_("UK time"), locale)
    place = place_name(zone_name, locale)
    return place if place == "UTC" else translate(N_("{place} time"), locale, place=place)


def place_name(zone_name: str, locale: str = "en") -> str:
    """Return the town that a zone is named after, in a language."""
    if zone_name in UTC_NAMES:
        return "UTC"
    if "/" not in zone_name or zone_name.startswith("Etc/"):
        return zone_name.removeprefix("Etc/")
    return get_timezone_location(zone(zone_name), locale=babel_locale(locale), return_city=True).rpartition("/")[2]


def abbreviation(local: datetime) -> str:
    """Return "BST", or "UTC+5:30" where the zone has digits only."""
    name = local.tzname() or ""
    if name and name[0] not in "+-":
        return name
    offset = local.utcoffset() or timedelta()
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    return f"UTC{'-' if offset < timedelta() else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


@lru_cache(maxsize=KEPT_WORDS)
def short_when(instant: datetime, zone_name: str, locale: str = "en") -> str:
    """Return "Thu 15 Jul 18:00 (Berlin)", for the subject of a mail."""
    local = local_time(instant, zone_name)
    day = format_date(local, "EEE d MMM", locale=babel_locale(locale))
    place = translate(N_("UK"), locale) if zone_name in UK_ZONES else place_name(zone_name, locale)
    return f"{day} {local:%H:%M} ({place})"
