"""The forms of how people book: shape and words only."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField

from engage.events.models import Event
from engage.events.services import BookingRules
from engage.web.organiser.moments import MomentForm


class RulesForm(MomentForm):
    """The waiting list, places shown or hidden, and until when members come first (nothing: everybody books)."""

    waiting_list = BooleanField(_l("When every place is taken, people can join a waiting list"))
    places_shown = BooleanField(_l("Everybody sees how many places are left"))
    version = HiddenField()

    def fill_from(self, event: Event) -> None:
        """Put an event's rules into the form."""
        self.waiting_list.data, self.places_shown.data = event.waiting_list, event.places_shown
        self.fill_moment(event.members_only_until, event.timezone)
        self.version.data = str(event.version)

    def rules(self) -> BookingRules:
        """Return what the service takes; the form must be valid."""
        return BookingRules(self.waiting_list.data, self.places_shown.data, self.moment())
