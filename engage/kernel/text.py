"""Text that comes from people: cleaned once, by one function for each use (S7, S9)."""

import re
import unicodedata
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, urlsplit, urlunsplit

import idna
from email_validator import validate_email
from markdown_it import MarkdownIt
from markdown_it.token import Token

LONGEST_URL = 2000
LONGEST_EMAIL = 254  # RFC 5321 4.5.3.1.3: 256 octets with the angle brackets
IN_NO_URL = re.compile(r'[\\<>"]')
ADDRESS_SHAPE = re.compile(r"[^\s@,;:\"<>()\[\]\\]{1,64}@[^\s@,;:\"<>()\[\]\\]{1,253}")

CLEAN = re.compile(r"[!-~]+(?: [!-~]+)*")  # one line of plain words: nothing to do, and the usual case
PLAIN = re.compile(r"[ -~\n]*")  # nothing in it to clean but white space
# Everything that some reader takes for the end of a line, so that words on both sides stay apart.
LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# C0 and C1 controls but for tab and line feed, and lone surrogates, which cannot be written as UTF-8.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
EDGES = ZERO_WIDTH + " \t\n\u00a0"
JOINING = "\u200d\ufe0e\ufe0f"

HEADER_BREAKS = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# What mail programs turn into links, and what begins a sentence of an advertisement.
LINK_LIKE = re.compile(r"\S*(?:://|@|\w\.\w{2,})\S*")

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠﹦﹢﹣﹫")
BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"  # Hangul fillers and the empty Braille pattern
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Mn", "Me", "Zl", "Zp", "Zs"})
INVISIBLE = ZERO_WIDTH + " \u00a0\u3000\u200e\u200f"


def clean(text: str, *, multiline: bool = False, limit: int | None = None) -> str:
    """Return text in NFC without control and bidirectional override characters.

    `multiline` keeps line ends (as LF) and tabs; otherwise all white space becomes single spaces. `limit` is
    a number of characters; the cut tears no accent from its letter. Cleaning twice changes nothing.
    """
    if (limit is None or len(text) <= limit) and CLEAN.fullmatch(text):
        return text
    if not PLAIN.fullmatch(text):
        text = LINE_ENDS.sub("\n", text)
        text = BIDI_CONTROLS.sub("", CONTROLS.sub("", text))
        text = unicodedata.normalize("NFC", text)
    if not multiline:
        text = " ".join(text.split())
    text = text.strip(EDGES)
    if limit is not None and len(text) > limit:
        text = text[: _whole_characters(text, limit)].rstrip(EDGES)
    return text


def _whole_characters(text: str, limit: int) -> int:
    """Return a place at or shortly before `limit` that tears no accent or joined picture from its base."""
    for cut in range(limit, max(limit - 12, 0), -1):
        following, before = text[cut], text[cut - 1]
        if not unicodedata.combining(following) and following not in JOINING and before != "\u200d":
            return cut
    return limit


def says_nothing(text: str) -> bool:
    """Tell whether nothing of a text can be seen: it is empty, or all of it is space, marks or blank letters."""
    return all(char in BLANK_LETTERS or unicodedata.category(char) in UNSEEN for char in text)


def header_safe(text: str) -> str:
    """Return text that stays one mail header: one line, without encoded words.

    Python decodes those: `=?utf-8?q?x=0D=0ABcc:_…?=` in a Subject becomes a Bcc header on 3.11.7 (the family
    of CVE-2024-6923).
    """
    return HEADER_BREAKS.sub(" ", text).replace("=?", "= ?").strip()


def harmless_name(name: str, limit: int = 60) -> str:
    """Return a name as typed by anybody, fit for a mail to somebody else: short, no address, no link."""
    return clean(LINK_LIKE.sub("", clean(name)), limit=limit)


