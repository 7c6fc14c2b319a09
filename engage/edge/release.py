"""What this site runs: a short name that changes with its code, texts, templates, files and public settings."""

import hashlib
from functools import cache

from config import ROOT, Settings


def release(settings: Settings) -> str:
    """Return the name; it is the same in every process of one site."""
    return hashlib.blake2b(f"{_files()} {settings.site()!r}".encode(), digest_size=8).hexdigest()


@cache
def _files() -> str:
    digest = hashlib.blake2b(digest_size=16)
    for folder in ("engage", "templates", "static"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
