"""A door for the mail server on this machine: LMTP (RFC 2033), which answers for each mail once it is stored."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from engage.kernel.errors import UnavailableError
from engage.mail.inbound.opening import LARGEST_MAIL

STORED = "250 2.0.0 stored"
BUSY = "451 4.3.0 the database is busy, try again"
ONE_ONLY = "452 4.5.3 one recipient at a time"  # LMTP answers for each, and a refusal of the data answers once
Taking = Callable[[bytes, str, str], None]
log = structlog.get_logger("engage.jobs")


class Door:
    """What the listener does with each mail: `take` is given its bytes, recipient and sender, in a thread of its own.

    It raises UnavailableError when the mail is to be brought again.
    """

    def __init__(self, take: Taking) -> None:
        """Keep what takes mails in."""
        self._take = take
        self._hand = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lmtp")

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept one recipient for each mail."""
        if envelope.rcpt_tos:
            return ONE_ONLY
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Answer once the mail is stored, or say that it must come again."""
        raw = envelope.original_content or b""
        to_addr, from_addr = envelope.rcpt_tos[0], (envelope.mail_from or "").strip("<>")
        try:
            await asyncio.get_running_loop().run_in_executor(self._hand, self._take, raw, to_addr, from_addr)
        except UnavailableError:
            return BUSY
        except Exception:  # noqa: BLE001, RUF100 - the mail server keeps it and brings it again
            log.exception("mail could not be taken in")
            return BUSY
        return STORED


class Listener(Controller):
    """Listens in a thread of its own: `start()` raises OSError while the address is in use, `stop()` ends it."""

    def factory(self) -> LMTP:
        """Return what speaks with one mail server."""
        return LMTP(self.handler, data_size_limit=LARGEST_MAIL, enable_SMTPUTF8=True, ident="Engage", timeout=60)

    def give_up(self) -> None:
        """Let go of what was made to listen, after `start()` has failed."""
        self.loop.close()


def listener(host: str, port: int, take: Taking) -> Listener:
    """Return a listener, not started yet."""
    return Listener(Door(take), hostname=host, port=port)
