"""The words of what an event provides, on pages and in mails alike."""

from engage.events.enums import AccessKind
from engage.kernel.i18n import N_, translate

KINDS = {
    AccessKind.CAPTIONS: N_("Live captions"),
    AccessKind.BSL: N_("British Sign Language interpreters"),
    AccessKind.EASY_READ: N_("Papers in Easy Read"),
    AccessKind.DIAL_IN: N_("Dialling in by telephone"),
    AccessKind.BREAKS: N_("Breaks"),
    AccessKind.OTHER: N_("Something else"),
}


def kind_words(kind: AccessKind, locale: str = "en") -> str:
    """Return such as "Live captions"."""
    return translate(KINDS[kind], locale)


def provided_words(kind: AccessKind, note: str | None, locale: str = "en") -> str:
    """Return such as "Live captions: typed by a person"; of "something else" the note says it all."""
    if kind is AccessKind.OTHER:
        return note or kind_words(kind, locale)
    if not note:
        return kind_words(kind, locale)
    return translate(N_("{what}: {note}"), locale, what=kind_words(kind, locale), note=note)
