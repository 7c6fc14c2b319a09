"""What people are asked about each use of their words. The wording shown is stored with the answer."""

from engage.kernel.i18n import N_, translate
from engage.responses.enums import Purpose

WORDINGS = {
    Purpose.PUBLISH_SITE: N_("On this site, for everybody to read"),
    Purpose.QUOTE_REPORT: N_("As a quotation in our reports"),
    Purpose.SHARE_GOVERNMENT: N_("Shared with the public body that is consulting"),
    Purpose.SOCIAL_MEDIA: N_("On our social media"),
}
# Asked besides where there is a recording: a voice or a face tells who it is, whatever name is shown (rule 6).
MEDIA_WORDINGS = {
    Purpose.MEDIA_VOICE: N_("My recorded voice, wherever my words may go"),
    Purpose.MEDIA_FACE: N_("My face in the recording, wherever my words may go"),
}


def wordings(locale: str = "en") -> dict[Purpose, str]:
    """Return the words beside each tick, in a language."""
    return {purpose: translate(words, locale) for purpose, words in WORDINGS.items()}
