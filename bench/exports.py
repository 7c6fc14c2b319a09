"""A file of 1,000,000 responses: what it takes of a processor, and what the process grows by (R33)."""

import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measures import said
from bench.scene import Scene
from bench.servers import database
from bench.store import STORE, fill_store
from engage.kernel import clock

QUESTIONS, RESPONSES = 2_000, 1_000_000
MOST_MB = 100
FORMATS = ("csv", "jsonl", "json", "xlsx")


def exports(kind: str, *, responses: int = RESPONSES) -> None:
    """Fill a database and write it in each format by the command, which makes its bytes as the desk does.

    What a process grows by is its peak beside that of the same command for one question alone.
    """
    with TemporaryDirectory(prefix="eng-export-") as made:
        folder = Path(made)
        with database(kind, folder) as url:
            scene = Scene(url, folder)
            began = time.perf_counter()
            with scene.unit(migrate=True):
                fill_store(questions=QUESTIONS, responses=responses, at=clock.now())
            took = time.perf_counter() - began
            print(f"\n{kind}: {responses:,} responses over {QUESTIONS:,} questions, filled in {took:.0f} s")
            print(f"{'':21}{'CPU s':>10}{'a CPU s':>10}{'file MB':>10}{'grows by MB':>13}  goal {MOST_MB}")
            for each in FORMATS:
                _, little, _ = _written(scene, each, "--question", "1")
                seconds, peak, size = _written(scene, each)
                grows = peak - little
                print(
                    f"{each:21}{seconds:10.1f}{responses / seconds:10.0f}{size:10.0f}{grows:13.0f}"
                    f"  {said(grows < MOST_MB)}"
                )


def _written(scene: Scene, file_format: str, *more: str) -> tuple[float, float, float]:
    """Return the seconds of a processor that a file took, the peak of its process and its own size, both in MB."""
    path = scene.folder / f"file.{file_format}"
    command = [sys.executable, "-m", "flask", "export", "responses", str(path), "--consultation", STORE]
    environment = {**os.environ, **scene.environment, "INSTANCE_FOLDER": str(scene.folder)}
    process = os.posix_spawn(
        sys.executable,
        [*command, "--for", "organiser", *more],
        environment,
        file_actions=[(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)],
    )
    _, status, used = os.wait4(process, 0)
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    size = path.stat().st_size / 1e6
    path.unlink()
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, size
