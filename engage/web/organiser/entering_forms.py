"""The form by which organisers type in what came on paper."""

from flask_babel import lazy_gettext
from wtforms import DateField, RadioField, SelectChoice
from wtforms.validators import DataRequired

from engage.edge.forms import SignedInForm, text_field
from engage.responses.enums import Channel
from engage.responses.services.senders import LONGEST_NAME
from engage.web.answer_forms import AnswerForm

WAYS_IN = {
    Channel.POST: lazy_gettext("By post"),
    Channel.PHONE: lazy_gettext("By phone"),
    Channel.EMAIL: lazy_gettext("By e-mail"),
}


class EnteringForm(AnswerForm, SignedInForm):
    """The questions of a consultation, how the answers came, and from whom. Its key makes it one act (R8)."""

    channel = RadioField(
        lazy_gettext("How did it come?"),
        choices=[SelectChoice(channel.value, words) for channel, words in WAYS_IN.items()],
        default=Channel.POST.value,
        validate_choice=False,
    )
    received_on = DateField(
        lazy_gettext("On which day?"),
        validators=[DataRequired(lazy_gettext("Write the day on which it came."))],
    )
    organisation = text_field(lazy_gettext("The author’s organisation"), limit=LONGEST_NAME)
    email = text_field(lazy_gettext("The author’s e-mail address"), limit=254)
    name = text_field(lazy_gettext("The author’s name"), limit=LONGEST_NAME)

    @property
    def way_in(self) -> Channel:
        """Return how it came; the site's own way for what is none of the three, which is refused."""
        known = {channel.value: channel for channel in WAYS_IN}
        return known.get(self.channel.data or "", Channel.WEB)
