"""Recordings sent over real connections, a piece at a time."""

import http.client
import os
import secrets
from collections.abc import Iterator, Mapping

from tests.live.crowd import PATIENCE_S, Answer, Visitor

PIECE = 64 * 1024
WORDS = {"attribution": "pseudonym", "display_name": "Marged", "publish": "yes", "media_voice": "yes"}


def send_recording(port: int, path: str, *, size: int, field: str = "media", cut_after: int | None = None) -> Answer:
    """Open a page with a form and send it with a file of so many bytes, which holds nothing that can be played.

    With `cut_after` the connection breaks after so many bytes of the file.
    """
    page = Visitor(port, "").ask("GET", path)
    assert page.status == 200, page
    boundary = secrets.token_hex(16)
    head = _head(boundary, {**page.hidden, **WORDS}, field)
    tail = f"\r\n--{boundary}--\r\n".encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=6 * PATIENCE_S)
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + size + len(tail)),
    }
    try:
        body = _body(head, size, tail) if cut_after is None else _body(head, cut_after)
        connection.request("POST", path, body, headers)
        if cut_after is not None:
            return Answer(0)
        answer = connection.getresponse()
        return Answer(answer.status, location=answer.getheader("Location", ""), text=answer.read().decode())
    finally:
        connection.close()


def _head(boundary: str, fields: Mapping[str, str], field: str) -> bytes:
    begin = f"--{boundary}\r\nContent-Disposition: form-data; name="
    parts = [f'{begin}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    return "".join([*parts, f'{begin}"{field}"; filename="a.webm"\r\nContent-Type: video/webm\r\n\r\n']).encode()


def _body(head: bytes, size: int, tail: bytes = b"") -> Iterator[bytes]:
    yield head
    piece = os.urandom(PIECE)
    for sent in range(0, size, PIECE):
        yield piece[: size - sent]
    yield tail
