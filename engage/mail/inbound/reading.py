"""What a mail is, decided in one order: a bounce, a calendar's answer, an automatic answer, a person (5.2)."""

import hashlib
import html
import re
from dataclasses import dataclass, replace
from email.message import Message

from engage.kernel.text import clean
from engage.mail.enums import InboundKind
from engage.mail.inbound.answers import Answer, read_answer
from engage.mail.inbound.headers import Headers, read_headers
from engage.mail.inbound.opening import (
    LARGEST_CALENDAR,
    LARGEST_MAIL,
    UnfitMailError,
    open_head,
    open_mail,
    own_parts,
    text_of,
)
from engage.mail.inbound.reports import Report, is_report, read_report

LONGEST_WORDS = 20_000  # characters of what a person wrote
CALENDAR_TYPES = frozenset({"text/calendar", "application/ics"})
# Markup is read by expressions that never look at a character twice: a tree of it costs the square of its depth.
_HIDDEN = re.compile(r"(?is)<!--.*?(?:-->|\Z)|<(script|style|title)\b.*?(?:</\1\b[^<>]*>?|\Z)")
_BLOCK_END = re.compile(r"(?i)<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>")
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Inbound:
    """A mail that was read. `answer` is there for a reply, `report` for a bounce, `unfit` says why one was refused."""

    kind: InboundKind
    digest: str
    headers: Headers
    answer: Answer | None = None
    report: Report | None = None
    unfit: str = ""

    @property
    def is_automatic(self) -> bool:
        """Tell whether nobody waits for an answer: asked after bounces and calendars' answers."""
        return self.headers.is_automatic or self.headers.is_returned or self.headers.is_looping


@dataclass(frozen=True)
class Words:
    """What a person wrote, as plain text, and how many files came with it."""

    text: str
    files: int
    is_cut: bool


def read_inbound(raw: bytes, *, envelope_from: str | None, authserv_id: str) -> Inbound:
    """Read a mail and decide what it is. Whatever the bytes are, nothing is raised."""
    try:
        message = open_mail(raw)
    except UnfitMailError as error:
        headers = read_headers(open_head(raw), envelope_from=envelope_from, authserv_id=authserv_id)
        return Inbound(InboundKind.REFUSED, _digest(raw, headers), headers, unfit=error.reason)
    headers = read_headers(message, envelope_from=envelope_from, authserv_id=authserv_id)
    digest = _digest(raw, headers)
    if is_report(message, is_returned=headers.is_returned):
        return Inbound(InboundKind.BOUNCE, digest, headers, report=read_report(message))
    answer = _find_answer(message)
    if answer is not None:
        return Inbound(InboundKind.REPLY, digest, headers, answer=answer)
    found = Inbound(InboundKind.PERSON, digest, headers)
    return replace(found, kind=InboundKind.AUTOMATIC) if found.is_automatic else found


def read_words(raw: bytes) -> Words:
    """Return what a person wrote; of a mail that is refused, nothing."""
    try:
        message = open_mail(raw)
    except UnfitMailError:
        return Words("", 0, is_cut=True)
    leaves = [part for part in own_parts(message) if not part.is_multipart() or _is_file(part)]
    files = sum(1 for part in leaves if _is_file(part))
    spoken = [part for part in leaves if not _is_file(part)]
    for subtype in ("plain", "html"):
        for part in spoken:
            if part.get_content_type() != f"text/{subtype}":
                continue
            text = text_of(part, most=LARGEST_MAIL) or ""
            plain = _without_markup(text) if subtype == "html" else text
            if plain.strip():
                whole = clean(plain[: 4 * LONGEST_WORDS], multiline=True)
                return Words(clean(whole, multiline=True, limit=LONGEST_WORDS), files, len(whole) > LONGEST_WORDS)
    return Words("", files, is_cut=False)


def _digest(raw: bytes, headers: Headers) -> str:
    """Return what makes a mail this one: its Message-ID, author and body.

    Servers on the way add headers each time they try again, so these do not count.
    """
    pieces = _HEAD_END.split(raw, maxsplit=1)
    body = pieces[1] if len(pieces) == 2 and headers.message_id else raw
    name = f"{headers.message_id}\0{headers.from_addr}\0{headers.subject}\0".encode("utf-8", "replace")
    return hashlib.sha256(name + hashlib.sha256(body).digest()).hexdigest()


def _find_answer(message: "Message[str, str]") -> Answer | None:
    """Return the first answer of a calendar in a mail: in parts that say they are one, then in files of that name."""
    parts = list(own_parts(message))
    by_type = [part for part in parts if part.get_content_type() in CALENDAR_TYPES]
    by_name = [part for part in parts if part not in by_type and _file_name(part).endswith(".ics")]
    for part in (*by_type, *by_name):
        text = text_of(part, most=LARGEST_CALENDAR)
        answer = read_answer(text) if text else None
        if answer is not None:
            return answer
    return None


def _file_name(part: "Message[str, str]") -> str:
    try:
        return (part.get_filename() or "").lower()
    except Exception:  # noqa: BLE001, RUF100 - a name in a codec that is none
        return ""


def _is_file(part: "Message[str, str]") -> bool:
    return (
        part.get_content_maintype() not in {"text", "multipart"}
        or part.get_content_disposition() == "attachment"
        or bool(_file_name(part))
    )


def _without_markup(markup: str) -> str:
    """Return the words of HTML. It is only ever shown as text, so that what is left of broken markup does nothing."""
    return html.unescape(_TAG.sub("", _BLOCK_END.sub("\n", _HIDDEN.sub("", markup))))
