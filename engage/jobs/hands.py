"""What the worker's handlers have at hand: the site, a way to send, a way to draw."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from engage.drawing.process import Sheet
from engage.kernel.settings import Site
from engage.mail.signing import unsigned
from engage.mail.transport import SmtpServer, SmtpTransport, TemporaryMailError


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
        raise TemporaryMailError("SMTP_URL is not set")

    def abort(self) -> None:
        """Nothing waits."""


@dataclass(frozen=True)
class Hands:
    """What a handler may use; `stopping` is set when the worker should end, `sign` is for each mail, once."""

    site: Site
    transport: Transport
    draw: Drawer
    stopping: threading.Event
    sign: Callable[[bytes], bytes] = unsigned


def usual_transport(site: Site, smtp_url: str | None) -> Transport:
    """Return what the settings ask for."""
    if smtp_url:
        return SmtpTransport(SmtpServer.from_url(smtp_url))
    return OutboxOnly() if site.development else NoServer()
