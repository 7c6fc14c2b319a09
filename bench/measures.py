"""Rows of rates: what they are, how they are filled round by round, and how they are printed."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bench.load import Load, Step, measure
from bench.scene import SLUG
from bench.servers import Ground, cpu_seconds
from tests.live_server import LiveSite

WARM_UP_S = 0.7
PERSON = {"name": "Cleo Hart", "email": "{email}", "organisation": "Friends of the River"}
OURS = {"Sec-Fetch-Site": "same-origin"}
WORDS = {
    "body": "The path by the river floods each winter, and nobody knows whom to tell.",
    "attribution": "named",
    "display_name": "Cleo Hart",
    "publish": "y",
}
BOOK = f"/events/{SLUG}/book"
COMPLETE = [
    Step(f"/events/{SLUG}/"),
    Step(BOOK),
    Step(BOOK, "303", {**PERSON, "submission_key": "{key}"}),
    Step("{location}"),
]


@dataclass
class Measure:
    """One row of a table, filled round by round. `base` names the row that it is held against, `goal` is in percent."""

    name: str
    site: LiveSite
    load: Load
    base: str
    goal: int = 0
    done: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    others: Counter[str] = field(default_factory=Counter)
    took_ms: list[float] = field(default_factory=list)

    def run(self, seconds: float) -> None:
        """Put the load on for so long."""
        before = cpu_seconds(self.site)
        result = measure(replace(self.load, seconds=seconds))
        self.cpu_seconds += cpu_seconds(self.site) - before
        self.seconds += result.seconds
        self.done += result.done
        self.others += Counter(result.others)
        self.took_ms += result.journeys_ms

    @property
    def rate(self) -> float:
        """Return how often a second all steps went as meant."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def cpu_ms(self) -> float:
        """Return the milliseconds of processor time that the server used for each."""
        return 1000 * self.cpu_seconds / self.done if self.done else float("nan")

    @property
    def median_ms(self) -> float:
        """Return how long half of them took."""
        return statistics.median(self.took_ms) if self.took_ms else float("nan")


def rates(ground: Ground) -> list[Measure]:
    """Return the rows of the first table."""
    bare, floor, engage = ground.bare.port, ground.floor.port, ground.engage.port
    event = Load(engage, [Step(f"/events/{SLUG}/")])
    post = Load(
        engage,
        [Step(BOOK, "303", {**PERSON, "submission_key": "{key}"})],
        headers=OURS,
        secrets=[ground.scene.link_secret],
    )
    plain = Step("/book", "303", PERSON)
    said = {**WORDS, "submission_key": "{key}"}
    path = ground.scene.comment_path()
    comment = Load(engage, [Step(path), Step(path, "303", said), Step("{location}")], headers=OURS)
    bare_comment = Load(bare, [Step("/comment"), Step("/comment", "303", WORDS), Step("{location}")])
    return [
        Measure("bare page", ground.bare, Load(bare, [Step("/page")]), "bare page"),
        Measure("event page", ground.engage, event, "bare page", goal=60),
        Measure("event page, 304", ground.engage, _again(event), "bare page"),
        Measure("event page, made", ground.engage, Load(engage, [Step(f"/events/{SLUG}/?made=anew")]), "bare page"),
        Measure("event .ics", ground.engage, Load(engage, [Step(f"/events/{SLUG}.ics")]), "bare page"),
        Measure("bare view", ground.bare, Load(bare, [plain]), "bare view"),
        Measure("floor", ground.floor, Load(floor, [plain]), "bare view"),
        Measure("its POST alone", ground.engage, post, "bare view", goal=50),
        Measure("complete booking", ground.engage, Load(engage, COMPLETE, headers=OURS), "bare view", goal=50),
        Measure("bare comment", ground.bare, bare_comment, "bare comment"),
        Measure("comment and receipt", ground.engage, comment, "bare comment", goal=44),
    ]


def _again(load: Load) -> Load:
    return replace(load, revalidate=True, steps=[replace(load.steps[0], good="304")])


def run_rounds(rows: Sequence[Measure], *, rounds: int, seconds: float) -> None:
    """Fill the rows in rounds, forwards and backwards, so that whatever else the machine does falls on all alike."""
    for row in rows:
        measure(replace(row.load, seconds=WARM_UP_S))
    for number in range(rounds):
        for row in rows if number % 2 == 0 else reversed(rows):
            row.run(seconds)


def print_rates(rows: Sequence[Measure]) -> None:
    """Print each row beside the one that it is held against."""
    by_name = {row.name: row for row in rows}
    print(f"{'':21}{'a second':>10}{'CPU ms':>9}{'median ms':>11}{'of base, rate':>15}{'of base, CPU':>14}  goal")
    for row in rows:
        base = by_name[row.base]
        share = 100 * row.rate / base.rate if base.rate else 0.0
        goal = f"{row.goal} %: {said(share >= row.goal)}" if row.goal else ""
        print(
            f"{row.name:21}{row.rate:10.0f}{row.cpu_ms:9.2f}{row.median_ms:11.1f}"
            f"{share:13.0f} %{100 * base.cpu_ms / row.cpu_ms:12.0f} %  {goal}"
        )
    for row in rows:
        if row.others:
            print(f"  {row.name}: other answers {dict(row.others)}")


def said(met: bool) -> str:
    """Return in a word whether a goal is met."""
    return "met" if met else "MISSED"
