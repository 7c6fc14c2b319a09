"""The worker's end of drawing: a process for a few sheets, bounded in time, with none of our secrets in its reach."""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from engage.drawing.libraries import missing_packages

ROOT = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, "-X", "faulthandler", "-m", "engage.drawing")
LONGEST_S = 90
TRIES = 2
WHERE_CHARS = 600  # of what the process said when it was killed: names of functions


class DrawingError(Exception):
    """The drawing process failed as a whole; the text says how."""


class CrashedError(DrawingError):
    """A signal ended the drawing process: a fault of the libraries; the text names it, and where they were."""


class LibrariesMissingError(DrawingError):
    """The system lacks what drawing needs; the text names the packages."""


@dataclass(frozen=True)
class Sheet:
    """A whole HTML document, and the style sheets of static/css that it is drawn with."""

    html: str
    styles: tuple[str, ...]


def draw(
    sheets: Sequence[Sheet], *, stopping: threading.Event | None = None, longest_s: float = LONGEST_S
) -> list[bytes | None]:
    """Return the PDF of each sheet, PDF/UA with its title and language; None for one that cannot be drawn.

    A process that crashes is given one more try. Raises LibrariesMissingError, and DrawingError when the process ends
    early, takes longer than `longest_s` seconds, or `stopping` is set meanwhile.
    """
    missing = missing_packages()
    if missing:
        raise LibrariesMissingError(", ".join(missing))
    for _ in range(TRIES - 1):
        with suppress(CrashedError):
            return _draw_once(sheets, stopping, longest_s)
    return _draw_once(sheets, stopping, longest_s)


def _draw_once(sheets: Sequence[Sheet], stopping: threading.Event | None, longest_s: float) -> list[bytes | None]:
    asked = json.dumps({"sheets": [asdict(sheet) for sheet in sheets]}).encode()
    process = subprocess.Popen(  # noqa: S603 - our own module
        COMMAND,
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            answer, said = _wait_for(process, asked, stopping, time.monotonic() + longest_s)
        finally:
            process.kill()
    if process.returncode < 0:
        name = signal.Signals(-process.returncode).name
        _, _, where = said.decode(errors="replace").partition("Fatal Python error")
        raise CrashedError(f"the drawing process was ended by {name}{where[:WHERE_CHARS]}")
    if process.returncode != 0:
        raise DrawingError(f"the drawing process ended with status {process.returncode}")
    drawn: list[str | None] = json.loads(answer)["drawn"]
    return [None if pdf is None else base64.b64decode(pdf) for pdf in drawn]


def _wait_for(
    process: "subprocess.Popen[bytes]", asked: bytes, stopping: threading.Event | None, end: float
) -> tuple[bytes, bytes]:
    sent: bytes | None = asked
    while True:
        try:
            return process.communicate(sent, timeout=0.25)
        except subprocess.TimeoutExpired as error:
            sent = None
            if stopping is not None and stopping.is_set():
                raise DrawingError("the worker stops") from error
            if time.monotonic() > end:
                raise DrawingError("drawing took too long") from error
