"""The form of who comments on an event, and how: shape and words only."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from engage.consultations.enums import ModerationMode
from engage.edge.forms import SignedInForm
from engage.events.enums import WhoMayComment
from engage.events.models import Event
from engage.events.services.comment_rules import CommentRules
from engage.web.organiser.event_forms import one_line
from engage.web.organiser.hold_rules_forms import HoldRulesForm

WHO = [
    (WhoMayComment.BOOKED_OR_MEMBERS, _l("People who booked, and members")),
    (WhoMayComment.BOOKED, _l("Only people who booked")),
    (WhoMayComment.MEMBERS, _l("Only members")),
]
MODES = [
    (ModerationMode.PRE, _l("Nothing is shown before a moderator has read it")),
    (ModerationMode.HOLD, _l("Shown at once, unless one of the rules below holds it back")),
    (ModerationMode.POST, _l("Shown at once, and read afterwards")),
]


def _is_days(_form: SignedInForm, field: Field) -> None:
    if not (field.data.isascii() and field.data.isdigit()):
        raise ValidationError(_("Write the number of days in digits, such as 28."))


class CommentRulesForm(HoldRulesForm):
    """Who, how long, questions to the speakers, and when words are shown."""

    who = RadioField(
        _l("Who may comment after the event?"),
        choices=[SelectChoice(who.value, words) for who, words in WHO],
        validate_choice=False,
    )
    days = one_line(_l("For how many days"), required=_l("Say for how many days, or 0 for none."), check=_is_days)
    live_questions = BooleanField(_l("People who booked can send questions to the speakers, before and during it"))
    mode = RadioField(
        _l("When are their words shown?"),
        choices=[SelectChoice(mode.value, words) for mode, words in MODES],
        validate_choice=False,
    )
    version = HiddenField()

    def validate_who(self, field: Field) -> None:
        """One of the three."""
        if field.data not in set(WhoMayComment):
            raise ValidationError(_("Choose one of these."))

    def validate_mode(self, field: Field) -> None:
        """One of the three."""
        if field.data not in set(ModerationMode):
            raise ValidationError(_("Choose one of these."))

    def fill_from(self, event: Event) -> None:
        """Put an event's rules into the form."""
        self.who.data, self.mode.data = event.who_may_comment.value, event.moderation_mode.value
        self.days.data, self.live_questions.data = str(event.comments_open_for_days), event.takes_live_questions
        self.fill_hold_rules(event.hold_rules)
        self.version.data = str(event.version)

    def rules(self) -> CommentRules:
        """Return what the service takes; the form must be valid."""
        return CommentRules(
            WhoMayComment(self.who.data),
            int(self.days.data),
            self.live_questions.data,
            ModerationMode(self.mode.data),
            self.hold_rules(),
        )
