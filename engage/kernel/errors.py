"""Refusals, by name. `edge/errors.py` alone knows which HTTP status each becomes."""

from typing import ClassVar

from engage.kernel.i18n import N_, translate


class EngageError(Exception):
    """Something was refused, with one sentence that a person can read.

    Subclasses set `message`, a text marked with `N_`; `values` fill its `{names}`. `field` names the form field that
    the sentence belongs beside, if there is one: that of the class, or the one that is given.
    """

    message: ClassVar[str] = N_("Something went wrong.")
    field: str | None = None

    def __init__(self, field: str | None = None, /, **values: object) -> None:
        super().__init__()
        self.values = values
        if field is not None:
            self.field = field

    def text(self, locale: str = "en") -> str:
        """Return the sentence in a language."""
        return translate(self.message, locale, **self.values)

    def __str__(self) -> str:
        return self.text()


class NotFoundError(EngageError):
    """It is not there, or it is not the asker's: both answer alike (S21)."""

    message = N_("We could not find that.")


class NotAllowedError(EngageError):
    """The asker is known and may not do this."""

    message = N_("You may not do that.")


class ConflictError(EngageError):
    """Right in form, impossible now: too early, too late, full, or changed by somebody else."""

    message = N_("That is not possible at the moment.")


class InvalidError(EngageError):
    """What was given cannot be used."""

    message = N_("That could not be used.")


class UnavailableError(EngageError):
    """The database is busy or away; trying again shortly is right."""

    message = N_("We are very busy at the moment. Nothing was lost: please try again in a few seconds.")
