"""The forms of an event's bookings on the desk: shape and words only."""

import uuid

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectChoice, SelectField

from engage.bookings.enums import BookingSource
from engage.bookings.models import MOST_PLACES
from engage.bookings.notices import NoticeChoice
from engage.bookings.requests import PlaceRequest
from engage.edge.forms import SignedInForm, address_field, text_field

LONGEST_MESSAGE = 500


class SearchForm(SignedInForm):
    """Part of a name, an organisation, an address or a reference."""

    search = text_field(_l("Find a booking"), limit=254)


class AddBookingForm(SignedInForm):
    """Whom an organiser books for; `wait` is asked once the places turn out not to be enough."""

    name = text_field(_l("Name"), limit=200, required=_l("Write their name, as we should greet them."))
    email = address_field(_l("E-mail address"), required=_l("Write their e-mail address: the invitation goes there."))
    organisation = text_field(_l("Organisation"), limit=200)
    places = SelectField(
        _l("Places"),
        choices=[SelectChoice(str(number), str(number)) for number in range(1, MOST_PLACES + 1)],
        default="1",
        invalid_choice_message=_l("Choose from 1 to %(most)d places.", most=MOST_PLACES),
    )
    wait = BooleanField(_l("Put them on the waiting list"))

    def wanted(self, locale: str, actor: uuid.UUID | None) -> PlaceRequest:
        """Return what is asked for; the form must be valid."""
        return PlaceRequest(
            name=self.name.data,
            email=self.email.data,
            organisation=self.organisation.data,
            locale=locale,
            places=int(self.places.data),
            source=BookingSource.ORGANISER,
            actor=actor,
        )


class NoticesForm(SignedInForm):
    """What an organiser wants to be told about an event's bookings."""

    digest = BooleanField(_l("Once a day: how many bookings came"))
    when_full = BooleanField(_l("At once: every place is taken"))
    when_waiting = BooleanField(_l("At once: the first person waits for a place"))

    def choice(self) -> NoticeChoice:
        """Return what was chosen."""
        return NoticeChoice(self.digest.data, self.when_full.data, self.when_waiting.data)


class RemoveBookingForm(SignedInForm):
    """What somebody is told whose booking an organiser ends."""

    message = text_field(_l("Message to them"), limit=LONGEST_MESSAGE, multiline=True)
