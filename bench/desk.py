"""One worker by itself: how soon it shows its first page, what it keeps in memory, and what large lists take."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.load import Load, Step, measure
from bench.measures import COMPLETE, OURS, said
from bench.scene import DESK, DESK_BOOKINGS, SLUG, Scene
from bench.servers import engage_site, worker_memory_mb
from tests.live_server import LiveSite

FIRST_PAGE_S, WORKER_MB, LIST_S, LIST_MB = 3.0, 120, 1.0, 30
PAGES = ["/", "/events/", f"/events/{SLUG}/?made=anew", f"/events/{SLUG}.ics", "/consultations/the-river/"]


def one_worker(scene: Scene) -> None:
    """Start one worker and measure it."""
    began = time.monotonic()
    with engage_site(scene, workers=1) as site:
        measure(Load(site.port, [Step(f"/events/{SLUG}/")], connections=1, once=True))
        first = time.monotonic() - began
        print(f"first page {first:.1f} s after the start (goal {FIRST_PAGE_S:g} s: {said(first <= FIRST_PAGE_S)})")
        _memory(site)
        _lists(site, scene.cookie())


def _memory(site: LiveSite) -> None:
    """Ask for a thousand pages and bookings, then for two thousand more."""
    steps = [*COMPLETE, *(Step(path) for path in PAGES)]
    sizes = []
    for thousands in (1, 2):
        asked = 0
        while asked < 1000 * thousands:
            result = measure(Load(site.port, steps, connections=8, headers=OURS, once=True))
            asked += len(result.requests_ms)
        sizes.append(worker_memory_mb(site))
    print(
        f"a worker after 1,000 requests {sizes[0]:.0f} MB (goal {WORKER_MB} MB: {said(sizes[0] <= WORKER_MB)}),"
        f" after 3,000 {sizes[1]:.0f} MB"
    )


def _lists(site: LiveSite, cookie: str) -> None:
    """Open the list and both files of an event with thousands of bookings."""
    for name, path in (("list", "bookings"), ("CSV", "bookings.csv"), ("XLSX", "bookings.xlsx")):
        load = Load(
            site.port, [Step(f"/organise/events/{DESK}/{path}")], connections=1, headers={"Cookie": cookie}, once=True
        )
        idle = worker_memory_mb(site)
        with _peak(site) as peak:
            result = measure(load)
        took, more = result.journeys_ms[0] / 1000, max(peak) - idle
        print(
            f"{DESK_BOOKINGS:,} bookings, {name}: {took:.2f} s (goal {LIST_S:g} s: {said(took < LIST_S)}),"
            f" {more:.0f} MB above idle (goal {LIST_MB} MB: {said(more <= LIST_MB)})"
            + (f"; other answers {result.others}" if result.others else "")
        )


@contextmanager
def _peak(site: LiveSite) -> Iterator[list[float]]:
    """Give a list that fills with the worker's memory, looked at every few milliseconds."""
    seen = [worker_memory_mb(site)]
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.005):
            seen.append(worker_memory_mb(site))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        seen.append(worker_memory_mb(site))
