"""Refusals about calendars."""

from engage.kernel.errors import ConflictError, NotFoundError
from engage.kernel.i18n import N_


class FeedNotFoundError(NotFoundError):
    """The address of a private calendar is unknown, was renewed or stopped, or its person has left: all alike."""

    message = N_("This calendar is not there, or its address is not valid any more.")


class EntryGoneError(ConflictError):
    """An answer to an entry that was replaced, such as when its address was corrected."""

    message = N_(
        "The invitation that was answered does not stand any more, so nothing has changed. "
        "Use the links in our latest mail."
    )
