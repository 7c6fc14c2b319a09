"""Refusals."""

from engage.kernel.errors import ConflictError, InvalidError
from engage.kernel.i18n import N_


class LineError(InvalidError):
    """Something in a line of the file cannot be used."""

    message = N_("Line {line}, {where}: {what}.")


class NotOurFileError(InvalidError):
    """No file of a consultation, or one of a later version."""

    message = N_("This is no file of a consultation, or a later version of Engage wrote it.")


class ImportTooLargeError(InvalidError):
    """More than is taken in at once."""

    message = N_("The file holds more than {limit:,} sittings, so nothing was imported.")


class ImportFaultyError(InvalidError):
    """Some lines cannot be used, so none is."""

    message = N_("Nothing was imported: {count} lines cannot be used.")


class ImportAddressTakenError(ConflictError):
    """Another consultation has the address."""

    message = N_("Another consultation has the address “{slug}” here, so nothing was imported.")


class ImportQuestionsDifferError(ConflictError):
    """The consultation is here and asks something else."""

    message = N_(
        "The consultation is here already, and its question {number} is not the one of the file, so nothing was"
        " imported."
    )


class ImportNoticeDiffersError(ConflictError):
    """The people of the file were told something else."""

    message = N_(
        "Version {version} ({language}) of the privacy notice says something else here than it said to the people of"
        " the file, so nothing was imported."
    )


class ImportClashError(ConflictError):
    """What the file adds is here already as something else."""

    message = N_("Something in the file is here already as part of something else, so nothing was imported.")
