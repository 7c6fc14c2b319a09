"""One function builds every mail that leaves (S7): one recipient, safe headers, calendar parts in place."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from functools import lru_cache

from engage.kernel.text import clean, harmless_name, header_safe
from engage.mail.parts import calendar_file, calendar_part, multipart, text_part

SUBJECT_LIMIT = 250
NAME_LIMIT = 80
LONGEST_LINE = 998  # RFC 5322 2.1.1
ENCODED_LINE = 76  # RFC 2047 2: a line with encoded words, of which each is at most 75
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>")
WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/[A-Za-z0-9/_.~-]*")
# RFC 3834; "All" for Exchange would keep bounces back as well.
CONSTANT_HEAD = "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\nMIME-Version: 1.0\r\n"
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058 section 3.1; also the body of the POST
PLAIN_TEXT = re.compile(r"[!-~]+(?: [!-~]+)*")
PLAIN_NAME = re.compile(r"[A-Za-z0-9'-]+(?: [A-Za-z0-9'-]+)*")
OPAQUE_ID = re.compile(r"[A-Za-z0-9-]{1,48}")
BOUNCE = re.compile(r"bounce-(?P<id>[A-Za-z0-9-]{1,48})@", re.IGNORECASE)


POLICY = EmailPolicy(
    linesep=SMTP.linesep,
    cte_type=SMTP.cte_type,
    utf8=SMTP.utf8,
    max_line_length=ENCODED_LINE,
)


def _subject(text: str) -> str:
    """Return the subject; `text` is cleaned. Plain words need no library: it takes longer than all else of a mail."""
    line = f"Subject: {text}"
    return line + "\r\n" if len(line) <= ENCODED_LINE and PLAIN_TEXT.fullmatch(text) else _field("Subject", text)


def _recipient(mailbox: "Mailbox") -> str:
    """Return who gets the mail; plain names need no library either. Raises ValueError."""
    address = mailbox.header()
    line = f"To: {address.display_name} <{mailbox.address}>"
    is_plain = len(line) <= ENCODED_LINE and PLAIN_NAME.fullmatch(address.display_name)
    return line + "\r\n" if is_plain else _field("To", address)


def _field(name: str, value: str | Address) -> str:
    """Return a header in lines, what is not ASCII in encoded words.

    The library leaves the first line of a header empty whose text would just fit a line of its own, which some take
    for no text at all.
    """
    _, header = POLICY.header_store_parse(name, value)
    folded: str = POLICY.fold(name, header)
    words = folded.partition(":")[2].split()
    if not folded.startswith(f"{name}:\r\n") or not words or len(name) + len(words[0]) + 2 > ENCODED_LINE:
        return folded
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + len(word) + 1 <= ENCODED_LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return "\r\n".join([*lines, ""])


def _whole(name: str, value: str) -> str:
    """Return a header of ids or addresses, folded at white space: encoded words are no id for any mail program."""
    return f"{name}: " + "\r\n ".join(value.split()) + "\r\n"


@dataclass(frozen=True)
class Mailbox:
    """A name from people and an address that was checked before (`normalise_email`)."""

    name: str
    address: str

    def header(self) -> Address:
        """Return it for a header. Raises ValueError for an address that is not one."""
        if not ADDRESS.fullmatch(self.address) or "=?" in self.address:
            raise ValueError("not a mail address")
        user, _, domain = self.address.rpartition("@")
        return Address(_display_name(self.name), user, domain)


@lru_cache(maxsize=64)  # a site has one sender
def _mailbox(name: str, mailbox: Mailbox) -> str:
    return _field(name, mailbox.header())


def _display_name(name: str) -> str:
    """Return a name that needs no quotes.

    Python loses quotes when it folds a long header, and a comma would then begin a second address.
    """
    plain = re.sub(r'[<>@,;:\\"()\[\]]+', " ", header_safe(clean(name)))
    return header_safe(clean(plain, limit=NAME_LIMIT))


@dataclass(frozen=True)
class CalendarPart:
    """The bytes of a calendar object and its METHOD, which the mail must repeat."""

    ics: bytes
    method: str


def build_message(
    *,
    sender: Mailbox,
    recipient: Mailbox,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    date: datetime,
    calendar: CalendarPart | None = None,
    in_reply_to: str | None = None,
    reply_to: Mailbox | None = None,
    references: Sequence[str] = (),
    unsubscribe_url: str | None = None,
) -> bytes:
    """Return the bytes of one mail to one person; the same arguments give the same bytes.

    With `calendar` the parts are mixed(alternative(plain, html, calendar), ics file): Outlook looks for the
    invitation only in the first child, other programs at the attachment. An answer goes to `reply_to` instead of
    the sender. With `unsubscribe_url` a mail program may stop such mails by one POST to it (RFC 8058), whose headers
    the relay must sign (DKIM).
    Raises ValueError for what cannot be a header: fail that one mail, and not its neighbours.
    """
    if date.tzinfo is None:
        raise ValueError("a mail's date needs a time zone")
    subject = header_safe(clean(subject, limit=SUBJECT_LIMIT))
    # Whoever books types the name, and perhaps somebody else's address.
    recipient = Mailbox(harmless_name(recipient.name), recipient.address)
    head = [_mailbox("From", sender), _recipient(recipient), _subject(subject)]
    if reply_to is not None:
        head.append(_mailbox("Reply-To", reply_to))
    head += [f"Date: {format_datetime(date)}\r\n", _whole("Message-ID", _id(message_id))]
    if in_reply_to:
        head.append(_whole("In-Reply-To", _id(in_reply_to)))
        head.append(_whole("References", " ".join(_id(each) for each in (references or [in_reply_to]))))
    if unsubscribe_url is not None:
        head.append(_whole("List-Unsubscribe", _angled(unsubscribe_url)))
        head.append(f"List-Unsubscribe-Post: {ONE_CLICK}\r\n")
    head.append(CONSTANT_HEAD)
    # "=_" never stands in quoted-printable or base64, so that no text can hold a boundary (RFC 2045 6.7).
    digest = hashlib.sha256("\0".join([message_id, subject, text, html]).encode()).hexdigest()[:40]
    texts, boundary = [text_part("plain", text), text_part("html", html)], f"=_0_{digest}"
    if calendar is None:
        content = multipart("alternative", texts, boundary=boundary)
    else:
        texts.append(calendar_part(calendar.ics, calendar.method))
        shown = multipart("alternative", texts, boundary=f"=_1_{digest}")
        content = multipart("mixed", [shown, calendar_file(calendar.ics)], boundary=boundary)
    data = "".join(head).encode("ascii") + content
    if max(map(len, data.split(b"\r\n"))) > LONGEST_LINE:
        raise ValueError("a line of the mail is longer than mail allows")
    return data


def _id(message_id: str) -> str:
    if not MESSAGE_ID.fullmatch(message_id):
        raise ValueError("not a message id")
    return message_id


def _angled(address: str) -> str:
    if not WEB_ADDRESS.fullmatch(address):
        raise ValueError("not a web address that can stand in a header")
    return f"<{address}>"


def envelope_from(opaque_id: str, domain: str) -> str:
    """Return the envelope's sender, which names the mail that bounces. Raises ValueError."""
    if not OPAQUE_ID.fullmatch(opaque_id):
        raise ValueError("the id may hold letters, digits and hyphens")
    return f"bounce-{opaque_id}@{domain}"


def read_envelope(address: str) -> str | None:
    """Return the id in an address that `envelope_from` made, or None."""
    found = BOUNCE.match(address)
    return found["id"] if found else None


def invite_message_id(opaque_id: str, sequence: int, kind: str, domain: str) -> str:
    """Return the Message-ID of a mail about a calendar entry; a retry has the same one.

    `opaque_id` names the invitation and is never the token of a link. Raises ValueError.
    """
    return _id(f"<i-{opaque_id}.{sequence}.{kind}@{domain}>")
