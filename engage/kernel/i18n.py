"""Texts in people's languages, by an explicit locale: the worker has no request to ask."""

from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path

CATALOGUES = Path(__file__).parent.parent / "translations"


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """Mark a text for extraction; it is translated where it is shown."""
    return message


@cache
def catalogue(locale: str) -> NullTranslations:
    """Return the catalogue of a locale; English texts are their own keys."""
    return translation("messages", str(CATALOGUES), languages=[locale], fallback=True)


def translate(message: str, locale: str = "en", **values: object) -> str:
    """Translate one whole sentence and put `{name}` values into it."""
    text = catalogue(locale).gettext(message)
    return text.format(**values) if values else text


def translate_plural(singular: str, plural: str, n: int, locale: str = "en", **values: object) -> str:
    """Translate a sentence that depends on a number; `{n}` stands for it."""
    return catalogue(locale).ngettext(singular, plural, n).format(n=n, **values)


@cache
def has_catalogue(locale: str) -> bool:
    """Tell whether there are translations into a language."""
    return (CATALOGUES / locale / "LC_MESSAGES" / "messages.mo").is_file()
