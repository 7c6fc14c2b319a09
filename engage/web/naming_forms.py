"""What every form for people's words asks: how to be named, and where the words may go."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, RadioField, SelectChoice
from wtforms.validators import ValidationError

from engage.edge.forms import PublicForm, text_field
from engage.media.storage import Kept
from engage.responses.consents import MEDIA_WORDINGS, WORDINGS
from engage.responses.enums import Attribution, Purpose
from engage.responses.services.senders import LONGEST_NAME
from engage.web.arrivals import TrapField
from engage.web.recordings import Ticket, keep_recordings

WAYS = [
    (Attribution.NAMED, lazy_gettext("My name")),
    (Attribution.ORGANISATION, lazy_gettext("My organisation’s name")),
    (Attribution.PSEUDONYM, lazy_gettext("A name that I choose")),
    (Attribution.NOT_PUBLISHED, lazy_gettext("No name shown")),
    (Attribution.ANONYMOUS, lazy_gettext("Anonymous")),
]
TICKS = {
    "publish": Purpose.PUBLISH_SITE,
    "quote": Purpose.QUOTE_REPORT,
    "government": Purpose.SHARE_GOVERNMENT,
    "share": Purpose.SOCIAL_MEDIA,
    "media_voice": Purpose.MEDIA_VOICE,
    "media_face": Purpose.MEDIA_FACE,
}


def _tick(purpose: Purpose) -> Any:
    return BooleanField(lazy_gettext(WORDINGS[purpose]))


class WordsForm(PublicForm):
    """What every form for people's words asks: how to be named, and where the words may go. Nothing is ticked."""

    attribution = RadioField(
        lazy_gettext("What name shall we show?"),
        choices=[SelectChoice(way.value, words) for way, words in WAYS],
        default=Attribution.NOT_PUBLISHED.value,
        validate_choice=False,
    )
    display_name = text_field(lazy_gettext("The name to show"), limit=LONGEST_NAME)
    website = TrapField()
    publish = _tick(Purpose.PUBLISH_SITE)
    quote = _tick(Purpose.QUOTE_REPORT)
    government = _tick(Purpose.SHARE_GOVERNMENT)
    share = _tick(Purpose.SOCIAL_MEDIA)
    media_voice = BooleanField(lazy_gettext(MEDIA_WORDINGS[Purpose.MEDIA_VOICE]))
    media_face = BooleanField(lazy_gettext(MEDIA_WORDINGS[Purpose.MEDIA_FACE]))

    def __init__(self, **options: Any) -> None:
        """Begin without recordings: they are stored once all else is right (web.recordings)."""
        super().__init__(**options)
        self.recordings: dict[str, Kept] = {}
        self.tickets: dict[str, Ticket] = {}
        self.keeps_recordings = True

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields; where one is wrong, the recordings are kept for the next attempt (R35)."""
        good = super().validate(extra_validators)
        if not good and self.keeps_recordings:
            keep_recordings(self)
        return bool(good)

    def validate_attribution(self, field: Any) -> None:
        """Refuse a way that is not one of the five."""
        if field.data not in {way.value for way in Attribution}:
            raise ValidationError(gettext("Choose one of these ways of being named."))

    @property
    def way(self) -> Attribution:
        """Return the way of being named that was chosen."""
        return Attribution(self.attribution.data)

    @property
    def consents(self) -> frozenset[Purpose]:
        """Return the uses that were ticked."""
        return frozenset(purpose for name, purpose in TICKS.items() if self[name].data)
