"""What the headers of a mail say: who, to which of our mails, whether a program wrote it, whether it is forged."""

import re
from dataclasses import dataclass
from email.errors import InvalidHeaderDefect
from email.header import decode_header
from email.message import Message
from email.policy import default
from typing import Any

from engage.kernel.text import clean, header_safe, normalise_email
from engage.mail.inbound.opening import MOST_HOPS, decoded

LONGEST_HEADER = 2000  # characters that are looked at
LONGEST_SUBJECT = 400
LONGEST_NAME = 100
MOST_REFERENCES = 20
_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_COMMENT = re.compile(r"\([^()]*\)")
_DMARC = re.compile(r"(?i)\bdmarc\s*=\s*([a-z]+)")
_BULK = {"bulk", "junk", "auto_reply"}


@dataclass(frozen=True)
class Headers:
    """What is known of a mail by its headers; addresses are normalised, `None` is what it does not say.

    `references` are the Message-IDs that it answers, the nearest first. `is_automatic` is RFC 3834's, with
    `Precedence`; `dmarc_failed` is what our own mail server found.
    """

    message_id: str | None
    from_addr: str | None
    from_name: str
    subject: str
    references: tuple[str, ...]
    is_automatic: bool
    is_returned: bool
    is_looping: bool
    dmarc_failed: bool


def read_headers(message: "Message[str, str]", *, envelope_from: str | None, authserv_id: str) -> Headers:
    """Read the headers of a mail. `envelope_from` is "" for one that must not be answered, None if not known."""
    name, address = _sender(_first(message, "From"))
    returned = _first(message, "Return-Path") if envelope_from is None else f"<{envelope_from}>"
    ids = _ID.findall(_first(message, "In-Reply-To"))[:1] + _ID.findall(_last(message, "References"))[::-1]
    own = _ID.findall(_first(message, "Message-ID"))
    return Headers(
        message_id=own[0] if own else None,
        from_addr=address,
        from_name=name,
        subject=header_safe(clean(words_of(_first(message, "Subject")), limit=LONGEST_SUBJECT)),
        references=tuple(dict.fromkeys(ids))[:MOST_REFERENCES],
        is_automatic=_is_automatic(message),
        is_returned=returned.replace(" ", "") == "<>",
        is_looping=len(message.get_all("Received", [])) > MOST_HOPS,
        dmarc_failed=_dmarc_failed(message, authserv_id),
    )


def words_of(value: str) -> str:
    """Return a header in words: encoded words decoded, whatever they hold."""
    try:
        pieces: list[tuple[Any, str | None]] = decode_header(value)
    except Exception:  # noqa: BLE001, RUF100 - broken base64, or a codec that is none
        return value
    return "".join(
        decoded(piece, charset or "utf-8") if isinstance(piece, bytes) else str(piece) for piece, charset in pieces
    )


def _first(message: "Message[str, str]", name: str) -> str:
    try:
        return str(message.get(name) or "")[:LONGEST_HEADER].replace("\r", " ").replace("\n", " ").strip()
    except Exception:  # noqa: BLE001, RUF100 - octets that are no text in any way
        return ""


def _last(message: "Message[str, str]", name: str) -> str:
    """Return the end of a header that grows at its end."""
    try:
        return str(message.get(name) or "")[-LONGEST_HEADER:]
    except Exception:  # noqa: BLE001, RUF100 - as above
        return ""


def _sender(value: str) -> tuple[str, str | None]:
    """Return the name and the one address of a From; none if there are several, or what is there is none."""
    try:
        header = default.header_factory("From", value)
        found = header.addresses
        if len(found) != 1 or any(isinstance(defect, InvalidHeaderDefect) for defect in header.defects):
            return "", None
        address = normalise_email(found[0].addr_spec)
        name = clean(words_of(found[0].display_name), limit=LONGEST_NAME)
    except Exception:  # noqa: BLE001, RUF100 - the standard parser raises many things at broken addresses
        return "", None
    return header_safe(name), address


def _is_automatic(message: "Message[str, str]") -> bool:
    submitted = _first(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return submitted not in {"", "no"} or _first(message, "Precedence").lower() in _BULK


def _dmarc_failed(message: "Message[str, str]", authserv_id: str) -> bool:
    """Tell whether our own mail server says that the sender's domain disowns the mail (RFC 8601)."""
    for value in message.get_all("Authentication-Results", [])[:MOST_REFERENCES]:
        text = str(value)[:LONGEST_HEADER]
        for _ in range(5):
            text = _COMMENT.sub(" ", text)
        by, _, results = text.partition(";")
        if by.split()[:1] != [authserv_id] and by.strip().lower().split(" ")[0] != authserv_id.lower():
            continue
        if any(found.lower() == "fail" for found in _DMARC.findall(results)):
            return True
    return False
