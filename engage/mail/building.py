"""One function builds every mail that leaves (S7): one recipient, safe headers, calendar parts in place."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy

from engage.kernel.text import clean, harmless_name, header_safe
from engage.mail.parts import calendar_file, calendar_part, multipart, text_part

SUBJECT_LIMIT = 250
NAME_LIMIT = 80
WHOLE_HEADERS = {"message-id", "in-reply-to", "references", "list-unsubscribe"}
LONGEST_LINE = 998  # RFC 5322 2.1.1
ENCODED_LINE = 76  # RFC 2047 2: a line with encoded words, of which each is at most 75
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>")
WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/[A-Za-z0-9/_.~-]*")
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058 section 3.1; also the body of the POST
OPAQUE_ID = re.compile(r"[A-Za-z0-9-]{1,48}")
BOUNCE = re.compile(r"bounce-(?P<id>[A-Za-z0-9-]{1,48})@", re.IGNORECASE)


class MailPolicy(EmailPolicy):
    """SMTP's rules, but ids and addresses in headers are folded at white space and never encoded.

    The standard policy turns a long one into encoded words, which no mail program takes for an id; and it leaves the
    first line of a header empty whose text would just fit a line of its own, which some take for no subject at all.
    """

    def fold(self, name: str, value: str) -> str:
        """Return the header as lines, for text."""
        return _whole(name, value) or _begun_at_once(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the header as lines, for SMTP."""
        return self.fold(name, value).encode("ascii")


def _whole(name: str, value: str) -> str | None:
    if name.lower() not in WHOLE_HEADERS:
        return None
    return f"{name}: " + "\r\n ".join(str(value).split()) + "\r\n"


def _begun_at_once(folded: str) -> str:
    """Return a folded header whose first line has words in it, if they fit there."""
    name, colon, text = folded.partition(":")
    words = text.split()
    if not text.startswith("\r\n") or not words or len(name) + len(words[0]) + 2 > ENCODED_LINE:
        return folded
    lines = [f"{name}{colon}"]
    for word in words:
        if len(lines[-1]) + len(word) + 1 <= ENCODED_LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return "\r\n".join([*lines, ""])


POLICY = MailPolicy(
    linesep=SMTP.linesep,
    cte_type=SMTP.cte_type,
    utf8=SMTP.utf8,
    max_line_length=ENCODED_LINE,
)


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
    message = EmailMessage(policy=POLICY)
    message["From"] = sender.header()
    # Whoever books types the name, and perhaps somebody else's address.
    message["To"] = Mailbox(harmless_name(recipient.name), recipient.address).header()
    subject = header_safe(clean(subject, limit=SUBJECT_LIMIT))
    message["Subject"] = subject
    if reply_to is not None:
        message["Reply-To"] = reply_to.header()
    message["Date"] = date
    message["Message-ID"] = _id(message_id)
    if in_reply_to:
        message["In-Reply-To"] = _id(in_reply_to)
        message["References"] = " ".join(_id(each) for each in (references or [in_reply_to]))
    if unsubscribe_url is not None:
        message["List-Unsubscribe"] = _angled(unsubscribe_url)
        message["List-Unsubscribe-Post"] = ONE_CLICK
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # "All" would keep bounces back as well
    message["MIME-Version"] = "1.0"
    # "=_" never stands in quoted-printable or base64, so that no text can hold a boundary (RFC 2045 6.7).
    digest = hashlib.sha256("\0".join([message_id, subject, text, html]).encode()).hexdigest()[:40]
    texts, boundary = [text_part("plain", text), text_part("html", html)], f"=_0_{digest}"
    if calendar is None:
        content = multipart("alternative", texts, boundary=boundary)
    else:
        texts.append(calendar_part(calendar.ics, calendar.method))
        shown = multipart("alternative", texts, boundary=f"=_1_{digest}")
        content = multipart("mixed", [shown, calendar_file(calendar.ics)], boundary=boundary)
    head = b"".join(POLICY.fold_binary(name, value) for name, value in message.raw_items())
    data = head + content
    if any(len(line) > LONGEST_LINE for line in data.split(b"\r\n")):
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
