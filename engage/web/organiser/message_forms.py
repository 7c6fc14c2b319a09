"""The forms of the mail desk: shape and words only."""

from flask_babel import lazy_gettext as _l

from engage.edge.forms import SignedInForm, text_field


class AddressSearchForm(SignedInForm):
    """Part of an address."""

    address = text_field(_l("Find an address"), limit=254)
