"""A bell that wakes workers when work was promised. It carries nothing: what is to do stands in the `job` table.

A ring that is lost costs a moment, since workers look by themselves too. See docs/decisions/0011-bell.md.
"""

import threading
import time
from typing import Any, Protocol

import structlog

CHANNEL = "engage_work"
LONGEST_S = 1.0  # for connecting and for an answer: nobody waits for a bell
SILENT_S = 30.0  # after a fault
log = structlog.get_logger("engage.bell")


class Bell(Protocol):
    """What web servers ring and workers hear."""

    def ring(self) -> None:
        """Wake whoever waits. Never raises: a bell that is broken is silent for a while."""

    def listen(self) -> None:
        """Hear from now on, also while nobody waits."""

    def wait(self, seconds: float) -> bool:
        """Wait for a ring; tell whether there was one."""

    def close(self) -> None:
        """Hang up."""


class _Wire(Protocol):
    """How one kind of server passes a ring on; any fault may be raised."""

    def send(self) -> None: ...
    def subscribe(self) -> None: ...
    def receive(self, seconds: float) -> bool: ...
    def close(self) -> None: ...


class PostgresWire:
    """NOTIFY and LISTEN, outside any transaction: inside one, committing bookings would queue for its lock."""

    def __init__(self, url: str) -> None:
        """Connect. Raises psycopg.Error."""
        import psycopg  # noqa: PLC0415 - 9 MB in each process of a site on SQLite

        self.connection = psycopg.connect(url, autocommit=True, connect_timeout=int(LONGEST_S) + 1)

    def send(self) -> None:
        """Notify."""
        self.connection.execute(f"NOTIFY {CHANNEL}")

    def subscribe(self) -> None:
        """Listen."""
        self.connection.execute(f"LISTEN {CHANNEL}")

    def receive(self, seconds: float) -> bool:
        """Wait for a notice."""
        return any(True for _ in self.connection.notifies(timeout=seconds, stop_after=1))

    def close(self) -> None:
        """Hang up."""
        self.connection.close()


class RedisWire:
    """PUBLISH and SUBSCRIBE."""

    def __init__(self, url: str) -> None:
        """Connect. Raises redis.RedisError at the first word."""
        from redis import Redis  # noqa: PLC0415 - only where QUEUE_URL asks for it: 5 MB in each process

        self.server = Redis.from_url(url, socket_timeout=LONGEST_S, socket_connect_timeout=LONGEST_S)
        self.heard: Any = None

    def send(self) -> None:
        """Publish."""
        self.server.publish(CHANNEL, b"")

    def subscribe(self) -> None:
        """Subscribe."""
        self.heard = self.server.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        self.heard.subscribe(CHANNEL)

    def receive(self, seconds: float) -> bool:
        """Wait for a message."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.heard.get_message(timeout=left) is not None:
                return True
        return False

    def close(self) -> None:
        """Hang up."""
        self.server.close()


class NetworkBell:
    """A bell over a wire that is laid anew after a fault; for any number of threads."""

    def __init__(self, url: str) -> None:
        """Begin; nothing is connected yet."""
        self._url = url
        self._wire: _Wire | None = None
        self._listens = False
        self._silent_until = 0.0
        self._lock = threading.Lock()

    def ring(self) -> None:
        """Wake whoever waits."""
        with self._lock:
            if time.monotonic() >= self._silent_until:
                self._try("send")

    def listen(self) -> None:
        """Hear from now on."""
        with self._lock:
            self._listens = True
            if self._wire is None:
                self._try("subscribe")

    def wait(self, seconds: float) -> bool:
        """Wait for a ring, or without one where the wire is broken."""
        self.listen()
        with self._lock:
            wire = self._wire
        began = time.monotonic()
        try:
            if wire is not None and wire.receive(seconds):
                return True
        except Exception as error:  # noqa: BLE001, RUF100 - a fault of any driver; the wait goes on without a bell
            self._break(error)
        time.sleep(max(0.0, seconds - (time.monotonic() - began)))
        return False

    def close(self) -> None:
        """Hang up."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def _try(self, act: str) -> None:
        try:
            if self._wire is None:
                self._wire = _lay_wire(self._url)
                if self._listens and act != "subscribe":
                    self._wire.subscribe()
            getattr(self._wire, act)()
        except Exception as error:  # noqa: BLE001, RUF100 - a fault of any driver must not fail a booking
            self._break(error)

    def _break(self, error: Exception) -> None:
        log.warning("the bell is silent", kind=type(error).__name__)
        self._silent_until = time.monotonic() + SILENT_S
        self.close()


def _lay_wire(url: str) -> _Wire:
    return PostgresWire(url) if url.startswith("postgresql://") else RedisWire(url)
