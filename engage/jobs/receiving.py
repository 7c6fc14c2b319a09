"""The ways in for mail, as the settings say: beside the worker, in a thread of their own, until it stops."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import structlog

from engage.jobs.imap import Mailbox, MailboxError, collect
from engage.jobs.lmtp import listener
from engage.jobs.replies import take_in
from engage.kernel import clock
from engage.kernel.errors import UnavailableError
from engage.kernel.settings import Site

LOOK_EVERY_S = 30.0
TRY_AGAIN_S = 5.0
log = structlog.get_logger("engage.jobs")


class Receiving:
    """Takes mail in by LMTP or from a mailbox; of `stdin` and None it starts nothing.

    `context` makes what the database needs in another thread, for one mail.
    """

    def __init__(
        self,
        inbound_mail: str | None,
        site: Site,
        *,
        context: Callable[[], AbstractContextManager[object]],
        stopping: threading.Event,
    ) -> None:
        """Begin nothing yet; `stopping` ends it."""
        self._url = inbound_mail or ""
        self._site = site
        self._context = context
        self._stopping = stopping
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> bool:
        """Begin, unless mail comes by another way; tell whether it began."""
        work = {"lmtp": self._listen, "imap": self._look, "imaps": self._look}.get(urlsplit(self._url).scheme)
        if work is None:
            return False
        self._thread = threading.Thread(target=self._keep_on, args=(work,), name="receiving", daemon=True)
        self._thread.start()
        return True

    def wait(self, timeout: float) -> None:
        """Wait for the end, which `stopping` asks for."""
        if self._thread is not None:
            self._thread.join(timeout)

    def take(self, raw: bytes, to_addr: str, from_addr: str | None) -> None:
        """Take one mail in. Raises UnavailableError."""
        with self._context():
            take_in(raw, envelope_to=to_addr, envelope_from=from_addr, site=self._site, at=clock.now())

    def _keep_on(self, work: Callable[[], None]) -> None:
        """Begin again after what nobody foresaw: mail comes in for as long as the worker lives."""
        while not self._stopping.is_set():
            try:
                work()
            except Exception:  # noqa: BLE001, RUF100 - a thread that ends is missed by nobody
                log.exception("taking mail in was interrupted")
                self._stopping.wait(LOOK_EVERY_S)

    def _listen(self) -> None:
        """Listen on loopback; while another worker holds the address, try again now and then."""
        parts = urlsplit(self._url)
        while not self._stopping.is_set():
            door = listener(parts.hostname or "127.0.0.1", parts.port or 0, self.take)
            try:
                door.start()
            except OSError:
                door.give_up()
                self._stopping.wait(TRY_AGAIN_S)
                continue
            log.info("listening for mail", port=parts.port)
            self._stopping.wait()
            door.stop()

    def _look(self) -> None:
        """Look into the mailbox again and again; a fault is logged once until it is over."""
        mailbox, is_faulty = Mailbox.from_url(self._url), False
        while not self._stopping.is_set():
            began, count = time.monotonic(), 0
            try:
                count = collect(mailbox, lambda raw: self.take(raw, "", None))
                is_faulty = False
            except UnavailableError:
                log.warning("the database is busy: mail waits in the mailbox")
            except MailboxError as error:
                if not is_faulty:
                    log.warning("no mail can be collected", reason=str(error))
                is_faulty = True
            if not count:
                self._stopping.wait(max(0.0, LOOK_EVERY_S - (time.monotonic() - began)))
