"""Taking a mail apart within limits that hold before it is parsed (calendar-mail 5.1, S25, S44)."""

import re
from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser

LARGEST_MAIL = 1024 * 1024  # octets
LARGEST_CALENDAR = 64 * 1024  # octets, decoded
MOST_PARTS = 20
DEEPEST = 5  # parts within parts; the mail itself is 0
MOST_BOUNDARIES = 4 * MOST_PARTS  # lines that begin, part or end the parts that a mail declares
MOST_HEADER_LINES = 2000
LONGEST_CONTENT_HEADER = 4096  # octets; parameters are put together one by one
MOST_HOPS = 50  # RFC 5321 6.3: more Received lines than this are a loop

_MANY = re.compile(rb"(?i)content-type[ \t]*:\s*(?:multipart|message)/")
_BOUNDARY = re.compile(rb"(?i)\bboundary\s*(\*?)[^=]{0,10}=\s*(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))")
_CONTENT_HEADER = re.compile(rb"(?im)^content-[a-z-]{1,30}[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*")
# Codecs of mail. Python has others, of which some are no text and some take a day.
_CHARSET = re.compile(
    r"(?i)(?:utf-?(?:7|8|16|16le|16be)|us-ascii|ascii|iso-?8859-?\d{1,2}|latin-?1|windows-?\d{3,4}|cp\d{3,4}"
    r"|koi8-[ru]|gb2312|gbk|gb18030|big5|euc-(?:jp|kr)|shift_jis|iso-2022-(?:jp|kr)|mac-?roman|tis-620)"
)


class UnfitMailError(ValueError):
    """A mail that is not read; `reason` is one of a few words for the log."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


def open_mail(raw: bytes) -> "Message[str, str]":
    """Return the parts of a mail. Raises UnfitMailError for one that is too large, too deep or of too many parts."""
    if len(raw) > LARGEST_MAIL:
        raise UnfitMailError("too large")
    raw = _with_plain_line_ends(raw)
    if raw.partition(b"\n\n")[0].count(b"\n") > MOST_HEADER_LINES:
        raise UnfitMailError("too many headers")
    if any(len(header) > LONGEST_CONTENT_HEADER for header in _CONTENT_HEADER.findall(raw)):
        raise UnfitMailError("too many headers")
    if len(_MANY.findall(raw)) > MOST_PARTS or _count_boundaries(raw) > MOST_BOUNDARIES:
        raise UnfitMailError("too many parts")
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
    except Exception as error:  # noqa: BLE001, RUF100 - the parser promises not to raise; a mail is no reason to fail
        raise UnfitMailError("unreadable") from error
    everything = list(_walk(message, 0, into_messages=True))
    if any(depth > DEEPEST for _, depth in everything):
        raise UnfitMailError("too deep")
    if len(everything) > MOST_PARTS:
        raise UnfitMailError("too many parts")
    return message


def open_head(raw: bytes) -> "Message[str, str]":
    """Return the headers alone of a mail that is not read; of a mail without any, none."""
    head = _with_plain_line_ends(raw[:LARGEST_CALENDAR]).partition(b"\n\n")[0]
    try:
        return BytesParser(policy=policy.compat32).parsebytes(head + b"\n\n", headersonly=True)
    except Exception:  # noqa: BLE001, RUF100 - as above
        return Message()


def own_parts(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """Give the parts of a mail itself: not what is inside another mail that it carries."""
    return (part for part, _ in _walk(message, 0, into_messages=False))


def text_of(part: "Message[str, str]", *, most: int) -> str | None:
    """Return the text of a part, of at most so many octets; None if it is larger or is no leaf."""
    try:
        data = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001, RUF100 - broken base64 and the like
        return None
    if not isinstance(data, bytes) or len(data) > most:
        return None
    try:
        charset = part.get_content_charset() or "utf-8"
    except Exception:  # noqa: BLE001, RUF100 - a parameter in a codec that is none
        charset = "utf-8"
    return decoded(data, charset)


def decoded(data: bytes, charset: str) -> str:
    """Return text in the charset that a mail names, if it is one of mail; what cannot be read is replaced."""
    if not _CHARSET.fullmatch(charset):
        charset = "utf-8"
    try:
        return data.decode(charset, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _with_plain_line_ends(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _walk(part: "Message[str, str]", depth: int, *, into_messages: bool) -> Iterator[tuple["Message[str, str]", int]]:
    yield part, depth
    # Of a leaf nothing is asked: Python would decode it by whatever codec the mail names.
    if not part.is_multipart() or (part.get_content_maintype() == "message" and not into_messages):
        return
    if part.get_content_type() == "message/delivery-status":  # its blocks of fields are no parts
        return
    if depth <= DEEPEST:
        for child in part.get_payload():
            if isinstance(child, Message):
                yield from _walk(child, depth + 1, into_messages=into_messages)


def _count_boundaries(raw: bytes) -> int:
    """Return how many lines begin with a boundary that is declared anywhere: no part comes without one."""
    declared = set()
    for star, quoted, bare in _BOUNDARY.findall(raw):
        if star:  # in pieces or percent-encoded (RFC 2231), which no mail program does
            return MOST_BOUNDARIES + 1
        declared.add((quoted or bare).strip())
    return sum(raw.count(b"\n--" + boundary) for boundary in list(declared)[: MOST_PARTS + 1])
