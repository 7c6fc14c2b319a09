"""Content lines, written straight (RFC 5545 3.1, 3.3.11): a feed of thousands of events has no time for objects.

The bytes are those that icalendar writes of the same values; tests hold the two against each other.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

LONGEST = 74  # octets of a line before its break, as icalendar counts
ESCAPE_SIGNS = b"\\^"
NEEDS_QUOTES = re.compile("[,;:’]")
NAME_NEEDS_QUOTES = re.compile("[,;:’ ']")
CONTINUES = 0b1100_0000, 0b1000_0000  # mask and value of an octet within a character in UTF-8


def text_line(name: str, text: str) -> str:
    """Return a property whose value is TEXT, folded; `text` is clean (`kernel.text.clean`)."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return folded(f"{name}:{escaped}")


def line_with(name: str, parameters: Mapping[str, str | list[str]], value: str) -> str:
    """Return a property with parameters, folded. Their texts are cleaned single lines; `value` is an address."""
    written = [f";{key}={_parameter(key, texts)}" for key, texts in sorted(parameters.items())]
    return folded(f"{name}{''.join(written)}:{value}")


def _parameter(name: str, text: str | list[str]) -> str:
    """Return a parameter's value, quoted where it must be; what no quotes can hold is escaped (RFC 6868)."""
    if isinstance(text, list):
        return ",".join(_parameter(name, one) for one in text)
    escaped = text.replace("^", "^^").replace('"', "^'")
    return f'"{escaped}"' if (NAME_NEEDS_QUOTES if name == "CN" else NEEDS_QUOTES).search(escaped) else escaped


def folded(line: str) -> str:
    """Return a content line in pieces of at most 75 octets, which tear no character and no escape apart."""
    if len(line) <= LONGEST and line.isascii():
        return line
    data = line.encode()
    mask, within = CONTINUES
    pieces, start = [], 0
    while len(data) - start > LONGEST:
        cut = start + LONGEST
        while data[cut] & mask == within:
            cut -= 1
        if data[cut - 1] in ESCAPE_SIGNS:
            cut -= 1
        pieces.append(data[start:cut])
        start = cut
    return b"\r\n ".join([*pieces, data[start:]]).decode()


def utc(instant: datetime) -> str:
    """Return an instant as a date with UTC time (form 2)."""
    return basic(instant if instant.tzinfo is UTC else instant.astimezone(UTC)) + "Z"


def basic(moment: datetime) -> str:
    """Return a moment as its clock shows it (form 1), several times faster than `strftime`."""
    return moment.isoformat()[:19].replace("-", "").replace(":", "")
