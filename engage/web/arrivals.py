"""What a public form's request tells of how it was sent."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext
from wtforms import StringField

from engage.edge.forms import EngageForm, PublicForm, cleaned
from engage.kernel import clock
from engage.kernel.tokens import key_age_s
from engage.responses.spam.arrivals import Arrival

TRAP = "website"
LONGEST_HEADER = 500


class TrapField(StringField):
    """A field that people neither see nor reach; what fills it in is a machine."""

    def __init__(self, **options: Any) -> None:
        """Make it; who hears of it all the same is told to leave it alone."""
        super().__init__(lazy_gettext("Leave this empty"), filters=[cleaned()], **options)


def arrival_of(form: EngageForm) -> Arrival:
    """Return how a form came back. One behind sign-in has no key that tells when it was made."""
    return Arrival(
        is_trapped=bool(form[TRAP].data),
        seconds=key_age_s(form.submission_key.data or "", clock.now()) if isinstance(form, PublicForm) else None,
        address=request.remote_addr or "",
        agent=(request.user_agent.string or "")[:LONGEST_HEADER],
        referrer=(request.referrer or "").partition("?")[0][:LONGEST_HEADER],
    )
