"""The form of the sign-in page."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField
from wtforms.validators import DataRequired

from engage.edge.forms import PublicForm, text_field


class SignInForm(PublicForm):
    """Address and password. Anything typed may be tried: only an empty field is refused before."""

    email = text_field(_l("Your e-mail address"), limit=254, required=_l("Write your e-mail address."))
    password = PasswordField(_l("Your password"), validators=[DataRequired(_l("Write your password."))])
    next = HiddenField()
