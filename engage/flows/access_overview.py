"""What access leads see of all events: what is due by when, and where people wait for an answer; nobody's words."""

from dataclasses import dataclass
from datetime import datetime

from engage.bookings.need_lists import NeedCounts, count_needs
from engage.events.models import AccessProvision, Event
from engage.events.queries import events_by_id, provisions_of_coming_events, upcoming_events
from engage.kernel.when import local_time


@dataclass(frozen=True)
class DueProvision:
    """Something to arrange; `asked_by` is how many bookings ask for its kind, so far as needs were read."""

    provision: AccessProvision
    event: Event
    asked_by: int
    is_overdue: bool


@dataclass(frozen=True)
class EventNeeds:
    """An event, and how many of its bookings need something."""

    event: Event
    counts: NeedCounts


@dataclass(frozen=True)
class AccessOverview:
    """`due` is what is not arranged yet, overdue and soonest first; `over` are past events with needs still kept."""

    due: list[DueProvision]
    arranged: list[DueProvision]
    coming: list[EventNeeds]
    over: list[EventNeeds]


def access_overview(*, at: datetime) -> AccessOverview:
    """Return what access leads have to do."""
    counts = count_needs()
    pairs = provisions_of_coming_events(at)
    provisions = [
        DueProvision(
            provision,
            event,
            asked_by=counts[event.id].by_kind[provision.kind.value] if event.id in counts else 0,
            is_overdue=is_overdue(provision, event, at=at),
        )
        for provision, event in pairs
    ]
    coming = {event.id: event for event in upcoming_events(at) if event.cancelled_at is None}
    coming |= {event.id: event for _, event in pairs}
    over = [event for event in events_by_id(counts) if event.id not in coming]
    in_order = sorted(coming.values(), key=lambda event: (event.starts_at, event.slug))
    return AccessOverview(
        due=[each for each in provisions if each.provision.arranged_at is None],
        arranged=[each for each in provisions if each.provision.arranged_at is not None],
        coming=[EventNeeds(event, counts.get(event.id, NeedCounts())) for event in in_order],
        over=[EventNeeds(event, counts[event.id]) for event in over],
    )


def is_overdue(provision: AccessProvision, event: Event, *, at: datetime) -> bool:
    """Tell whether the day by which something was to be arranged is over where the event takes place."""
    today = local_time(at, event.timezone).date()
    return provision.arranged_at is None and provision.due_on is not None and provision.due_on < today
