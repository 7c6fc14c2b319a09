"""The forms of an event's bookings on the desk: shape and words only."""

from flask_babel import lazy_gettext as _l

from engage.edge.forms import SignedInForm, text_field


class SearchForm(SignedInForm):
    """Part of a name, an organisation, an address or a reference."""

    search = text_field(_l("Find a booking"), limit=254)
