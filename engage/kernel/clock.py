"""The one place that reads the clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the moment as an aware UTC datetime, to the second.

    Whole seconds are what calendars, mails and both databases can agree on.
    """
    return datetime.now(UTC).replace(microsecond=0)
