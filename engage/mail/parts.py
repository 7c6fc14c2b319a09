"""The MIME parts of a mail (RFC 2045, 2046) as bytes: constant headers, in which nothing stands that people wrote.

Python's `email` would parse each header of each part several times, which takes most of the time of making a mail.
"""

import binascii
from base64 import encodebytes
from collections.abc import Sequence

NEW_LINE = b"\r\n"


def text_part(subtype: str, text: str) -> bytes:
    """Return a text in UTF-8, quoted-printable, with a line end at its end."""
    lines = NEW_LINE.join(text.encode().splitlines()) + NEW_LINE
    head = [f'Content-Type: text/{subtype}; charset="utf-8"', "Content-Transfer-Encoding: quoted-printable"]
    return _part(head, binascii.b2a_qp(lines, istext=True))


def calendar_part(ics: bytes, method: str) -> bytes:
    """Return a calendar object as mail programs look for it (RFC 6047 2.4); base64 keeps its CRLF."""
    head = [f'Content-Type: text/calendar; charset="utf-8"; method="{method}"', "Content-Transfer-Encoding: base64"]
    return _part(head, _base64(ics))


def calendar_file(ics: bytes) -> bytes:
    """Return the same calendar object as an attached file: a second text/calendar part would be offered twice."""
    head = [
        'Content-Type: application/ics; name="invite.ics"',
        'Content-Disposition: attachment; filename="invite.ics"',
        "Content-Transfer-Encoding: base64",
    ]
    return _part(head, _base64(ics))


def multipart(subtype: str, parts: Sequence[bytes], *, boundary: str) -> bytes:
    """Return several parts as one; `boundary` stands in none of them."""
    line = f"--{boundary}".encode("ascii")
    body = b"".join(line + NEW_LINE + part + NEW_LINE for part in parts) + line + b"--" + NEW_LINE
    return _part([f'Content-Type: multipart/{subtype}; boundary="{boundary}"'], body)


def _base64(data: bytes) -> bytes:
    return encodebytes(data).replace(b"\n", NEW_LINE)


def _part(head: Sequence[str], body: bytes) -> bytes:
    return NEW_LINE.join(line.encode("ascii") for line in head) + NEW_LINE + NEW_LINE + body
