"""Passwords: what we refuse, how they are kept, and how they are checked (S15).

Nothing is asked of the network: a word list of our own and a few shapes (repeats, rows of the keyboard,
counting) catch what guessers try first. Such words may be part of a password, not nearly all of it.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from engage.accounts.errors import (
    CommonPasswordError,
    GuessablePasswordError,
    PasswordTooLongError,
    PasswordTooShortError,
)

SHORTEST, LONGEST = 12, 1024
SHORTEST_CONTEXT_WORD = 4
ENOUGH_LEFT = 6  # letters and digits that are neither a known word nor part of a row

# OWASP's smallest for Argon2id: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)

# The hash, by HASHER, of random bytes that nobody kept: unknown addresses take as long as known ones (S19).
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Sph9t5C8H2rCc8A+NY0Nwg$Q4eVrlE4LknFZg9kiwP9QRW8RwiAvRxKBt74ki7eEoc"

ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
)
SHORTEST_RUN = 3
LOOKALIKES = str.maketrans("@4831!05$7", "aabeilosst")


@dataclass(frozen=True)
class HashedPassword:
    """A password that passed the rules, as it is stored."""

    text: str = field(repr=False)


def hash_password(password: str, *, context: Iterable[str] = ()) -> HashedPassword:
    """Check a new password and return what is stored. Takes about 30 ms: call it before a transaction.

    `context` holds the words that belong to this person and site: address, name, organisation. Raises
    PasswordTooShortError, PasswordTooLongError, CommonPasswordError or GuessablePasswordError.
    """
    check_rules(password, context=context)
    return HashedPassword(HASHER.hash(_to_bytes(password)))


def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether a password is the stored one. Nothing stored: the same time, and never right."""
    if len(password) > LONGEST:
        password = ""
    try:
        right = HASHER.verify(stored or NOBODY, _to_bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def check_rules(password: str, *, context: Iterable[str] = ()) -> None:
    """Raise the refusal that a new password earns, if any. There are no rules of composition."""
    text = unicodedata.normalize("NFC", password)
    if len(text) < SHORTEST:
        raise PasswordTooShortError(n=len(text), shortest=SHORTEST)
    if len(text) > LONGEST:
        raise PasswordTooLongError(longest=LONGEST)
    words = _context_words(context)
    if any(_too_little_left(form, common_words()) for form in _forms(text)):
        raise CommonPasswordError
    if any(_too_little_left(form, common_words() | words) for form in _forms(text)):
        raise GuessablePasswordError


@cache
def common_words() -> frozenset[str]:
    """Return the words that guessers begin with."""
    return frozenset(files("engage.accounts").joinpath("common_words.txt").read_text(encoding="ascii").split())


def _to_bytes(password: str) -> bytes:
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _forms(text: str) -> set[str]:
    """Return a password's letters and digits, as typed and with look-alikes read as letters."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return {"".join(c for c in form if c.isalnum()) for form in (plain, plain.translate(LOOKALIKES))}


def _context_words(context: Iterable[str]) -> frozenset[str]:
    found = {"engage"}
    for text in context:
        name = text.partition("@")[0] if "@" in text else text
        plain = unicodedata.normalize("NFKD", name).casefold()
        parts = [*re.split(r"[\W_]+", plain), "".join(c for c in plain if c.isalnum())]
        found |= {part for part in parts if len(part) >= SHORTEST_CONTEXT_WORD}
    return frozenset(found)


def _too_little_left(form: str, words: frozenset[str]) -> bool:
    """Tell whether too little remains when known words, rows and repeats are taken out of a password."""
    rest = form
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, " ")
    rest = _without_runs(rest)
    return len(rest) < ENOUGH_LEFT or len(set(rest)) < SHORTEST_RUN + 1


def _without_runs(text: str) -> str:
    kept: list[str] = []
    for part in text.split():
        at = 0
        while at < len(part):
            run = max(_run_length(part[at:]), _repeat_length(part[at:]))
            if run < SHORTEST_RUN:
                kept.append(part[at])
                run = 1
            at += run
    return "".join(kept)


def _run_length(text: str) -> int:
    """Return how many characters at the start follow a row of the keyboard, the alphabet or counting."""
    best = 0
    for row in ROWS:
        for way in (row, row[::-1]):
            length = min(len(text), len(way))
            while length > max(best, SHORTEST_RUN - 1) and text[:length] not in way:
                length -= 1
            if length > best and text[:length] in way:
                best = length
    return best


def _repeat_length(text: str) -> int:
    """Return how many characters at the start only repeat a group of up to four."""
    best = 0
    for size in range(1, 5):
        group, length = text[:size], size
        while text[length : length + size] == group:
            length += size
        if length >= max(size * 2, SHORTEST_RUN):
            best = max(best, length)
    return best
