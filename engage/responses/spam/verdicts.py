"""What Akismet says and what it is told, apart from the asking: a web server needs the words and never asks."""

from dataclasses import dataclass
from enum import StrEnum

from engage.responses.enums import SpamVerdict


class Feedback(StrEnum):
    """What a moderator found otherwise than Akismet did."""

    MISSED_SPAM = "submit-spam"
    FALSE_POSITIVE = "submit-ham"


@dataclass(frozen=True)
class AkismetAnswer:
    """What Akismet said. `recheck_after_s`: it goes on looking until then (X-akismet-recheck-after).

    `is_final` says of an error that asking again is of no use: the key or the request is wrong.
    """

    verdict: SpamVerdict
    guid: str | None = None
    is_blatant: bool = False
    recheck_after_s: int | None = None
    detail: str | None = None
    is_final: bool = True
