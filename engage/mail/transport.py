"""Handing bytes to a mail server, over one connection for each worker that is opened again after a fault."""

import smtplib
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from engage.mail.pipelining import sendmail

LONGEST_WAIT = 30.0  # seconds, for connecting and for every answer
LIVELY_S = 0.5  # a connection that answered so lately needs no asking
PORTS = {"smtp": 25, "smtps": 465}
TOO_LARGE = 552  # the one refusal of a sender that is about the mail and not about our settings


class MailError(Exception):
    """The mail was not handed over; the text names the server's answer, and never the mail's."""


class TemporaryMailError(MailError):
    """Try again later: no connection, a time-out, a 4xx answer, or a server that does not accept us."""


class ServerAwayError(TemporaryMailError):
    """There is no connection to the mail server: it is nothing about this mail, and others need not be tried."""


class PermanentMailError(MailError):
    """Do not try again: the address or the mail was refused for good."""


@dataclass(frozen=True)
class SmtpServer:
    """Where and how, read from an address such as `smtp://user:pass@host:587?starttls=1`."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    tls: bool = False
    timeout: float = LONGEST_WAIT

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read the address; `smtps` means TLS from the start, `timeout=` is at most 30. Raises ValueError."""
        parts = urlsplit(url)
        options = parse_qs(parts.query)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("SMTP_URL must look like smtp://user:password@host:587?starttls=1")
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            starttls=options.get("starttls", ["0"])[-1] in {"1", "true", "yes"},
            tls=parts.scheme == "smtps",
            timeout=min(float(options.get("timeout", [str(LONGEST_WAIT)])[-1]), LONGEST_WAIT),
        )


class SmtpTransport:
    """Sends mails one after another over a connection that is held open. For one thread."""

    def __init__(self, server: SmtpServer, *, local_hostname: str | None = None) -> None:
        self._server = server
        self._local_hostname = local_hostname
        self._connection: smtplib.SMTP | None = None
        self._answered_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, envelope_from: str, recipient: str, data: bytes) -> None:
        """Hand one mail over to one recipient. Raises TemporaryMailError or PermanentMailError.

        After a temporary fault the server may have taken the mail all the same: the same bytes with the same
        Message-ID are to be sent again.
        """
        _check_address(envelope_from)
        _check_address(recipient)
        connection = self._open()
        try:
            sendmail(connection, envelope_from, recipient, data)
            self._answered_at = time.monotonic()
        except smtplib.SMTPException as error:
            self._after(error)
            raise _fault(error) from error
        except OSError as error:
            self._drop()
            raise TemporaryMailError(type(error).__name__) from error
        except ValueError as error:
            self._drop()
            raise PermanentMailError(str(error)) from error

    def abort(self) -> None:
        """Hang up, from another thread: a `send` that waits for the server fails for now."""
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take leave of the server, if there is a connection."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()

    def _open(self) -> smtplib.SMTP:
        """Return a connection that answers; servers close idle ones."""
        if self._connection is not None:
            if time.monotonic() - self._answered_at < LIVELY_S:
                return self._connection
            try:
                if self._connection.noop()[0] == 250:
                    return self._connection
            except (smtplib.SMTPException, OSError):
                pass
            self._drop()
        try:
            self._connection = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            raise ServerAwayError(f"no connection to the mail server: {_described(error)}") from error
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context()
        connection: smtplib.SMTP
        if server.tls:
            connection = smtplib.SMTP_SSL(
                server.host,
                server.port,
                local_hostname=self._local_hostname,
                timeout=server.timeout,
                context=context,
            )
        else:
            connection = smtplib.SMTP(
                server.host, server.port, local_hostname=self._local_hostname, timeout=server.timeout
            )
        try:
            if server.starttls:
                connection.starttls(context=context)
            if server.username:
                connection.login(server.username, server.password)
        except (smtplib.SMTPException, OSError):
            connection.close()
            raise
        return connection

    def _after(self, error: smtplib.SMTPException) -> None:
        """Keep the connection after a refusal, which smtplib ends with RSET; else drop it."""
        refusals = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)
        if not isinstance(error, refusals) or 421 in _codes(error):
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _check_address(address: str) -> None:
    """Refuse an address that could end an SMTP command early or that needs SMTPUTF8."""
    if not address.isascii() or not address.isprintable() or any(c in " <>" for c in address) or "@" not in address:
        raise PermanentMailError("not a mail address")


def _codes(error: smtplib.SMTPException) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    if isinstance(error, smtplib.SMTPResponseException):
        return [error.smtp_code]
    return []


def _fault(error: smtplib.SMTPException) -> MailError:
    """Say whether trying again can help; wrong settings are mended one day."""
    codes = _codes(error)
    about_the_mail = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) or TOO_LARGE in codes
    permanent = about_the_mail and bool(codes) and all(500 <= code < 600 for code in codes)
    return (PermanentMailError if permanent else TemporaryMailError)(_described(error))


def _described(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_readable(text)}" for code, text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_readable(error.smtp_error)}"
    return type(error).__name__


def _readable(text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(words.split())[:300]
