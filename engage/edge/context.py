"""What a request knows about its site and its reader."""

from functools import lru_cache

from flask import current_app, has_request_context, request
from flask_babel import get_locale
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

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
    return languages_of(settings())


def languages_of(settings: Settings) -> tuple[str, ...]:
    """Return the languages that a site with these settings speaks."""
    return tuple(code for code in settings.languages if code == "en" or has_catalogue(code)) or ("en",)


@lru_cache(maxsize=1000)
def language(asked: str, accepted: str, spoken: tuple[str, ...]) -> str:
    """Return the language of an answer: the one asked for, else what the browser accepts (RFC 9110 12.5.4)."""
    if asked in spoken:
        return asked
    return parse_accept_header(accepted, LanguageAccept).best_match(spoken) or spoken[0]


def choose_locale() -> str:
    """Return the reader's language: `?lang=` rules this answer, else what the browser asks for."""
    if not has_request_context():
        return languages()[0]
    return language(request.args.get("lang", ""), request.headers.get("Accept-Language", ""), languages())


def locale() -> str:
    """Return the language of this answer."""
    chosen = get_locale()
    return chosen.language if chosen else "en"
