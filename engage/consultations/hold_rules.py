"""What a collection keeps back for a moderator though its words are shown at once: links, words, flags, newcomers."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

MOST_WORDS = 200
LONGEST_WORD = 60
MOST_FLAGS = 100
# An address with a scheme, one that begins with www, or a name of a site with a path behind it.
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)\S|\b[a-z0-9-]{1,63}\.[a-z]{2,10}/\S")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class HoldRules:
    """The rules of one consultation or event (`hold_rules` in the database).

    `first`: what comes from somebody of whom nothing was published yet. `links`: what holds one. `words`: what holds
    one of these words or phrases, whatever their case; all three count where `ModerationMode.HOLD` is chosen.
    `flags`: what so many readers flagged once it was shown, in every mode; 0 for never.
    """

    first: bool = False
    links: bool = False
    words: tuple[str, ...] = ()
    flags: int = 0

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> "HoldRules":
        """Return the rules that a row holds; none of them if it holds nothing."""
        stored = stored or {}
        words = [str(word).casefold().strip() for word in stored.get("words", ())]
        return cls(
            first=bool(stored.get("first")),
            links=bool(stored.get("links")),
            words=tuple(dict.fromkeys(word for word in words if word)),
            flags=int(stored.get("flags") or 0),
        )

    @property
    def reads_arrivals(self) -> bool:
        """Whether any of them looks at words as they come in."""
        return self.first or self.links or bool(self.words)

    def stored(self) -> dict[str, Any] | None:
        """Return what a row keeps of them: None of no rule at all."""
        return None if self == HoldRules() else asdict(self) | {"words": list(self.words)}

    def finds_link(self, text: str) -> bool:
        """Tell whether the text holds a link, and a link holds it back."""
        return self.links and _LINK.search(text) is not None

    def finds_word(self, text: str) -> bool:
        """Tell whether the text holds one of the words, as a whole word or a row of whole words."""
        if not self.words:
            return False
        said = f" {' '.join(_WORD.findall(text.casefold()))} "
        return any(f" {' '.join(_WORD.findall(word))} " in said for word in self.words if _WORD.search(word))
