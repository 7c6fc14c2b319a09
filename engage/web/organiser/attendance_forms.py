"""Forms of attendance: everybody of a page by hand, and the report of a meeting tool."""

import uuid

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import FileField

from engage.bookings.enums import Verdict
from engage.bookings.errors import VerdictError
from engage.edge.forms import SignedInForm
from engage.web.organiser.upload_forms import UploadForm

CHOSEN, SEEN = "verdict-", "seen-"


class VerdictsForm(SignedInForm):
    """A choice for each person of a page; what a person's choice was when the page was made goes with it."""

    def changed(self) -> dict[uuid.UUID, Verdict]:
        """Return what was chosen where it is not what was seen, so that nobody else's word is undone unseen.

        Raises VerdictError.
        """
        try:
            return {
                uuid.UUID(name.removeprefix(CHOSEN)): Verdict(chosen)
                for name, chosen in request.form.items()
                if name.startswith(CHOSEN) and chosen != request.form.get(SEEN + name.removeprefix(CHOSEN))
            }
        except ValueError as error:
            raise VerdictError from error

    def seen(self) -> dict[uuid.UUID, Verdict]:
        """Return what had been said of those whose choice changed when the page was made. Raises VerdictError."""
        try:
            return {
                one: Verdict(request.form[SEEN + str(one)]) for one in self.changed() if SEEN + str(one) in request.form
            }
        except ValueError as error:
            raise VerdictError from error

    def choice(self, person: uuid.UUID, said: Verdict) -> str:
        """Return what to show as chosen: a choice that was sent and not saved, else what was `said`."""
        sent = request.form.get(CHOSEN + str(person), said.value)
        return said.value if sent == request.form.get(SEEN + str(person)) else sent


class ReportForm(UploadForm):
    """The report of a meeting tool."""

    file = FileField(_l("The report, as a CSV file"))
