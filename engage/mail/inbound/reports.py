"""What another mail server says became of a mail of ours (RFC 3464)."""

import re
from dataclasses import dataclass
from email.message import Message

from engage.kernel.text import clean, normalise_email
from engage.mail.inbound.opening import own_parts, text_of

LONGEST_REASON = 500
MOST_RECIPIENTS = 20
_ID = re.compile(r"(?im)^message-id[ \t]*:\s*(<[!-;=?-~]{1,250}>)")
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
    part = _status_part(message)
    blocks = part.get_payload() if part is not None and part.is_multipart() else []
    failures = []
    for block in blocks[1 : MOST_RECIPIENTS + 1] if isinstance(blocks, list) else []:
        if isinstance(block, Message) and (failure := _failure(block)) is not None:
            failures.append(failure)
    return Report(tuple(failures), _returned_id(message))


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
        clean(diagnostic or status[0], limit=LONGEST_REASON),
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
