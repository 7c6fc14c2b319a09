"""Refusals."""

from engage.kernel.errors import ConflictError, InvalidError, NotFoundError
from engage.kernel.i18n import N_


class BookingNotFoundError(NotFoundError):
    """No such booking, or a link that opens none."""

    message = N_("This link opens no booking. Look for the latest mail from us.")


class NameMissingError(InvalidError):
    """We greet people by name."""

    message = N_("Write your name.")
    field = "name"


class AddressInvalidError(InvalidError):
    """No mail could reach it."""

    message = N_("Write one e-mail address, such as name@example.org.")
    field = "email"


class BookingCancelledError(ConflictError):
    """The place was given back."""

    message = N_("This booking was cancelled. You can book again while there are places.")


class TooLateToCancelError(ConflictError):
    """Nothing is left to cancel."""

    message = N_("The event is over, so there is nothing to cancel.")


class DoorsClosedError(ConflictError):
    """Too early to go in."""

    message = N_("The doors are not open yet.")
