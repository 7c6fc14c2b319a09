"""Refusals about calendars."""

from engage.kernel.errors import NotFoundError
from engage.kernel.i18n import N_


class FeedNotFoundError(NotFoundError):
    """The address of a private calendar is unknown, was renewed or stopped, or its person has left: all alike."""

    message = N_("This calendar is not there, or its address is not valid any more.")
