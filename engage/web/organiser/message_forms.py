"""The forms of the mail desk: shape and words only."""

from flask_babel import lazy_gettext as _l

from engage.edge.forms import SignedInForm, address_field, text_field


class AddressSearchForm(SignedInForm):
    """Part of an address."""

    address = text_field(_l("Find an address"), limit=254)


class AddressForm(SignedInForm):
    """The right address of a booking."""

    email = address_field(_l("The right e-mail address"), required=_l("Write the right e-mail address."))
