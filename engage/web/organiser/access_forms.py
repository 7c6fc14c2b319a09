"""Forms about access: what is promised to somebody, and what an event provides. Shape and words only."""

import uuid
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from engage.bookings.access_needs import LONGEST_PROMISE
from engage.edge.forms import SignedInForm, text_field
from engage.events.enums import AccessKind
from engage.events.provided import KINDS
from engage.events.services.provision import LONGEST_NOTE
from engage.kernel.errors import NotFoundError
from engage.web.organiser.event_forms import is_day, one_line, read_day


class PromiseForm(SignedInForm):
    """What we promise to somebody, and the kinds of provision that it takes."""

    version = HiddenField()
    promised = text_field(_l("What we promise"), limit=LONGEST_PROMISE, multiline=True)
    kinds = SelectMultipleField(
        _l("What it takes"),
        validators=[Optional()],
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def offer_kinds(self) -> None:
        """Give the kinds their words in the reader's language."""
        self.kinds.choices = _kind_choices()

    def chosen_kinds(self) -> list[AccessKind]:
        """Return the kinds that are ticked; what is none is not applied (S22)."""
        return [kind for kind in AccessKind if kind.value in (self.kinds.data or ())]


class ProvisionWordsForm(SignedInForm):
    """How something that an event provides is described, and the day by which it is to be arranged."""

    version = HiddenField()
    note = text_field(_l("In your words"), limit=LONGEST_NOTE)
    due_on = one_line(_l("To be arranged by"), check=is_day)

    def day(self) -> date | None:
        """Return the day by which it is to be arranged, if one was given."""
        return read_day(self.due_on.data) if self.due_on.data else None


class ProvisionForm(ProvisionWordsForm):
    """Something more that an event provides."""

    kind = SelectField(_l("What the event provides"), invalid_choice_message=_l("Choose one of these."))

    def offer_kinds(self) -> None:
        """Give the kinds their words in the reader's language."""
        self.kind.choices = _kind_choices()


def _kind_choices() -> list[SelectChoice]:
    return [SelectChoice(kind.value, _(words)) for kind, words in KINDS.items()]


def read_id(text: str) -> uuid.UUID:
    """Return the id that a button holds. Raises NotFoundError for what is none."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFoundError from error
