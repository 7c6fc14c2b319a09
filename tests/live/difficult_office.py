"""A mail server that is as difficult as real ones: what it does with a mail is decided by the address."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.live.post_office import Delivery
from tests.live_server import free_port

MODES = ("accept", "451", "550", "slow", "hang", "drop")
ANSWER_WITHIN_S = 1  # what the worker's SMTP_URL says; a server that hangs takes longer
SLOW_S, HANG_S = 0.2, 3.0


@dataclass
class DifficultOffice:
    """What arrived, in order; `faults` counts what the sender could not know the end of, by Message-ID."""

    url: str
    deliveries: list[Delivery] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Take commands without an answer in between, as most servers do (RFC 2920)."""
        session.host_name = hostname
        return [*responses[:1], "250-PIPELINING", *responses[1:]]

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, or do not: only the first try at an address is difficult, but 550 is for ever."""
        data, address = bytes(envelope.content or b""), envelope.rcpt_tos[0]
        message_id = str(message_from_bytes(data)["Message-ID"])
        mode = address.partition("-")[0]
        self.tries[address] += 1
        first = self.tries[address] == 1
        if mode == "550":
            return "550 5.1.1 nobody lives here"
        if mode == "451" and first:
            return "451 4.7.1 try again later"
        if mode == "hang" and first:
            await asyncio.sleep(HANG_S)
            return "451 4.4.2 you are gone"
        if mode == "slow":
            await asyncio.sleep(SLOW_S)
        self.deliveries.append(Delivery(address, message_id, data))
        if mode == "drop" and first:
            self.faults[message_id] += 1
            server.transport.abort()
        return "250 OK"


@contextmanager
def difficult_office() -> Iterator[DifficultOffice]:
    """Run it on this machine."""
    port = free_port()
    office = DifficultOffice(f"smtp://127.0.0.1:{port}?timeout={ANSWER_WITHIN_S}")
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
