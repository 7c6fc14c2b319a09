"""The form of a moderator's decision."""

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from engage.edge.forms import SignedInForm, text_field
from engage.responses.describing import REASONS
from engage.responses.enums import ModerationAction, ReasonCode
from engage.responses.services.moderating import LONGEST_NOTE


class DecisionForm(SignedInForm):
    """Publish, or refuse with a reason."""

    action = RadioField(
        lazy_gettext("Your decision"),
        choices=[
            SelectChoice(ModerationAction.PUBLISH.value, lazy_gettext("Publish")),
            SelectChoice(ModerationAction.REFUSE.value, lazy_gettext("Refuse")),
        ],
        validators=[InputRequired(lazy_gettext("Choose whether to publish or to refuse."))],
    )
    reason_code = SelectField(
        lazy_gettext("Reason"),
        choices=[
            SelectChoice("", lazy_gettext("Choose a reason")),
            *(SelectChoice(code.value, lazy_gettext(words)) for code, words in REASONS.items()),
        ],
        default="",
    )
    note = text_field(lazy_gettext("Note to the author"), limit=LONGEST_NOTE, multiline=True)

    @property
    def decision(self) -> ModerationAction:
        """Return what was decided."""
        return ModerationAction(self.action.data)

    @property
    def reason(self) -> ReasonCode | None:
        """Return the reason that was chosen, if any."""
        return ReasonCode(self.reason_code.data) if self.reason_code.data else None
