"""The forms of becoming a member and of setting another password."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import DataRequired

from engage.accounts.services import LONGEST_NAME
from engage.edge.forms import PublicForm, address_field, text_field


class JoinForm(PublicForm):
    """Who wants to be a member. The password is asked for behind the link that proves the address."""

    name = text_field(_l("Your name"), limit=LONGEST_NAME, required=_l("Write your name."))
    email = address_field(_l("Your e-mail address"), required=_l("Write your e-mail address."))
    organisation = text_field(_l("Your organisation"), limit=LONGEST_NAME)


class ConfirmForm(PublicForm):
    """The last step: the name once more, and a password."""

    name = text_field(_l("Your name"), limit=LONGEST_NAME, required=_l("Write your name."))
    password = PasswordField(_l("A password"), validators=[DataRequired(_l("Write a password."))])


class ResetForm(PublicForm):
    """Whose password is to be set anew."""

    email = address_field(_l("Your e-mail address"), required=_l("Write your e-mail address."))


class NewPasswordForm(PublicForm):
    """Another password."""

    password = PasswordField(_l("Your new password"), validators=[DataRequired(_l("Write a password."))])
