"""Where to go after sign-in: a path of this site, however a browser would read it (S14)."""

import re

LONGEST = 2000
# A browser drops tabs and line feeds, takes a backslash for a slash, and reads "//x" as another host. What
# needs such reading is refused whole: no backslash, control, space or non-ASCII, no empty or dot segment.
PATH = re.compile(r"/(?:[A-Za-z0-9_~!$&'()*+,;=:@%.-]+(?:/|$))*")
REST = re.compile(r"[A-Za-z0-9_~!$&'()*+,;=:@%./?-]*")
DOTS = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)
LEADS_NOWHERE = frozenset({"/sign-in", "/sign-out"})


def local_path(text: str | None) -> str | None:
    """Return the path (with its query) if it leads to a page of this site, else None."""
    if not text or len(text) > LONGEST:
        return None
    path, _, query = text.partition("?")
    if not PATH.fullmatch(path) or not REST.fullmatch(query) or path in LEADS_NOWHERE:
        return None
    if any(DOTS.fullmatch(segment) for segment in path.split("/")):
        return None
    return text