def clean_url(url: str) -> str | None:
    """Return an http or https address as plain ASCII, or None if it is anything else.

    Credentials, control characters, angle brackets, quotes and backslashes are refused; the host is written
    in punycode and the rest percent-encoded.
    """
    url = url.strip(" \t\r\n")
    if not url or len(url) > LONGEST_URL or not url.isprintable() or IN_NO_URL.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    host = _ascii_host(parts.hostname)
    if host is None:
        return None
    address = urlunsplit(
        (
            parts.scheme,
            host if port is None else f"{host}:{port}",
            _percent_encoded(parts.path, safe="/:@!$&'()*+,;=~-._"),
            _percent_encoded(parts.query, safe="/?:@!$&'()*+,;=~-._[]"),
            _percent_encoded(parts.fragment, safe="/?:@!$&'()*+,;=~-._"),
        )
    )
    return address if len(address) <= LONGEST_URL else None


@lru_cache(maxsize=64)  # nearly all are our own
def _ascii_host(hostname: str) -> str | None:
    if ":" in hostname:
        try:
            return f"[{ip_address(hostname)}]"
        except ValueError:
            return None
    try:
        host = idna.encode(hostname, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return None
    return host if re.fullmatch(r"[a-z0-9._-]+", host) else None


def _percent_encoded(part: str, *, safe: str) -> str:
    """Quote what is not ASCII or not allowed; keep what is percent-encoded already."""
    lone_percent = re.compile(r"%(?![0-9A-Fa-f]{2})")
    return quote(lone_percent.sub("%25", part), safe=safe + "%")


@lru_cache(maxsize=64)  # a form and its service ask about the same address
def normalise_email(text: str) -> str:
    """Return an e-mail address in lower case and ASCII, for storing and comparing; its domain in punycode.

    Raises ValueError for whatever is not exactly one plain address: quotes, commas, white space, control
    characters, a bare domain, more than 254 characters. No network is asked.
    """
    address = text.strip(" \t\r\n")
    if not address.isprintable() or not ADDRESS_SHAPE.fullmatch(address) or "=?" in address:
        raise ValueError("Not an e-mail address.")
    checked = validate_email(
        address,
        check_deliverability=False,
        allow_smtputf8=False,
        allow_quoted_local=False,
        allow_domain_literal=False,
    )
    plain = checked.ascii_email
    if plain is None or len(plain) > LONGEST_EMAIL:
        raise ValueError("Not an e-mail address.")
    return plain.lower()


def strip_markdown(md: str) -> str:
    """Return the plain text of Markdown: list items with a dash or number, links with their address."""
    return _plain(MarkdownIt("commonmark", {"html": False}).enable("table").parse(clean(md, multiline=True)))


def _plain(tokens: list[Token]) -> str:
    lines: list[str] = []
    lists: list[int | None] = []
    marker = ""
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
                if not lists:
                    lines.append("")
            case "list_item_open":
                number = lists[-1]
                marker = "- " if number is None else f"{number}. "
                lists[-1] = None if number is None else number + 1
            case "inline":
                lines.append("  " * (len(lists) - 1) + marker + _inline(token.children or []))
                marker = ""
            case "fence" | "code_block":
                lines += [token.content.rstrip("\n"), ""]
            case "paragraph_close" | "heading_close" if not lists:
                lines.append("")
            case "table_close":
                lines.append("")
            case _:
                pass
    return "\n".join(lines).strip("\n")


def _inline(tokens: list[Token]) -> str:
    words: list[str] = []
    opened: list[tuple[int, str]] = []
    for token in tokens:
        match token.type:
            case "softbreak":
                words.append(" ")
            case "hardbreak":
                words.append("\n")
            case "image":
                words.append(token.content)
            case "link_open":
                opened.append((len(words), str(token.attrGet("href") or "")))
            case "link_close":
                start, address = opened.pop()
                shown = "".join(words[start:])
                if address and address not in {shown, f"mailto:{shown}"}:
                    words.append(f" ({address})")
            case _:
                words.append(token.content)
    return "".join(words)


def csv_safe(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (S9): an apostrophe goes in front."""
    text = text.replace("\0", "")
    seen = text.lstrip(INVISIBLE)
    return f"'{text}" if seen.startswith(FORMULA_STARTS) else text
