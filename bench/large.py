"""The same pages on a small database and on one of many years: they may cost half as much again."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.load import Load, Step
from bench.measures import COMPLETE, OURS, Measure, run_rounds, said
from bench.scene import DESK, SLUG, Scene
from bench.servers import database, engage_site

# The small one has as many events as any list shows: what is compared is how much lies behind the same pages.
SIZES = {"small": (250, 5_000), "large": (2_000, 200_000)}
MOST = 1.5
PAGES = {
    "home": "/",
    "programme": "/events/",
    "event page": f"/events/{SLUG}/",
    "event page, made": f"/events/{SLUG}/?made=anew",
    "find my booking": "/find-my-booking",
    "events.ics": "/events.ics",
}
DESK_PAGES = {
    "desk": "/organise/",
    "desk, events": "/organise/events/",
    "desk, event": f"/organise/events/{DESK}/",
    "desk, list": f"/organise/events/{DESK}/bookings",
    "desk, CSV": f"/organise/events/{DESK}/bookings.csv",
}


def compare(kind: str, *, rounds: int, seconds: float) -> None:
    """Fill both databases, run both sites and print what each page costs on one and on the other."""
    with ExitStack() as stack:
        rows: list[tuple[Measure, Measure]] = []
        pair: list[dict[str, Measure]] = []
        for size, (events, bookings) in SIZES.items():
            folder = Path(stack.enter_context(TemporaryDirectory(prefix=f"eng-{size}-")))
            scene = Scene(stack.enter_context(database(kind, folder)), folder)
            scene.fill(events=events, bookings=bookings)
            site = stack.enter_context(engage_site(scene))
            cookie = {"Cookie": scene.cookie()}
            loads = {name: Load(site.port, [Step(path)]) for name, path in PAGES.items()}
            loads |= {name: Load(site.port, [Step(path)], headers=cookie) for name, path in DESK_PAGES.items()}
            loads["complete booking"] = Load(site.port, COMPLETE, headers=OURS)
            pair.append({name: Measure(name, site, load, name) for name, load in loads.items()})
        rows = [(small, pair[1][name]) for name, small in pair[0].items()]
        run_rounds([measure for both in rows for measure in both], rounds=rounds, seconds=seconds)
        told = {size: f"{bookings:,} bookings over {events:,} events" for size, (events, bookings) in SIZES.items()}
        print(f"\n{kind}: {told['large']} beside {told['small']}")
        print(f"{'':21}{'small ms':>10}{'large ms':>10}{'CPU, times':>12}{'median, times':>15}  goal {MOST:g}")
        for small, large in rows:
            cost, wait = large.cpu_ms / small.cpu_ms, large.median_ms / small.median_ms
            print(
                f"{small.name:21}{small.cpu_ms:10.2f}{large.cpu_ms:10.2f}{cost:12.2f}{wait:15.2f}  {said(cost <= MOST)}"
            )
            for each in (small, large):
                if each.others:
                    print(f"  other answers {dict(each.others)}")
