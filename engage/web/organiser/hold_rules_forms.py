"""The fields of what holds words back, the same for a consultation and for an event."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field
from wtforms.validators import ValidationError

from engage.consultations.hold_rules import LONGEST_WORD, MOST_FLAGS, MOST_WORDS, HoldRules
from engage.edge.forms import SignedInForm, text_field
from engage.web.organiser.event_forms import one_line

HOLD_RULES = ("hold_first", "hold_links", "hold_words", "hold_flags")


def _is_number_of_flags(_form: SignedInForm, field: Field) -> None:
    if not (field.data.isascii() and field.data.isdigit() and len(field.data) < 9 and int(field.data) <= MOST_FLAGS):
        raise ValidationError(_("Write a number up to %(most)d in digits, or 0 for never.", most=MOST_FLAGS))


class HoldRulesForm(SignedInForm):
    """What holds words back until a moderator has read them."""

    hold_first = BooleanField(_l("The first words of somebody new"))
    hold_links = BooleanField(_l("Words with a link in them"))
    hold_words = text_field(
        _l("Words that hold a response back"), limit=MOST_WORDS * (LONGEST_WORD + 1), multiline=True
    )
    hold_flags = one_line(_l("How many flags by readers take words off the page"), check=_is_number_of_flags)

    def validate_hold_words(self, field: Field) -> None:
        """So many as somebody could still look through, and none longer than a phrase."""
        words = _lines(field.data)
        if len(words) > MOST_WORDS:
            raise ValidationError(_("Please keep this to %(most)d words, one on each line.", most=MOST_WORDS))
        if any(len(word) > LONGEST_WORD for word in words):
            raise ValidationError(_("Please keep each line to %(most)d characters.", most=LONGEST_WORD))

    def fill_hold_rules(self, stored: Mapping[str, Any] | None) -> None:
        """Put the rules that a row holds into the form."""
        rules = HoldRules.read(stored)
        self.hold_first.data, self.hold_links.data = rules.first, rules.links
        self.hold_words.data, self.hold_flags.data = "\n".join(rules.words), str(rules.flags)

    def hold_rules(self) -> HoldRules:
        """Return the rules; the form must be valid."""
        typed = {
            "first": self.hold_first.data,
            "links": self.hold_links.data,
            "words": _lines(self.hold_words.data),
            "flags": self.hold_flags.data or 0,
        }
        return HoldRules.read(typed)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
