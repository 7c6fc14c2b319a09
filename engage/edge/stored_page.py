"""One page of the store: its bytes with gaps for what changes from one moment or visitor to the next."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from werkzeug.http import parse_etags, remove_entity_headers

from engage.kernel.versions import Version, VersionQuery

GAP = "\x1a"  # stands around the name of a gap; in no text that people typed
KEY = "key"
FOUND, UNCHANGED = "200 OK", "304 NOT MODIFIED"
_GAPS = re.compile(f"{GAP}([0-9a-z]+){GAP}".encode())
Headers = list[tuple[str, str]]


@dataclass
class Draft:
    """What is known of a page while a view makes it: what decides it, and until when it stays as it is."""

    query: VersionQuery
    names: Mapping[str, Any]
    version: Version
    since: datetime
    until: datetime
    submission_key: str = ""


class Seen(NamedTuple):
    """What a page's query last said, and the mark of the database it said it of."""

    mark: bytes
    version: Version


@dataclass
class Page:
    """A page between two moments. `parts` are bytes and, in every second place, the name of a gap.

    All but `seen` stays as it is made.
    """

    query: VersionQuery
    names: Mapping[str, Any]
    rows: tuple[tuple[Any, ...], ...]
    since: datetime
    until: datetime
    parts: list[bytes]
    headers: Headers
    tag: str
    bare_headers: Headers = field(default_factory=list)
    seen: Seen | None = None

    @classmethod
    def of(cls, draft: Draft, headers: Headers, body: bytes, *, about: tuple[str, ...]) -> "Page":
        """Cut a body at its gaps. `about` is what decides the page besides its version."""
        if draft.submission_key:
            body = body.replace(draft.submission_key.encode(), f"{GAP}{KEY}{GAP}".encode())
        decided_by = repr((about, draft.version.rows, draft.until))
        kept = [(name, value) for name, value in headers if name.lower() not in {"content-length", "etag"}]
        bare = list(kept)
        remove_entity_headers(bare)
        return cls(
            draft.query,
            draft.names,
            draft.version.rows,
            draft.since,
            draft.until,
            _GAPS.split(body),
            kept,
            hashlib.blake2b(decided_by.encode(), digest_size=12).hexdigest(),
            bare,
        )

    @property
    def gaps(self) -> list[str]:
        """Return the names of the gaps."""
        return [name.decode() for name in self.parts[1::2]]

    @property
    def size(self) -> int:
        """Return about how many bytes it takes."""
        return sum(map(len, self.parts)) + len(repr(self.rows)) + 2000

    def shows(self, version: Version, at: datetime) -> bool:
        """Tell whether this is the page of a version at a moment."""
        return self.since <= at < self.until and self.rows == version.rows

    def answer(self, status: str, version: Version, key: str, known: str) -> tuple[str, Headers, bytes]:
        """Return status, headers and body with the gaps filled; `known` are the tags that the visitor has.

        With a `key` of the visitor's own no two answers are the same, and none has a tag.
        """
        values = {KEY: key, **version.places_left}
        filling = [values[name] for name in self.gaps]
        tags: Headers = []
        if not key and status == FOUND:
            tag = "-".join((self.tag, *dict.fromkeys(filling)))
            tags = [("ETag", f'"{tag}"')]
            if known and parse_etags(known).contains_weak(tag):
                return UNCHANGED, [*self.bare_headers, *tags], b""
        parts = list(self.parts)
        parts[1::2] = [value.encode() for value in filling]
        body = b"".join(parts)
        return status, [*self.headers, *tags, ("Content-Length", str(len(body)))], body
