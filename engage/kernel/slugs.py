"""Addresses of pages made of titles."""

import re
import unicodedata

LONGEST_SLUG = 80
LONGEST_MADE = 60
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def is_slug(text: str) -> bool:
    """Tell whether a text can stand in an address as it is: small letters, digits, single hyphens."""
    return len(text) <= LONGEST_SLUG and _SLUG.fullmatch(text) is not None


def slug_of(title: str, otherwise: str) -> str:
    """Return the words of a title as a slug of at most 60 characters; `otherwise` if no Latin letter is in it."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:LONGEST_MADE]
        if len(longer) > LONGEST_MADE:
            break
        slug = longer
    return slug or otherwise
