"""One worker by itself: its first page, its memory, what large lists take, and what large recordings do."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.load import Load, Step, measure
from bench.measures import COMPLETE, OURS, said
from bench.scene import DESK, DESK_BOOKINGS, SLUG, Scene
from bench.servers import engage_site, worker_memory_mb
from tests.live.crowd import all_at_once
from tests.live.uploads import send_recording
from tests.live_server import LiveSite

FIRST_PAGE_S, WORKER_MB, LIST_S, LIST_MB, UPLOAD_MB = 3.0, 120, 1.0, 30, 50
RECORDING = 20 * 1024 * 1024  # bytes
AT_ONCE, PAGE_S = 10, 1.0
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
    with engage_site(scene, workers=1) as site:
        _upload(site, scene.comment_path())
    with engage_site(scene) as site:
        _uploads_at_once(site, scene.comment_path())


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


def _upload(site: LiveSite, path: str) -> None:
    """Send one large recording with a comment."""
    measure(Load(site.port, [Step(path)], connections=1, once=True))
    idle = worker_memory_mb(site)
    with _peak(site) as peak:
        answer = send_recording(site.port, path, size=RECORDING)
    more = max(peak) - idle
    print(
        f"a recording of 20 MB: {more:.0f} MB above idle (goal {UPLOAD_MB} MB: {said(more <= UPLOAD_MB)})"
        + (f"; it was answered by {answer.status}" if answer.status != 303 else "")
    )


def _uploads_at_once(site: LiveSite, path: str) -> None:
    """Send ten of them at once, and ask for pages meanwhile."""
    over, waits = threading.Event(), list[float]()

    def read_on() -> None:
        while not over.is_set():
            waits.extend(measure(Load(site.port, [Step(path)], connections=1, once=True)).requests_ms)

    reader, began = threading.Thread(target=read_on), time.monotonic()
    reader.start()
    answers = all_at_once([lambda: send_recording(site.port, path, size=RECORDING)] * AT_ONCE)
    took = time.monotonic() - began
    over.set()
    reader.join()
    slow = sorted(waits)[int(0.95 * len(waits))] / 1000
    good = sum(answer.status == 303 for answer in answers)
    print(
        f"{good} of {AT_ONCE} recordings of 20 MB at once: {took:.1f} s; of {len(waits)} pages meanwhile the slowest"
        f" twentieth took {slow:.2f} s (goal {PAGE_S:g} s: {said(good == AT_ONCE and slow <= PAGE_S)})"
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
