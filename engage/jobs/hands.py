"""What the worker's handlers have at hand: the site, a way to send, a way to draw."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from engage.drawing.process import Sheet
from engage.kernel.settings import Site
from engage.mail.signing import unsigned
from engage.mail.transport import ServerAwayError, SmtpServer, SmtpTransport

LONGEST_REST_S = 30.0
FRESH_S = 1.0  # what was read of a mail so lately is not read again before it is sent


class Transport(Protocol):
    """What hands a mail over."""

    def send(self, envelope_from: str, recipient: str, data: bytes) -> None:
        """Hand it over. Raises TemporaryMailError or PermanentMailError."""

    def abort(self) -> None:
        """Let a `send` that waits in another thread fail for now."""


class Drawer(Protocol):
    """What draws pages as PDF; `drawing.process.draw` is the usual one."""

    def __call__(self, sheets: Sequence[Sheet], *, stopping: threading.Event) -> list[bytes | None]:
        """Return each as PDF, None for one that cannot be drawn. Raises LibrariesMissingError, DrawingError."""


class OutboxOnly:
    """A developer's mail: the outbox is where it arrives (`/dev/mail`)."""

    def send(self, envelope_from: str, recipient: str, data: bytes) -> None:
        """Nothing leaves this machine."""

    def abort(self) -> None:
        """Nothing waits."""


class NoServer:
    """A site without SMTP_URL: mail waits until there is one."""

    def send(self, envelope_from: str, recipient: str, data: bytes) -> None:
        """Refuse for now."""
        raise ServerAwayError("SMTP_URL is not set")

    def abort(self) -> None:
        """Nothing waits."""


class MailRest:
    """How long no mail is tried, since the mail server is away: longer each time, up to half a minute."""

    def __init__(self) -> None:
        """Begin without a rest."""
        self._until = self._length = 0.0

    def begin(self) -> None:
        """Note that the server is away."""
        self._length = min(LONGEST_REST_S, max(1.0, 2 * self._length))
        self._until = time.monotonic() + self._length

    def end(self) -> None:
        """Note that the server answers."""
        self._until = self._length = 0.0

    @property
    def is_on(self) -> bool:
        """Tell whether no mail is tried now."""
        return time.monotonic() < self._until


class ReadAhead:
    """What is known of the mails of one batch, read by one statement; forgotten after a second, or once taken."""

    def __init__(self) -> None:
        """Begin with none."""
        self._until = 0.0
        self._rows: dict[int, Any] = {}

    def keep(self, rows: dict[int, Any]) -> None:
        """Remember rows by message id, instead of those of the batch before."""
        self._rows, self._until = rows, time.monotonic() + FRESH_S

    def take(self, message_id: int) -> Any | None:
        """Return what was read of a message a moment ago, or None."""
        row = self._rows.pop(message_id, None)
        return row if time.monotonic() < self._until else None


@dataclass(frozen=True)
class Hands:
    """What a handler may use; `stopping` is set when the worker should end, `sign` is for each mail, once."""

    site: Site
    transport: Transport
    draw: Drawer
    stopping: threading.Event
    sign: Callable[[bytes], bytes] = unsigned
    rest: MailRest = field(default_factory=MailRest)
    ahead: ReadAhead = field(default_factory=ReadAhead)


def usual_transport(site: Site, smtp_url: str | None) -> Transport:
    """Return what the settings ask for."""
    if smtp_url:
        return SmtpTransport(SmtpServer.from_url(smtp_url))
    return OutboxOnly() if site.development else NoServer()
