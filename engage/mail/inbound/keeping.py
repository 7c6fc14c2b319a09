"""What is kept of a mail that a program wrote: never the mail of ours that came back with it (S12, P2).

Ours opens its reader's pages by the links in it, and whoever organises reads what is kept.
"""

import re

from engage.kernel.text import clean
from engage.mail.enums import InboundKind
from engage.mail.inbound.headers import words_of
from engage.mail.inbound.opening import LARGEST_MAIL, UnfitMailError, open_head, open_mail
from engage.mail.inbound.reading import Inbound, read_words
from engage.mail.inbound.reports import status_blocks, without_links

LONGEST_LINE = 1000
LONGEST_NOTICE = 4000
HEADERS = ("From", "Subject", "Date", "Message-ID", "Auto-Submitted")
# Where a notice ends and the mail that it is about begins: a rule, something quoted, a header.
_RETURNED = re.compile(
    r"(?im)^[ \t]*(?:[-=_*]{2,}|>|.{0,200}\bwrote:[ \t]*$|(?:original )?message headers\b"
    r"|(?:received|return-path|message-id|mime-version|content-[a-z-]+|dkim-signature|list-[a-z-]+|reply-to)[ \t]*:)"
)


def kept_bytes(inbound: Inbound, raw: bytes) -> bytes | None:
    """Return what is kept of a mail: of a bounce, or what else came by itself, the notice; of others all or nothing."""
    if inbound.kind is InboundKind.BOUNCE or (inbound.kind is not InboundKind.REPLY and inbound.is_automatic):
        return _notice(raw)
    return raw if len(raw) <= LARGEST_MAIL else None


def _notice(raw: bytes) -> bytes:
    """Return who wrote, what they say until the returned mail begins, and what became of each recipient."""
    head = open_head(raw)
    lines = [_line(name, words_of(str(head[name]))) for name in HEADERS if name in head]
    words = _RETURNED.split(read_words(raw).text, maxsplit=1)[0].strip()
    pieces = ["\n".join(lines), without_links(clean(words, multiline=True, limit=LONGEST_NOTICE)), *_status(raw)]
    return "\n\n".join(filter(None, pieces)).encode("utf-8", "replace")


def _status(raw: bytes) -> list[str]:
    """Return the fields of a report, recipient by recipient (RFC 3464 2.1)."""
    try:
        blocks = status_blocks(open_mail(raw))
    except UnfitMailError:
        return []
    return ["\n".join(_line(name, str(value)) for name, value in block.items()) for block in blocks]


def _line(name: str, value: str) -> str:
    return clean(without_links(f"{name}: {value}"), limit=LONGEST_LINE)
