"""How every form about a part of a consultation is saved: one change, or the form again with what did not work."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.consultations.errors import StaleConsultationError
from engage.consultations.queries import get_any_consultation
from engage.edge import context
from engage.edge.answers import see_other
from engage.edge.forms import SignedInForm
from engage.edge.sign_in import actor_id, check_token
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.consultation_views import consultation_page, consultation_path, read_version
from engage.web.organiser.two_versions import Versions, merge


class Page(Protocol):
    """Shows a form again."""

    def __call__(self, *, status: int = 200, versions: Versions = ...) -> Response:
        """Return the page."""


def begin(form: SignedInForm, slug: str) -> None:
    """Note in a form which consultation it was that the organiser saw (R11)."""
    form["version"].data = str(get_any_consultation(slug).version)


def save(
    slug: str,
    form: SignedInForm,
    page: Page,
    act: Callable[..., Any],
    *,
    sentence: str,
    back: str,
    saved: Callable[[], SignedInForm] | None = None,
    compared: Sequence[str] = (),
) -> Response:
    """Do what a form says and go back to a place of the consultation's page.

    `act` gets `consultation_id`, `version`, `at` and `actor`, and returns False if nothing was different. `saved`
    returns the form of what is there now, so that a stale save shows both texts of the `compared` fields.
    """
    if not form.validate():
        return page(status=422)
    consultation_id = get_any_consultation(slug).id
    try:
        with unit_of_work():
            changed = act(**_how(consultation_id, form["version"].data)) is not False
    except EngageError as error:
        versions = Versions()
        form.refuse(error)
        if isinstance(error, StaleConsultationError):
            versions = merge(form, saved(), compared) if saved else versions
            begin(form, slug)
        return page(status=status_of(error), versions=versions)
    flash(sentence if changed else _("Nothing was different, so nothing changed."))
    return see_other(consultation_path(slug, back))


def do(slug: str, act: Callable[..., Any], *, sentence: str = "", back: str) -> Response:
    """Do what a button says; a refusal stands on the consultation's page. What needs no words has no sentence."""
    check_token()
    consultation_id = get_any_consultation(slug).id
    try:
        with unit_of_work():
            act(**_how(consultation_id, request.form.get("version")))
    except EngageError as error:
        problem = error.text(context.locale())
        return consultation_page(get_any_consultation(slug), problem=problem, status=status_of(error))
    if sentence:
        flash(sentence)
    return see_other(consultation_path(slug, back))


def _how(consultation_id: uuid.UUID, version: str | None) -> dict[str, Any]:
    return {
        "consultation_id": consultation_id,
        "version": read_version(version),
        "at": clock.now(),
        "actor": actor_id(),
    }
