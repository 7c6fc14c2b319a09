"""A certificate of attendance in words: its facts as they are kept, how it reads, and its sheet for drawing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.lists import format_list
from babel.units import format_unit
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engage.bookings.models import Booking, Guest
from engage.drawing.process import Sheet
from engage.events.models import Event
from engage.kernel.i18n import N_, translate, translate_plural
from engage.kernel.settings import Site
from engage.kernel.when import babel_locale, date_in_words, local_time, time_words

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
STYLES = ("tokens.css", "marks.css", "certificate.css")
RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}


@dataclass(frozen=True)
class CertificateWords:
    """What a certificate says, each a finished text.

    `start` is the local time of the start (ISO 8601), `tile` its weekday, day and month; `is_measured` tells that the
    length is a meeting tool's.
    """

    locale: str
    title: str
    name: str
    organisation: str
    event: str
    start: str
    tile: tuple[str, str, str]
    day: str
    time: str
    length: str
    is_measured: bool
    issuer: str
    contact: str
    reference: str


def facts_of(person: Booking | Guest, booking: Booking, event: Event, *, site: Site) -> dict[str, Any]:
    """Return what a certificate rests on, as it is kept: plain values, so that a changed fact is seen by comparing.

    `minutes` are those of the report, at most the event's length; without a report, that length.
    """
    length = int((event.ends_at - event.starts_at) / timedelta(minutes=1))
    is_guest = isinstance(person, Guest)
    return {
        "name": person.name,
        "organisation": None if is_guest else booking.organisation,
        "event": event.title,
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "timezone": event.timezone,
        "minutes": min(person.minutes, length) if person.minutes else length,
        "is_measured": bool(person.minutes),
        "issuer": site.organisation_name,
        "contact": site.contact_email,
        "reference": f"{booking.reference}-{person.position}" if isinstance(person, Guest) else booking.reference,
        "locale": booking.locale,
    }


def words_of(facts: dict[str, Any]) -> CertificateWords:
    """Return how a certificate reads, in its own language."""
    locale = facts["locale"]
    language = babel_locale(locale)
    starts_at, ends_at = datetime.fromisoformat(facts["starts_at"]), datetime.fromisoformat(facts["ends_at"])
    start = local_time(starts_at, facts["timezone"])
    weekday, day, month = (format_date(start, part, locale=language) for part in ("EEEE", "d", "MMMM"))
    return CertificateWords(
        locale=locale,
        title=translate(
            N_("Certificate of attendance: {name}, {event}"), locale, name=facts["name"], event=facts["event"]
        ),
        name=facts["name"],
        organisation=facts["organisation"] or "",
        event=facts["event"],
        start=start.isoformat(timespec="minutes"),
        tile=(weekday, day, month),
        day=date_in_words(start, locale),
        time=time_words(starts_at, ends_at, facts["timezone"], locale),
        length=length_words(facts["minutes"], locale),
        is_measured=facts["is_measured"],
        issuer=facts["issuer"],
        contact=facts["contact"],
        reference=facts["reference"],
    )


def length_words(minutes: int, locale: str = "en") -> str:
    """Return "1 hour, 30 minutes", by the rules of the Unicode CLDR."""
    language = babel_locale(locale)
    parts = [(minutes // 60, "duration-hour"), (minutes % 60, "duration-minute")]
    words = [format_unit(count, unit, length="long", locale=language) for count, unit in parts if count]
    return format_list(words, style="unit", locale=language)


def sheet_of(facts: dict[str, Any]) -> Sheet:
    """Return a certificate as a page that can be drawn."""
    words = words_of(facts)
    direction = "rtl" if words.locale[:2] in RIGHT_TO_LEFT else "ltr"
    page = _environment(words.locale).get_template("certificate/page.html")
    return Sheet(page.render(certificate=words, direction=direction), STYLES)


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: translate(message, locale),
        lambda singular, plural, n: translate_plural(singular, plural, n, locale),
        newstyle=True,
    )
    return environment
