"""Measure Engage beside a bare Flask app, in one run, on SQLite and PostgreSQL. README.md says how to read it."""

import argparse
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from bench.load import Load, measure
from bench.scene import SLUG, Scene
from tests.live_server import LiveSite, live_site
from tests.servers import postgresql

PROCESSES = 2
WARM_UP_S = 0.7


@dataclass
class Measure:
    """One row of the table, filled round by round. `base` names the bare row that it is held against."""

    name: str
    site: LiveSite
    load: Load
    good: str
    base: str
    answers: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    others: Counter[str] = field(default_factory=Counter)

    def run(self, seconds: float) -> None:
        """Put the load on for so long."""
        before = _cpu_seconds(self.site)
        result = measure(replace(self.load, seconds=seconds))
        self.cpu_seconds += _cpu_seconds(self.site) - before
        self.seconds += result.seconds
        statuses = Counter(result.statuses)
        self.answers += statuses.pop(self.good, 0)
        self.others += statuses

    @property
    def rate(self) -> float:
        """Return the good answers a second."""
        return self.answers / self.seconds if self.seconds else 0.0

    @property
    def cpu_ms(self) -> float:
        """Return the milliseconds of processor time that the server used for each good answer."""
        return 1000 * self.cpu_seconds / self.answers if self.answers else float("nan")


def main() -> None:
    """Run what the command line asks for and print a table for each database."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two short rounds: the order of things, no more")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="one of the two (default: both)")
    parser.add_argument("--only", default="", help="rows whose name holds this word, and the bare ones")
    options = parser.parse_args()
    rounds, seconds = (2, 0.7) if options.quick else (5, 2.0)
    print(f"{os.cpu_count()} processors, {PROCESSES} server processes, {rounds} rounds of {seconds:g} s each")
    for kind in [options.database] if options.database else ["sqlite", "postgresql"]:
        with _servers(kind) as (bare, engage, scene):
            rows = [row for row in _rows(bare, engage, scene) if options.only in row.name or row.name == row.base]
            for row in rows:
                measure(replace(row.load, seconds=WARM_UP_S))
            for number in range(rounds):
                for row in rows if number % 2 == 0 else reversed(rows):  # neighbours change places
                    row.run(seconds)
            _print(kind, rows, {"bare": bare, "engage": engage})


@contextmanager
def _servers(kind: str) -> Iterator[tuple[LiveSite, LiveSite, Scene]]:
    """Run both apps, each on a database of its own on the same disk or server."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eng-bench-")))
        if kind == "postgresql":
            bare_url = engage_url = stack.enter_context(postgresql(fast=False))
        else:
            bare_url, engage_url = f"sqlite:///{folder / 'bare.db'}", f"sqlite:///{folder / 'engage.db'}"
        scene = Scene(engage_url, folder)
        scene.fill()
        os.environ["DATABASE_URL"] = bare_url
        from bench.bare import make_tables  # noqa: PLC0415 - it reads its address when it is loaded

        make_tables(bare_url)
        bare = stack.enter_context(
            live_site(bare_url, workers=PROCESSES, with_worker=False, application="bench.bare:app")
        )
        engage = stack.enter_context(
            live_site(engage_url, workers=PROCESSES, with_worker=False, environment=scene.environment)
        )
        yield bare, engage, scene


def _rows(bare: LiveSite, engage: LiveSite, scene: Scene) -> Sequence[Measure]:
    person = {"name": "Cleo Hart", "organisation": "Friends of the River"}
    ours = {"Sec-Fetch-Site": "same-origin"}
    event = Load(engage.port, f"/events/{SLUG}/", seconds=0)
    booking = replace(event, path=f"/events/{SLUG}/book", form=person, headers=ours, secrets=[scene.link_secret])
    return [
        Measure("bare page", bare, Load(bare.port, "/page", seconds=0), "200", "bare page"),
        Measure("event page", engage, event, "200", "bare page"),
        Measure("event page, ETag", engage, replace(event, revalidate=True), "304", "bare page"),
        Measure("event .ics", engage, replace(event, path=f"/events/{SLUG}.ics"), "200", "bare page"),
        Measure("bare booking", bare, Load(bare.port, "/book", seconds=0, form=person), "303", "bare booking"),
        Measure("booking", engage, booking, "303", "bare booking"),
    ]


def _print(kind: str, rows: Sequence[Measure], sites: dict[str, LiveSite]) -> None:
    by_name = {row.name: row for row in rows}
    memory = {name: _memory_mb(site) for name, site in sites.items()}
    print(f"\n{kind}: memory {', '.join(f'{name} {mb:.0f} MB' for name, mb in memory.items())}")
    print(f"{'':18}{'a second':>10}{'CPU ms':>9}{'of bare rate':>14}{'of bare by CPU':>16}")
    for row in rows:
        base = by_name[row.base]
        print(
            f"{row.name:18}{row.rate:10.0f}{row.cpu_ms:9.2f}"
            f"{_percent(row.rate, base.rate):>14}{_percent(base.cpu_ms, row.cpu_ms):>16}"
        )
    for row in rows:
        if row.others:
            print(f"  {row.name}: other answers {dict(row.others)}")


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"


def _processes(site: LiveSite) -> list[psutil.Process]:
    assert site.web is not None
    parent = psutil.Process(site.web.pid)
    return [parent, *parent.children(recursive=True)]


def _cpu_seconds(site: LiveSite) -> float:
    """Return the processor time, user and system, of a server's processes. A database server's own is not in it."""
    return sum(sum(process.cpu_times()[:2]) for process in _processes(site))


def _memory_mb(site: LiveSite) -> float:
    return sum(process.memory_info().rss for process in _processes(site)) / 1e6


if __name__ == "__main__":
    main()
