"""What every form shares: clean text, honest limits, one-time keys, nothing typed is lost (R6, R35, S24)."""

import json
from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from engage.edge import context, page_store, uploads
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.text import clean, normalise_email
from engage.kernel.tokens import check_submission_key, new_submission_key, sha256_hex

YES = "yes"  # what a ticked box sends


class EngageForm(FlaskForm):
    """A form that can carry a refusal of a service beside its field."""

    class Meta:
        """No translations of WTForms' own: every message is ours."""

        csrf = False

        def get_translations(self, form: FlaskForm) -> None:
            """Read no catalogue; it would be parsed again for every form."""

    def __init__(self, **options: Any) -> None:
        """Read the fields of a form that was sent; Flask-WTF would read any JSON into them too."""
        options.setdefault("formdata", request.form if request.method == "POST" else None)
        super().__init__(**options)

    def refuse(self, error: EngageError, field: str | None = None) -> None:
        """Put a refusal's sentence beside its field, or at the top when it has none."""
        name = field or getattr(error, "field", None)
        target = self._fields.get(name) if name else None
        if target is None:
            self.form_errors.append(error.text(context.locale()))
        else:
            target.errors = [*target.errors, error.text(context.locale())]


class TickedField(BooleanField):
    """A box that is ticked unless somebody unticks it.

    A browser sends nothing for a box without a tick, so its page sends a hidden "no" along. What comes without the
    field at all is from somebody who was shown no box: then it counts as ticked.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent: a "no" alone is an empty box."""
        self.data = YES in valuelist if valuelist else True


class PublicForm(EngageForm):
    """A form for anyone: no cookie; a signed key that is made on GET and may be used once."""

    submission_key = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields and the key; an old key is replaced and everything typed stays."""
        good = super().validate(extra_validators)
        if check_submission_key(context.site().link_secrets, self.submission_key.data or "", clock.now()):
            return bool(good)
        self.renew_key()
        self.form_errors.append(
            gettext("This page was open for too long to be sent. Nothing is lost: please send it again.")
        )
        return False

    def renew_key(self) -> None:
        """Give the form a fresh key."""
        key = self.submission_key.data = new_submission_key(context.site().link_secrets, clock.now())
        page = page_store.draft()
        if page is not None:
            page.submission_key = key

    @classmethod
    def button(cls) -> "PublicForm":
        """Return a form that is only a button, with a fresh key; what it does twice is done once anyway."""
        form = cls(formdata=None)
        form.renew_key()
        return form

    @property
    def key(self) -> str:
        """Return the key of what was sent: that of the form, bound to its page and to every field (R6, R8).

        The same form sent again is the same act. Changed after "back", or sent to another page, it is another
        one: nothing typed is lost, and nobody is told of a booking that was not made (R35). It is a digest, so
        that no row or mail holds the address of a private page.
        """
        parts = [str(self.submission_key.data or ""), request.path]
        for name, values in sorted(request.form.lists()):
            if name not in {"submission_key", "csrf_token"}:
                parts += [name, *values]
        for name, digest in uploads.digests():
            parts += [name, digest]
        return sha256_hex(json.dumps(parts))


class SignedInForm(EngageForm):
    """A form behind sign-in: carries `csrf_token` as well."""

    class Meta(EngageForm.Meta):
        """With Flask-WTF's token."""

        csrf = True

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields and the token; an old token is replaced and everything typed stays."""
        good = super().validate(extra_validators)
        if self.csrf_token.errors:
            sentence = gettext("This page was opened before you last signed in. Nothing is lost: please send it again.")
            self.csrf_token.errors = [sentence]
        return bool(good)


def cleaned(*, multiline: bool = False) -> Callable[[str | None], str | None]:
    """Return a filter that makes text safe to keep: no controls, no line breaks where one line is meant."""

    def apply(value: str | None) -> str | None:
        return None if value is None else clean(value, multiline=multiline)

    return apply


def text_field(label: Any, *, limit: int, required: Any = None, multiline: bool = False, **options: Any) -> Field:
    """Return a text field.

    `limit` is in characters; `required` is the sentence to show when it is empty, and None makes it optional.
    """
    too_long = lazy_gettext("Please keep this to %(max)d characters.")
    presence = DataRequired(required) if required is not None else Optional()
    kind = TextAreaField if multiline else StringField
    return kind(
        label,
        filters=[cleaned(multiline=multiline), *options.pop("filters", [])],
        validators=[presence, Length(max=limit, message=too_long), *options.pop("validators", [])],
        **options,
    )


def address_field(label: Any, *, required: Any = None) -> Field:
    """Return a field for an e-mail address; `form.<field>.data` is kept as typed."""

    def one_address(_form: FlaskForm, field: Field) -> None:
        try:
            normalise_email(field.data)
        except ValueError:
            raise ValidationError(gettext("Please write one e-mail address, such as name@example.org.")) from None

    return text_field(label, limit=254, required=required, validators=[one_address])
