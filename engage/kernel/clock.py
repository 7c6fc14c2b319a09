"""The one place that reads the clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the moment as an aware UTC datetime, to the second.

    Whole seconds are what calendars, mails and both databases can agree on.
    """
    return datetime.now(UTC).replace(microsecond=0)


def start_of_day(at: datetime) -> datetime:
    """Return the instant at which the day of a moment begins, in UTC: all that anonymous rows hold (P4)."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
