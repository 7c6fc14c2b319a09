"""The worker's end of making: a process for one recording, bounded in time, with none of our secrets in its reach."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engage.media.enums import MediaKind, Refusal

ROOT = Path(__file__).parent.parent.parent.parent
COMMAND = (sys.executable, "-m", "engage.media.making")
LONGEST_S = 1200
LOOK_S = 0.25
SIGN_OF_LIFE_S = 60
MADE, POSTER = "made.mp4", "poster.jpg"  # as making.tape names them, which only the process itself may import


class MakingError(Exception):
    """The process failed through no fault of the recording; the text says how."""


class StoppedError(MakingError):
    """The worker stops: the recording is for the next one."""


class UnusableError(Exception):
    """The recording cannot be used; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        """Keep the reason."""
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True)
class Made:
    """What was made in the folder: the file MADE, and POSTER where there are pictures. `duration_ms` was measured."""

    kind: MediaKind
    mime: str
    duration_ms: int
    width: int | None
    height: int | None
    poster: bool


def make_again(
    source: BinaryIO,
    folder: Path,
    *,
    kind: MediaKind,
    shortest_ms: int,
    longest_ms: int,
    stopping: threading.Event | None = None,
    alive: Callable[[], None] = lambda: None,
    longest_s: float = LONGEST_S,
) -> Made:
    """Make a recording anew in a folder. `alive` is called about every minute while it lasts.

    Raises UnusableError when the recording is at fault, also when it asks for more time or memory than we give;
    StoppedError and MakingError when it is not.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module
        (*COMMAND, kind.value, str(shortest_ms), str(longest_ms)),
        cwd=folder,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            answer, said = _wait_for(process, stopping, alive, time.monotonic() + longest_s)
        finally:
            process.kill()
    if process.returncode != 0:
        if process.returncode < 0 or b"MemoryError" in said:
            raise UnusableError(Refusal.TOO_HARD)
        raise MakingError(f"status {process.returncode}: {said[-300:].decode(errors='replace')}")
    told = json.loads(answer)
    if "refusal" in told:
        raise UnusableError(Refusal(told["refusal"]))
    return Made(kind=MediaKind(told.pop("kind")), **told)


def _wait_for(
    process: "subprocess.Popen[bytes]", stopping: threading.Event | None, alive: Callable[[], None], end: float
) -> tuple[bytes, bytes]:
    told = time.monotonic()
    while True:
        if stopping is not None and stopping.is_set():
            raise StoppedError("the worker stops")
        try:
            return process.communicate(timeout=LOOK_S)
        except subprocess.TimeoutExpired as error:
            now = time.monotonic()
            if now > end:
                raise UnusableError(Refusal.TOO_HARD) from error
            if now - told > SIGN_OF_LIFE_S:
                alive()
                told = now
