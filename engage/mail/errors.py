"""Refusals."""

from engage.kernel.errors import ConflictError, NotFoundError
from engage.kernel.i18n import N_


class MailNotFoundError(NotFoundError):
    """No such mail."""

    message = N_("We could not find that mail.")


class MailNotFailedError(ConflictError):
    """Only what did not arrive is sent again: nobody is to get the same mail twice."""

    message = N_("This mail has not failed, so there is nothing to send again. It may have been put in line just now.")


class MailOutdatedError(ConflictError):
    """What it says is not so any more."""

    message = N_("A later mail says how things are now, so this one is not sent again. Look at the latest mail.")


class AddressBadError(ConflictError):
    """Mail to it came back."""

    message = N_("Mail to this address comes back, so nothing is sent there. Correct the address at the booking first.")
