"""Recordings are made beside everything else, in a thread of the worker: no mail waits for a film."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import structlog

from engage.jobs.runner import Runner
from engage.kernel import clock
from engage.kernel.settings import Site
from engage.media.services import MAKE

LOOK_EVERY_S = 1.0
log = structlog.get_logger("engage.jobs")


class Making:
    """A thread of the worker that makes recordings until it stops, and does nothing else."""

    def __init__(
        self, site: Site, *, context: Callable[[], AbstractContextManager[object]], stopping: threading.Event
    ) -> None:
        """Begin nothing yet; `context` makes what the database needs in another thread."""
        self._site = site
        self._context = context
        self._stopping = stopping
        self._thread = threading.Thread(target=self._keep_on, name="making", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait(self, timeout: float) -> None:
        """Wait for the end, which `stopping` asks for."""
        self._thread.join(timeout)

    def _keep_on(self) -> None:
        runner = Runner(self._site, stopping=self._stopping, only=(MAKE,))
        while not self._stopping.is_set():
            try:
                with self._context():
                    done = runner.run_due(at=clock.now())
            except Exception:  # noqa: BLE001, RUF100 - a thread that ends is missed by nobody
                log.exception("making recordings was interrupted")
                done = 0
            if not done:
                self._stopping.wait(LOOK_EVERY_S)
