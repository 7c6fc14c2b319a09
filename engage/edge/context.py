"""What a request knows about its site and its reader."""

from flask import current_app, has_request_context, request
from flask_babel import get_locale

from config import Settings
from engage.kernel.i18n import has_catalogue
from engage.kernel.settings import Site

EXTENSION = "engage"


def settings() -> Settings:
    """Return the settings of the running app."""
    found: Settings = current_app.extensions[EXTENSION]
    return found


def site() -> Site:
    """Return what features may know of the settings."""
    return settings().site()


def languages() -> tuple[str, ...]:
    """Return the languages that the site really speaks: English, and those with a catalogue."""
    return tuple(code for code in settings().languages if code == "en" or has_catalogue(code))


def choose_locale() -> str:
    """Return the reader's language: `?lang=` rules this answer, else what the browser asks for."""
    spoken = languages() or ("en",)
    if not has_request_context():
        return spoken[0]
    asked = request.args.get("lang", "")
    if asked in spoken:
        return asked
    return request.accept_languages.best_match(spoken) or spoken[0]


def locale() -> str:
    """Return the language of this answer."""
    chosen = get_locale()
    return chosen.language if chosen else "en"
