"""A mailbox that is looked into: each unread mail is taken in, and marked as read once it is stored."""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

import structlog

from engage.mail.inbound.opening import LARGEST_MAIL

LONGEST_WAIT = 30.0  # seconds, for connecting and for every answer
MOST_AT_ONCE = 50  # mails in one look
PORTS = {"imap": 143, "imaps": 993}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_UID = re.compile(rb"[0-9]{1,10}")
log = structlog.get_logger("engage.jobs")


class MailboxError(Exception):
    """The mailbox cannot be looked into now; the text names no password."""


@dataclass(frozen=True)
class Mailbox:
    """Where it is, read from an address such as `imaps://user:password@host/folder`."""

    host: str
    port: int
    username: str
    folder: str
    tls: bool
    password: str = field(repr=False)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read the address; without a folder it is INBOX. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("a mailbox is imaps://user:password@host/folder")
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            tls=parts.scheme == "imaps",
        )


def collect(mailbox: Mailbox, take: Callable[[bytes], None]) -> int:
    """Take in the unread mails of a mailbox, the oldest first; returns how many.

    A mail is marked as read only once `take` came back: what is not stored yet is there the next time. Raises
    MailboxError, and what `take` raises; the mails before it are marked.
    """
    count = 0
    with _opened(mailbox) as server:
        for uid in _search(server)[:MOST_AT_ONCE]:
            raw = _fetch(server, uid)
            if raw is None:  # gone since
                continue
            take(raw)
            _answer(server.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))
            count += 1
    return count


@contextmanager
def _opened(mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    server: imaplib.IMAP4 | None = None
    try:
        server = _connected(mailbox)
        server.login(mailbox.username, mailbox.password)
        _answer(server.select('"{}"'.format(mailbox.folder.replace("\\", "\\\\").replace('"', '\\"'))))
        yield server
    except (imaplib.IMAP4.error, OSError, EOFError) as error:
        raise MailboxError(f"the mailbox at {mailbox.host} cannot be read: {type(error).__name__}") from error
    finally:
        if server is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()


def _connected(mailbox: Mailbox) -> imaplib.IMAP4:
    secure = ssl.create_default_context()
    if mailbox.tls:
        return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=secure, timeout=LONGEST_WAIT)
    server = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=LONGEST_WAIT)
    if mailbox.host not in LOOPBACK:  # a password is never sent in the clear
        try:
            server.starttls(secure)
        except (imaplib.IMAP4.error, OSError):
            server.shutdown()
            raise
    return server


def _search(server: imaplib.IMAP4) -> list[str]:
    found = _answer(server.uid("SEARCH", "UNSEEN", "UNDELETED"))
    words = b" ".join(each for each in found if isinstance(each, bytes)).split()
    return sorted((uid.decode() for uid in words if _UID.fullmatch(uid)), key=int)


def _fetch(server: imaplib.IMAP4, uid: str) -> bytes | None:
    """Return a mail; of one that is too large as much as shows that it is."""
    found = _answer(server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST_MAIL + 1}>)"))
    return next((bytes(each[1]) for each in found if isinstance(each, tuple) and len(each) > 1), None)


def _answer(result: tuple[str, Sequence[object]]) -> Sequence[object]:
    status, found = result
    if status != "OK":
        raise imaplib.IMAP4.error(f"the server answered {status}")
    return found
