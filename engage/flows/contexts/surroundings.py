"""What stands around an event in its mails: who speaks, what is provided, which questions are discussed."""

import uuid
from dataclasses import dataclass
from typing import Any

from engage.events.provided import provided_words
from engage.events.queries import discussed_questions, line_up, provided_at
from engage.kernel.links import question_url
from engage.kernel.settings import Site


@dataclass(frozen=True)
class _Surroundings:
    speakers: list[str]
    provided: list[str]
    questions: list[dict[str, Any]]


class Surroundings:
    """The surroundings of events, each read once: for mails that are composed in one transaction."""

    def __init__(self, site: Site) -> None:
        """Begin with none."""
        self._site = site
        self._known: dict[tuple[uuid.UUID, str], _Surroundings] = {}

    def context(self, event_id: uuid.UUID, locale: str) -> dict[str, Any]:
        """Return `speakers`, `provided` and `questions` in the words of a language."""
        key = (event_id, locale)
        if key not in self._known:
            self._known[key] = self._read(event_id, locale)
        return dict(vars(self._known[key]))

    def _read(self, event_id: uuid.UUID, locale: str) -> _Surroundings:
        return _Surroundings(
            speakers=[entry.line for entry in line_up(event_id)],
            provided=[provided_words(each.kind, each.note, locale) for each in provided_at(event_id)],
            questions=[
                {
                    "number": question.number,
                    "text": question.text,
                    "url": question_url(self._site.base_url, question.consultation_slug, question.number),
                }
                for question in discussed_questions(event_id)
                if question.is_public
            ],
        )
