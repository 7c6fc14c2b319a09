"""Many people at one moment: what each waits, and whether the numbers are right afterwards."""

import statistics
from collections.abc import Sequence

from sqlalchemy import func, select

from bench.load import Load, Step, measure
from bench.measures import COMPLETE, OURS, PERSON, said
from bench.scene import JOINING, RUSH, RUSH_PLACES, RUSHING
from bench.servers import Ground
from engage.bookings.models import Booking
from engage.events.models import Event

LONGEST_RUSH_S, LONGEST_JOIN_MS, SPREAD = 4.0, 300, 3.0


def busy(ground: Ground, seconds: float) -> None:
    """Let 32 clients book as fast as they can: nobody waits much longer than the others."""
    result = measure(Load(ground.engage.port, COMPLETE, seconds=seconds, connections=32, headers=OURS))
    half, most = statistics.median(result.journeys_ms), percentile(result.journeys_ms, 95)
    print(
        f"32 clients, complete bookings: p50 {half:.0f} ms, p95 {most:.0f} ms,"
        f" {most / half:.1f} times (goal {SPREAD:g}: {said(most <= SPREAD * half)}); {_others(result.others)}"
    )


def rush(ground: Ground) -> None:
    """Let 400 people book 200 places at once, each with their own connection: form, booking, answer."""
    path = f"/events/{RUSH}/book"
    steps = [Step(path), Step(path, "303", {**PERSON, "submission_key": "{key}"}), Step("{location}")]
    result = measure(Load(ground.engage.port, steps, connections=RUSHING, headers=OURS, once=True))
    with ground.scene.unit() as session:
        event = session.scalars(select(Event).where(Event.slug == RUSH)).one()
        kept = dict(
            session.execute(
                select(Booking.status, func.count()).where(Booking.event_id == event.id).group_by(Booking.status)
            ).all()
        )
        taken = event.seats_taken
    placed = kept.get("confirmed", 0)
    right = placed == taken == RUSH_PLACES and result.done == RUSHING
    slowest = max(result.requests_ms) / 1000
    print(
        f"{RUSHING} people for {RUSH_PLACES} places at once: {placed} have one, {kept.get('waiting', 0)} wait"
        f" ({said(right)}); all answered after {result.seconds:.1f} s, the slowest request took {slowest:.1f} s"
        f" (goal {LONGEST_RUSH_S:g} s: {said(result.seconds <= LONGEST_RUSH_S)}); {_others(result.others)}"
    )


def join_minute(ground: Ground, seconds: float) -> None:
    """Let 1,000 people open their way in and press "join" within a minute."""
    steps = [Step("/join/{person}"), Step("/join/{person}", "200", {"submission_key": "{key}"})]
    tokens = ground.scene.join_tokens()
    load = Load(ground.engage.port, steps, seconds, connections=len(tokens), headers=OURS, people=tokens, once=True)
    result = measure(load)
    with ground.scene.unit() as session:
        joined = session.scalar(select(func.count()).where(Booking.joined_at.is_not(None)))
    slow = percentile(result.requests_ms, 95)
    print(
        f"{JOINING} people join within {seconds:g} s: {joined} recorded ({said(joined == JOINING)}),"
        f" p95 {slow:.0f} ms (goal {LONGEST_JOIN_MS} ms: {said(slow < LONGEST_JOIN_MS)}); {_others(result.others)}"
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many percent do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _others(others: dict[str, int]) -> str:
    return f"other answers {others}" if others else "nobody was refused"
