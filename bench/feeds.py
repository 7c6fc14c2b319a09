"""The public calendar of 5,000 events: made anew, kept, and asked for by somebody who has it."""

import statistics
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import update

from bench.crowd import add_programme
from bench.load import Load, Step, measure
from bench.measures import said
from bench.scene import SLUG, Scene
from bench.servers import database, engage_site
from engage.events.models import Event
from engage.kernel import clock

EVENTS, TIMES = 5_000, 5
COLD_MS, KNOWN_MS = 300, 10
FEED = [Step("/events.ics")]


def feeds(kind: str) -> None:
    """Fill a database of its own, start one worker and measure it, one reader at a time."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="eng-feeds-")))
        scene = Scene(stack.enter_context(database(kind, folder)), folder)
        scene.fill()
        with scene.unit():
            add_programme(EVENTS, at=clock.now())
        site = stack.enter_context(engage_site(scene, workers=1))
        measure(Load(site.port, [Step(f"/events/{SLUG}/")], connections=1, once=True))
        cold, kept = [], []
        for _ in range(TIMES):
            with scene.unit() as session:
                session.execute(update(Event).where(Event.slug == SLUG).values(version=Event.version + 1))
            cold += _once(site.port)
            kept += _once(site.port)
        known = measure(
            Load(site.port, [Step("/events.ics", "304")], seconds=2.0, connections=1, revalidate=True)
        ).requests_ms
    _say("made anew after a change", cold, COLD_MS)
    _say("as it was made", kept, COLD_MS)
    _say("304, to whoever has it", known, KNOWN_MS)


def _once(port: int) -> list[float]:
    return measure(Load(port, FEED, connections=1, once=True)).requests_ms


def _say(what: str, took_ms: list[float], goal: int) -> None:
    median = statistics.median(took_ms)
    print(f"calendar of {EVENTS:,} events, {what}: {median:.1f} ms (goal {goal} ms: {said(median < goal)})")
