"""A mail server that takes everything, and that can hold its answer while somebody pulls the plug."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.live_server import free_port

LONGEST_HOLD_S = 10


@dataclass(frozen=True)
class Delivery:
    """A mail that arrived."""

    to: str
    message_id: str
    data: bytes


@dataclass
class PostOffice:
    """What arrived, in order. `url` is its SMTP_URL."""

    url: str
    deliveries: list[Delivery] = field(default_factory=list)
    _hold_at: int | None = None
    _holding: threading.Event = field(default_factory=threading.Event)
    _let_go: threading.Event = field(default_factory=threading.Event)

    def hold_answer(self, *, after: int) -> None:
        """Take so many mails more, and leave the sender of the last without an answer."""
        self._holding.clear()
        self._let_go.clear()
        self._hold_at = len(self.deliveries) + after

    def wait_until_holding(self) -> None:
        """Wait for that mail: it is here, and its sender does not know."""
        assert self._holding.wait(LONGEST_HOLD_S), f"only {len(self.deliveries)} mails came"

    def let_go(self) -> None:
        """Go on."""
        self._let_go.set()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        data = bytes(envelope.content or b"")
        message_id = str(message_from_bytes(data)["Message-ID"])
        self.deliveries += [Delivery(address, message_id, data) for address in envelope.rcpt_tos]
        if self._hold_at == len(self.deliveries):
            self._holding.set()
            await asyncio.to_thread(self._let_go.wait, LONGEST_HOLD_S)
        return "250 OK"


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Run a mail server on this machine."""
    port = free_port()
    office = PostOffice(f"smtp://127.0.0.1:{port}")
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield office
    finally:
        office.let_go()
        controller.stop()
