"""Words as the index keeps them, and what somebody typed to look for (S5: never a query's own language)."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST_WORD = 60  # characters; a longer one is found by its beginning
LONGEST_TYPED = 200
MOST_TERMS = 12
SHORTEST_BEGINNING = 3  # letters before a *: fewer would be the beginning of nearly everything

_WORD = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_TYPED = re.compile(r'"([^"]*)"?|(\S+)')
_QUOTES = str.maketrans("“”„«»", '"""""')


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order: in lower case, without accents, so that ty finds tŷ."""
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return [word[:LONGEST_WORD] for word in _WORD.findall(text.casefold())]


@dataclass(frozen=True)
class Term:
    """Words that stand side by side; the last is only the beginning of a word if `is_beginning`."""

    words: tuple[str, ...]
    is_beginning: bool = False


@lru_cache(maxsize=256)
def terms_of(typed: str) -> tuple[Term, ...]:
    """Return what was typed as terms that must all be found, at most MOST_TERMS.

    Words, "words in double quotes" that stand side by side, and the beginning of a word before a * of at least
    SHORTEST_BEGINNING letters. Anything else in it is as good as a space; without any word there is nothing.
    """
    found: list[Term] = []
    for quoted, bare in _TYPED.findall(typed[:LONGEST_TYPED].translate(_QUOTES)):
        words = tuple(words_of(quoted or bare))
        if not words:
            continue
        is_beginning = bare.endswith("*") and len(words[-1]) >= SHORTEST_BEGINNING
        term = Term(words, is_beginning)
        if term not in found:
            found.append(term)
    return tuple(found[:MOST_TERMS])
