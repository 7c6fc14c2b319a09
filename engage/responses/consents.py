"""What people are asked about each use of their words. The wording shown is stored with the answer."""

from engage.consultations.models import Question
from engage.kernel.db import db
from engage.kernel.i18n import N_, translate
from engage.media.enums import MediaKind
from engage.responses.enums import Purpose
from engage.responses.models import Response

WORDINGS = {
    Purpose.PUBLISH_SITE: N_("On this site, for everybody to read"),
    Purpose.QUOTE_REPORT: N_("As a quotation in our reports"),
    Purpose.SHARE_GOVERNMENT: N_("Shared with the public body that is consulting"),
    Purpose.SOCIAL_MEDIA: N_("On our social media"),
}
# What is asked of a question to the speakers: it can be voted for where it is read.
QUESTION_WORDING = N_("Everybody may read my question on this site, and vote for it")
# Asked besides where there is a recording: a voice or a face tells who it is, whatever name is shown (rule 6).
MEDIA_WORDINGS = {
    Purpose.MEDIA_VOICE: N_("My recorded voice, wherever my words may go"),
    Purpose.MEDIA_FACE: N_("My face in the recording, wherever my words may go"),
}


def wordings(locale: str = "en") -> dict[Purpose, str]:
    """Return the words beside each tick, in a language."""
    return {purpose: translate(words, locale) for purpose, words in WORDINGS.items()}


def question_wordings(locale: str = "en") -> dict[Purpose, str]:
    """Return the words beside the one tick of a question to the speakers, in a language."""
    return {Purpose.PUBLISH_SITE: translate(QUESTION_WORDING, locale)}


def every_wording(locale: str = "en") -> dict[Purpose, str]:
    """Return the words beside each tick, those of recordings with them."""
    return {purpose: translate(words, locale) for purpose, words in (WORDINGS | MEDIA_WORDINGS).items()}


def uses_of(response: Response) -> tuple[Purpose, ...]:
    """Return the uses that are asked about for a response, in the order of the ticks.

    None for the answer to a confidential question: it goes nowhere. A voice is asked about where one was recorded, a
    face where one may be seen.
    """
    question = db.session.get(Question, response.question_id) if response.question_id else None
    if question is not None and question.is_confidential:
        return ()
    if response.media is None:
        return tuple(WORDINGS)
    return (*WORDINGS, Purpose.MEDIA_VOICE, *([Purpose.MEDIA_FACE] if response.media.kind is MediaKind.VIDEO else []))
