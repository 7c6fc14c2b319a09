"""Refusals about people and passwords."""

from engage.kernel.errors import ConflictError, InvalidError, NotFoundError
from engage.kernel.i18n import N_


class PersonNotFoundError(NotFoundError):
    """Nobody has this address."""

    message = N_("We know nobody with this e-mail address.")
    field = "email"


class EmailTakenError(ConflictError):
    """Somebody has this address already."""

    message = N_("There is a person with this e-mail address already.")
    field = "email"


class BadEmailError(InvalidError):
    """Not exactly one plain address."""

    message = N_("Write the e-mail address with an @, like name@example.org.")
    field = "email"


class NoRoleError(InvalidError):
    """A person without a role could open nothing."""

    message = N_("Give the person one role or more.")
    field = "role"


class LinkOverError(NotFoundError):
    """The link was used, is too old, or never was."""

    message = N_("This link is over: it is good for an hour, and once. Ask for another one.")


class PasswordTooShortError(InvalidError):
    """Under the shortest length (S15)."""

    message = N_(
        "This password has {n} characters; it needs {shortest} or more. Three or four words together are good."
    )
    field = "password"


class PasswordTooLongError(InvalidError):
    """Over the longest length (S15)."""

    message = N_("This password is longer than {longest} characters. Choose a shorter one.")
    field = "password"


class CommonPasswordError(InvalidError):
    """One of the first that a stranger would try (S15)."""

    message = N_(
        "This password is one of the first that a stranger would try. "
        "Choose three or four words that do not belong together."
    )
    field = "password"


class GuessablePasswordError(InvalidError):
    """Little more than the address, the organisation's name or our own (S15)."""

    message = N_(
        "This password is little more than your address or the name of this site. Choose three or four other words."
    )
    field = "password"
