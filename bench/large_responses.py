"""The store of responses, small and with a million: a question, the queue, a search may cost twice as much."""

import statistics
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Uuid, bindparam, text

from bench.load import Load, Step
from bench.measures import OURS, Measure, run_rounds, said
from bench.scene import Scene
from bench.servers import database, engage_site
from bench.voices import ASKED, RARE, add_consultations, add_responses
from engage.consultations.queries import get_any_consultation
from engage.kernel import clock
from engage.kernel.db import db
from engage.responses.counts import count_for_question, counts_by_question

# As many responses to each question in both: what is compared is how much lies beside it.
EACH = 500
SIZES = {"small": 1_000, "large": 1_000_000}
MOST, LONGEST_MS, MOST_OF_RAW = 2.0, 100, 3.0
QUEUE = "/organise/responses/"
PAGES = {
    "a question's page": "/consultations/matter-0/questions/1/?made=anew",
    "queue, to read": QUEUE,
    "queue, published": f"{QUEUE}?state=published",
    "queue, one question": f"{QUEUE}?state=all&consultation=matter-0&question=1",
    "queue, by post": f"{QUEUE}?state=published&channel=post",
    "queue, in Welsh": f"{QUEUE}?state=refused&language=cy",
}
SEARCHES = {
    "search, rare word": {"words": RARE},
    "search, common word": {"words": "the"},
    "search, both": {"words": f"the {RARE}"},
    "search, phrase": {"words": '"the river"'},
    "search, beginning": {"words": "peo*"},
    "search, one question": {"words": "the", "consultation": "matter-0", "question": "1"},
    "search, refused": {"words": "the and", "state": "refused"},
}
RAW = "SELECT question_id, status, kind, count(*) FROM response WHERE {} = :about GROUP BY question_id, status, kind"


def compare_responses(kind: str, *, rounds: int, seconds: float) -> None:
    """Fill both databases, run both sites and print what each page costs on one and on the other."""
    with ExitStack() as stack:
        pair: list[dict[str, Measure]] = []
        counted = []
        for size, number in SIZES.items():
            folder = Path(stack.enter_context(TemporaryDirectory(prefix=f"eng-{size}-")))
            scene = Scene(stack.enter_context(database(kind, folder)), folder)
            began = time.monotonic()
            _fill(scene, number)
            print(f"{number:,} responses written in {time.monotonic() - began:.0f} s")
            counted.append(_counts(scene))
            site = stack.enter_context(engage_site(scene, workers=2))
            signed_in = {"Cookie": scene.cookie(), **OURS}
            loads = {
                name: Load(site.port, [Step(path)], headers=signed_in if path.startswith(QUEUE) else {}, connections=1)
                for name, path in PAGES.items()
            }
            for name, fields in SEARCHES.items():
                form = {"state": "all", **fields, "csrf_token": scene.csrf_token()}
                loads[name] = Load(site.port, [Step(QUEUE, "200", form)], headers=signed_in, connections=1)
            pair.append({name: Measure(name, site, load, name) for name, load in loads.items()})
        rows = [(small, pair[1][name]) for name, small in pair[0].items()]
        run_rounds([measure for both in rows for measure in both], rounds=rounds, seconds=seconds)
        _print(kind, rows)
        for name, (ours, raw) in counted[1].items():
            print(
                f"{name:21}{raw:10.2f}{ours:10.2f}{ours / raw:12.2f}  times the raw SQL, goal {MOST_OF_RAW:g}: "
                f"{said(ours <= MOST_OF_RAW * raw)}"
            )


def _print(kind: str, rows: list[tuple[Measure, Measure]]) -> None:
    print(f"\n{kind}: {SIZES['large']:,} responses over {SIZES['large'] // EACH:,} questions beside {SIZES['small']:,}")
    print(f"{'':21}{'small ms':>10}{'large ms':>10}{'times':>12}  goals {LONGEST_MS} ms, {MOST:g} times")
    for small, large in rows:
        both = [statistics.median(each.took_ms) for each in (small, large)]
        times = both[1] / both[0]
        print(
            f"{small.name:21}{both[0]:10.2f}{both[1]:10.2f}{times:12.2f}  "
            f"{said(both[1] <= LONGEST_MS)}, {said(times <= MOST)}"
        )
        for each in (small, large):
            if each.others:
                print(f"  other answers {dict(each.others)}")


def _fill(scene: Scene, number: int) -> None:
    scene.begin()
    with scene.unit():
        at = clock.now()
        made = add_consultations(max(1, number // EACH // ASKED), at=at)
        asked = [(consultation, question) for consultation, questions in made for question in questions]
        add_responses(asked[: max(1, number // EACH)], number, at=at)
    with scene.app().app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":  # as autovacuum does
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _counts(scene: Scene) -> dict[str, tuple[float, float]]:
    """Return what counting takes us, and the plain statement, in ms."""
    with scene.unit():
        consultation = get_any_consultation("matter-0")
        question_id = consultation.questions[0].id
        return {
            "count, a question": (
                _ms(lambda: count_for_question(question_id, before=clock.now().date())),
                _ms(lambda: _raw("question_id", question_id)),
            ),
            "counts, all its": (
                _ms(lambda: counts_by_question(consultation.id, before=clock.now().date())),
                _ms(lambda: _raw("consultation_id", consultation.id)),
            ),
        }


def _raw(column: str, about: uuid.UUID) -> None:
    statement = text(RAW.format(column)).bindparams(bindparam("about", type_=Uuid()))
    db.session.execute(statement, {"about": about}).all()


def _ms(count: Callable[[], object]) -> float:
    """Return the median of twenty times, in ms."""
    took = []
    for _ in range(20):
        began = time.perf_counter()
        count()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)
