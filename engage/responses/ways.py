"""How an answer was given, as every list says it: only what is true, and nothing of how an anonymous one came."""

from typing import Protocol

from engage.media.enums import MediaKind
from engage.media.queries import Recording
from engage.responses.enums import AnswerWay, Attribution, Channel

ON_PAPER = {Channel.POST: AnswerWay.POST, Channel.PHONE: AnswerWay.PHONE, Channel.EMAIL: AnswerWay.EMAIL}
RECORDED = {MediaKind.VIDEO: AnswerWay.VIDEO, MediaKind.AUDIO: AnswerWay.AUDIO}


class Said(Protocol):
    """A response as a list shows it."""

    @property
    def body(self) -> str:
        """The words."""

    @property
    def recording(self) -> Recording | None:
        """What was recorded."""

    @property
    def channel(self) -> Channel:
        """How it came to us."""

    @property
    def attribution(self) -> Attribution:
        """The way of being named."""


def way_of(said: Said) -> AnswerWay:
    """Return how an answer was given. What an organiser typed in was not written here."""
    if said.recording is not None and said.recording.is_playable:
        return RECORDED.get(said.recording.kind, AnswerWay.PLAIN)
    if said.channel in ON_PAPER:
        return AnswerWay.PLAIN if said.attribution is Attribution.ANONYMOUS else ON_PAPER[said.channel]
    return AnswerWay.WRITING if said.body else AnswerWay.PLAIN
