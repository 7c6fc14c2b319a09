"""The form of a letter: shape and words only."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice

from engage.bookings.enums import Segment
from engage.bookings.letter_words import LONGEST_BODY, LONGEST_SUBJECT
from engage.edge.forms import SignedInForm, text_field

SEGMENTS = {
    Segment.BOOKED: _l("Everybody with a place"),
    Segment.WAITING: _l("Everybody who waits for a place"),
    Segment.ATTENDED: _l("Who came"),
    Segment.MISSED: _l("Who did not come"),
    Segment.SPEAKERS: _l("The speakers and the chair"),
}


class LetterForm(SignedInForm):
    """Whom an organiser writes to, and what."""

    segment = RadioField(
        _l("Who gets it?"),
        choices=[SelectChoice(segment.value, label) for segment, label in SEGMENTS.items()],
        default=Segment.BOOKED.value,
        validate_choice=True,
    )
    subject = text_field(_l("Subject"), limit=LONGEST_SUBJECT, required=_l("Write what the letter is about."))
    body = text_field(_l("Text"), limit=LONGEST_BODY, required=_l("Write the letter."), multiline=True)

    def chosen(self) -> Segment:
        """Return the segment; the form must be valid."""
        return Segment(self.segment.data)
