"""What a response is found by besides its words, as words that nobody types: they stand in a column of their own.

Common words and a narrow question meet inside the index, so that neither list is walked to its end.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from engage.media.enums import MediaKind
from engage.responses.enums import Channel, ResponseKind
from engage.responses.records import State

RANDOM_BITS = 47
_FIRST_DAY = date(1970, 1, 1)
_NOT_PLAIN = re.compile("[^a-z0-9]")


class Facet(StrEnum):
    """What a facet says; the letter that it begins with."""

    QUESTION = "q"
    EVENT = "e"
    CONSULTATION = "c"
    CHANNEL = "v"
    MEDIUM = "m"
    STATE = "s"
    KIND = "k"
    LANGUAGE = "l"
    FLAGGED = "f"


class Medium(StrEnum):
    """In what form somebody answered."""

    TEXT = "text"
    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True)
class Looked:
    """What is looked for besides words; None leaves it open, as no states do. Both days are among what is found."""

    states: frozenset[State] = frozenset()
    questions: frozenset[uuid.UUID] | None = None
    event_id: uuid.UUID | None = None
    consultation_id: uuid.UUID | None = None
    channel: Channel | None = None
    medium: Medium | None = None
    kind: ResponseKind | None = None
    language: str | None = None
    is_flagged: bool = False
    since: date | None = None
    until: date | None = None

    def facets(self) -> list[list[str]]:
        """Return groups of facets: one of each group has to be there."""
        groups = [
            [facet(Facet.STATE, each.value) for each in sorted(self.states)],
            [facet(Facet.QUESTION, each) for each in sorted(self.questions or ())],
            [FLAGGED] if self.is_flagged else [],
        ]
        for kind, value in (
            (Facet.EVENT, self.event_id),
            (Facet.CONSULTATION, self.consultation_id),
            (Facet.CHANNEL, self.channel),
            (Facet.MEDIUM, self.medium),
            (Facet.KIND, self.kind),
            (Facet.LANGUAGE, self.language),
        ):
            groups.append([] if value is None else [facet(kind, value)])
        return [group for group in groups if group]

    def numbers(self) -> tuple[int, int]:
        """Return the lowest and the highest number of the days that are looked at."""
        first = 0 if self.since is None else first_number(self.since)
        last = 2**63 - 1 if self.until is None else first_number(self.until + timedelta(days=1)) - 1
        return first, last


def facet(kind: Facet, value: object) -> str:
    """Return a facet as the index keeps it: letters of the ASCII and digits alone."""
    return kind.value + _NOT_PLAIN.sub("", str(value).lower())


FLAGGED = facet(Facet.FLAGGED, "lagged")


def first_number(day: date) -> int:
    """Return the lowest number that a response of a day may have in the index."""
    return (day - _FIRST_DAY).days << RANDOM_BITS


def medium_of(kind: MediaKind | None) -> Medium:
    """Return in what form somebody answered, by their recording."""
    return Medium.TEXT if kind is None else Medium(kind.value)
