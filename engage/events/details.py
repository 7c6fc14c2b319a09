"""What an organiser says of an event."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True)
class EventDetails:
    """An event as its organiser describes it.

    `day`, `start` and `end` are wall times in `timezone` (IANA); `fold` tells equal hours apart where a clock is put
    back (R19). `join_url` may be empty in a draft.
    """

    title: str
    summary: str
    description: str
    day: date
    start: time
    end: time
    timezone: str
    capacity: int
    join_url: str
    fold: int | None = None
