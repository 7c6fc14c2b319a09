"""Forms about bookings: shape and words only."""

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectChoice, SelectField

from engage.bookings.models import MOST_PLACES
from engage.bookings.requests import LONGEST_NEEDS, GuestRequest, PlaceRequest
from engage.edge.forms import PublicForm, TickedField, address_field, text_field
from engage.edge.sign_in import SignedIn
from engage.web.arrivals import TrapField
from engage.web.public.own_question_fields import AskingForm
from engage.web.public.speakers_question import attribution_field, publish_field, question_field


def needs_field() -> Field:
    """Return the field for what people need to take part."""
    return text_field(_l("What do you need to take part?"), limit=LONGEST_NEEDS, multiline=True)


class BookingForm(AskingForm):
    """One to five places. What few people need stands in one fold, each part in a file of templates/…/fold/."""

    name = text_field(_l("Your name"), limit=200, required=_l("Write your name, as we should greet you."))
    email = address_field(_l("Your e-mail address"), required=_l("Write your e-mail address: we send your link there."))
    organisation = text_field(_l("Your organisation"), limit=200)
    group = HiddenField()  # the token of a group's private link
    places = SelectField(
        _l("How many places?"),
        choices=[SelectChoice(str(number), str(number)) for number in range(1, MOST_PLACES + 1)],
        default="1",
        invalid_choice_message=_l("Choose from 1 to %(most)d places.", most=MOST_PLACES),
    )
    reminders = TickedField(_l("Remind me, and write once afterwards"), default=True)
    access_needs = needs_field()
    question = question_field(_l("A question to the speakers"))
    question_attribution = attribution_field()
    question_publish = publish_field()
    website = TrapField()

    def guest_rows(self) -> list[tuple[Field, Field]]:
        """Return the name and the address of each guest, in the order of the rows."""
        return [(self[f"guest-{row}-name"], self[f"guest-{row}-email"]) for row in range(1, MOST_PLACES)]

    def names_guests(self) -> bool:
        """Tell whether anything was typed into the rows of the guests, or is wrong there."""
        return any(field.data or field.errors for row in self.guest_rows() for field in row)

    def fold_was_used(self) -> bool:
        """Tell whether something in the fold was filled in or needs another look, so that it stands open."""
        if not self.is_submitted():
            return False
        shown = {*SHOWN, *(field.name for field in self.own_fields(required=True))}
        return any(
            field.errors or (field.data or "") != (field.default or "") for field in self if field.name not in shown
        )

    def fill_from(self, person: SignedIn | None) -> None:
        """Put in what we know of somebody who is signed in."""
        if person is not None:
            self.name.data, self.email.data, self.organisation.data = person.name, person.email, person.organisation

    def wanted(self, locale: str, *, is_member: bool) -> PlaceRequest:
        """Return what is asked for."""
        return PlaceRequest(
            name=self.name.data,
            email=self.email.data,
            organisation=self.organisation.data,
            locale=locale,
            is_member=is_member,
            places=int(self.places.data),
            reminders=self.reminders.data,
            access_needs=self.access_needs.data,
            answers=self.own_answers(),
            guests=tuple(GuestRequest(name.data or None, email.data or None) for name, email in self.guest_rows()),
        )


SHOWN = ("name", "email", "organisation", "group", "submission_key")
for _row in range(1, MOST_PLACES):
    setattr(BookingForm, f"guest-{_row}-name", text_field(_l("Name of guest %(number)d", number=_row), limit=200))
    setattr(BookingForm, f"guest-{_row}-email", address_field(_l("E-mail of guest %(number)d", number=_row)))


class DetailsForm(PublicForm):
    """What the holder of a booking may change."""

    name = text_field(_l("Your name"), limit=200, required=_l("Write your name, as we should greet you."))
    organisation = text_field(_l("Your organisation"), limit=200)


class AccessNeedsForm(PublicForm):
    """What the people of a booking need; empty takes it back."""

    access_needs = needs_field()
    question = question_field(_l("A question to the speakers"))
    question_attribution = attribution_field()
    question_publish = publish_field()
    website = TrapField()


class OwnAnswersForm(AskingForm):
    """The answers of a booking to its event's own questions."""


class HandOverForm(PublicForm):
    """Who gets the place."""

    name = text_field(_l("Their name"), limit=200, required=_l("Write their name, as we should greet them."))
    email = address_field(
        _l("Their e-mail address"), required=_l("Write their e-mail address: we send their link there.")
    )


class FindBookingForm(PublicForm):
    """Where the links of somebody's bookings are sent."""

    email = address_field(_l("Your e-mail address"), required=_l("Write the e-mail address that you booked with."))
