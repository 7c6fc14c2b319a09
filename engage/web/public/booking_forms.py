"""Forms about bookings: shape and words only."""

from flask_babel import lazy_gettext as _l

from engage.edge.forms import PublicForm, address_field, text_field


class BookingForm(PublicForm):
    """One place, for one person."""

    name = text_field(_l("Your name"), limit=200, required=_l("Write your name, as we should greet you."))
    email = address_field(_l("Your e-mail address"), required=_l("Write your e-mail address: we send your link there."))
    organisation = text_field(_l("Your organisation"), limit=200)


class DetailsForm(PublicForm):
    """What the holder of a booking may change."""

    name = text_field(_l("Your name"), limit=200, required=_l("Write your name, as we should greet you."))
    organisation = text_field(_l("Your organisation"), limit=200)


class HandOverForm(PublicForm):
    """Who gets the place."""

    name = text_field(_l("Their name"), limit=200, required=_l("Write their name, as we should greet them."))
    email = address_field(
        _l("Their e-mail address"), required=_l("Write their e-mail address: we send their link there.")
    )


class FindBookingForm(PublicForm):
    """Where the links of somebody's bookings are sent."""

    email = address_field(_l("Your e-mail address"), required=_l("Write the e-mail address that you booked with."))
