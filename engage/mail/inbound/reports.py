"""What another mail server says became of a mail of ours (RFC 3464)."""

import re
from dataclasses import dataclass
from email.message import Message

from engage.kernel.text import clean, normalise_email
from engage.mail.inbound.opening import own_parts, text_of

LONGEST_REASON = 500
MOST_RECIPIENTS = 20
_ID = re.compile(r"(?im)^message-id[ \t]*:\s*(<[!-;=?-~]{1,250}>)")
# RFC 3463: what a mail holds (X.6), security and policy (X.7), and that it is too large (X.2.3, X.3.4).
_OF_ONE_MAIL = re.compile(r"[45]\.(?:[67]\.\d{1,3}|2\.3|3\.4)")
_PATH = re.compile(r"(?i)(\bhttps?:/{0,3}[^\s/]{1,300}/)\S+")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{40,}")
_STATUS = re.compile(r"\s*([245])\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True)
class Failure:
    """One recipient of a report: whom we wrote to, what was done, why, in the other server's words."""

    addresses: tuple[str, ...]
    action: str
    status: str
    reason: str

    @property
    def is_permanent(self) -> bool:
        """Tell whether the address will never take the mail."""
        return self.action == "failed" and self.status.startswith("5")

    @property
    def is_temporary(self) -> bool:
        """Tell whether it took it too late, or not this time."""
        return self.action == "delayed" or (self.action == "failed" and self.status.startswith("4"))

    @property
    def is_of_one_mail(self) -> bool:
        """Tell whether it is this mail that was not wanted, and the address may take others."""
        return _OF_ONE_MAIL.fullmatch(self.status) is not None


@dataclass(frozen=True)
class Report:
    """A delivery report; `returned_id` is the Message-ID of the mail that it is about, if that came back."""

    failures: tuple[Failure, ...]
    returned_id: str | None


def is_report(message: "Message[str, str]", *, is_returned: bool) -> bool:
    """Tell whether a mail is a bounce: it says so, or it must not be answered and holds a report."""
    kind = str(message.get_param("report-type", "")).lower()
    says_so = message.get_content_type() == "multipart/report" and kind == "delivery-status"
    return says_so or (is_returned and _status_part(message) is not None)


def read_report(message: "Message[str, str]") -> Report:
    """Read what a bounce says of each recipient."""
    failures = filter(None, (_failure(block) for block in status_blocks(message)[1:]))
    return Report(tuple(failures), _returned_id(message))


def without_links(text: str) -> str:
    """Return what another server says without what may open something: it may quote a mail of ours."""
    return _TOKEN.sub("…", _PATH.sub(r"\1…", text))


def status_blocks(message: "Message[str, str]") -> "list[Message[str, str]]":
    """Return the fields of a report: those about all of it, then those about each of its recipients."""
    part = _status_part(message)
    blocks = part.get_payload() if part is not None and part.is_multipart() else []
    some = blocks[: MOST_RECIPIENTS + 1] if isinstance(blocks, list) else []
    return [block for block in some if isinstance(block, Message)]


def _status_part(message: "Message[str, str]") -> "Message[str, str] | None":
    parts = (part for part in own_parts(message) if part.get_content_type() == "message/delivery-status")
    return next(parts, None)


def _failure(block: "Message[str, str]") -> Failure | None:
    addresses = [_address(str(block.get(name, ""))) for name in ("Final-Recipient", "Original-Recipient")]
    status = _STATUS.match(str(block.get("Status", "")))
    known = tuple(dict.fromkeys(address for address in addresses if address))
    if not known or status is None:
        return None
    diagnostic = str(block.get("Diagnostic-Code", "")).partition(";")[2].strip()
    return Failure(
        known,
        str(block.get("Action", "")).strip().lower(),
        status[0].strip(),
        clean(without_links(diagnostic) or status[0], limit=LONGEST_REASON),
    )


def _address(value: str) -> str | None:
    """Return the address in `rfc822; somebody@example.org`."""
    try:
        return normalise_email(value.rpartition(";")[2].strip().strip("<>"))
    except ValueError:
        return None


def _returned_id(message: "Message[str, str]") -> str | None:
    """Return the Message-ID among the returned headers: a whole mail, or its headers as text."""
    for part in own_parts(message):
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            inner = part.get_payload(0)
            found = _ID.search(f"Message-ID: {inner.get('Message-ID', '')}") if isinstance(inner, Message) else None
        elif part.get_content_type() in {"text/rfc822-headers", "message/rfc822-headers"}:
            found = _ID.search(text_of(part, most=64 * 1024) or "")
        else:
            continue
        if found is not None:
            return found[1]
    return None
