"""What templates may call. The only place that makes Markup (S2)."""

from datetime import date, datetime
from typing import Any

from flask import Flask
from flask_babel import get_locale, gettext
from markupsafe import Markup

from engage.edge import page_store
from engage.edge.stored_page import GAP
from engage.events.enums import AccessKind
from engage.events.models import AccessProvision
from engage.events.provided import kind_words, provided_words
from engage.kernel import when
from engage.kernel.markdown import Footnotes, to_html


def _locale() -> str:
    found = get_locale()
    return found.language if found else "en"


def markdown(text: str) -> Markup:
    """Return clean HTML of Markdown."""
    return Markup(to_html(text))  # noqa: S704 - to_html ends in an allow-list sanitiser


def cited_markdown(text: str, footnotes: Any = (), anchor: str = "note-") -> Markup:
    """Return the same, with citations such as [^1] led to the notes that are listed; others are left out."""
    listed = Footnotes(frozenset(note.number for note in footnotes), anchor, gettext("Note {number}"))
    return Markup(to_html(text, listed))  # noqa: S704 - to_html ends in an allow-list sanitiser


def date_words(moment: datetime | date, timezone: str = "Europe/London") -> str:
    """Return "Thursday 31 March 2022" of a day, or of an instant in a zone."""
    day = when.local_time(moment, timezone) if isinstance(moment, datetime) else moment
    return when.date_in_words(day, _locale())


def time_words(event: object) -> str:
    """Return "12:30pm to 1:30pm, UK time (BST)" of an event."""
    return when.time_words(event.starts_at, event.ends_at, event.timezone, _locale())  # type: ignore[attr-defined]


def when_words(event: object) -> str:
    """Return "Thursday 31 March 2022, 12:30pm to 1:30pm, UK time (BST)" of an event."""
    day = date_words(event.starts_at, event.timezone)  # type: ignore[attr-defined]
    return str(gettext("%(day)s, %(time)s", day=day, time=time_words(event)))


def clock_words(moment: datetime, timezone: str) -> str:
    """Return "12:30pm" of an instant in a zone."""
    return when.clock_words(when.local_time(moment, timezone), _locale())


def moment_words(moment: datetime, timezone: str) -> str:
    """Return "12:30pm (UK time) on Thursday 31 March 2022" of an instant in a zone."""
    return when.moment_words(moment, timezone, _locale())


def local(moment: datetime, timezone: str) -> datetime:
    """Return an instant as wall time in a zone."""
    return when.local_time(moment, timezone)


def provided(provision: AccessProvision) -> str:
    """Return "Live captions: typed by a person" of something that an event provides."""
    return provided_words(provision.kind, provision.note, _locale())


def kind_of_provision(kind: AccessKind | str) -> str:
    """Return "Live captions" of a kind of provision."""
    return kind_words(AccessKind(kind), _locale())


def initials(name: str) -> str:
    """Return up to two initials of a name."""
    parts = [part for part in name.split() if part[0].isalnum()]
    if not parts:
        return "?"
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


def places_left(event: Any) -> str:
    """Return how many places anybody may take; in a page for the store, a gap that is filled for each visit."""
    if page_store.draft() is not None:
        return f"{GAP}{event.id.hex}{GAP}"
    return str(event.places_left())


def init_app(app: Flask) -> None:
    """Register the filters."""
    for function in (
        *(markdown, date_words, time_words, when_words, clock_words, moment_words),
        *(local, initials, places_left, provided, kind_of_provision, cited_markdown),
    ):
        app.jinja_env.filters[function.__name__] = function
