"""How every form about a part of a consultation is saved: one change, or the form again with what did not work."""

import uuid
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.consultations.errors import StaleConsultationError
from engage.consultations.queries import get_any_consultation
from engage.edge import context
from engage.edge.answers import see_other
from engage.edge.sign_in import actor_id, check_token
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.consultation_part_form import PartForm
from engage.web.organiser.consultation_views import consultation_page, consultation_path, read_version
from engage.web.two_versions import Versions, merge, note_beginning

F = TypeVar("F", bound=PartForm)


class Page(Protocol):
    """Shows a form, for the first time or again."""

    def __call__(self, form: Any, *, status: int = 200, versions: Versions = ...) -> Response:
        """Return the page."""


def add(slug: str, kind: type[F], page: Page, act: Callable[..., Any], *, sentence: str, back: str) -> Response:
    """Show an empty form, or do what it says; then go back to a place of the consultation's page.

    `act` gets the form, `consultation_id`, `version`, `at` and `actor`.
    """
    form = kind.about(get_any_consultation(slug))
    if request.method == "GET":
        _begin(form, slug)
        return page(form)
    return _save(slug, form, page, act, sentence=sentence, back=back)


def edit(
    slug: str, kind: type[F], page: Page, part: Callable[[], Any], act: Callable[..., Any], *, back: str
) -> Response:
    """Show the form of a part as it is, or change it; a stale save shows what both wrote (R11).

    `part` returns it as it is now; `act` gets what it gets of `add`, and returns False if nothing was different.
    """
    form = kind.about(get_any_consultation(slug))
    if request.method == "GET":
        _begin(form, slug)
        form.fill_from(part())
        note_beginning(form, form.compared)
        return page(form)
    return _save(slug, form, page, act, sentence=_("Your change is saved."), back=back, part=part)


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


def _begin(form: PartForm, slug: str) -> None:
    """Note in a form which consultation it was that the organiser saw (R11)."""
    form.version.data = str(get_any_consultation(slug).version)


def _save(
    slug: str,
    form: PartForm,
    page: Page,
    act: Callable[..., Any],
    *,
    sentence: str,
    back: str,
    part: Callable[[], Any] | None = None,
) -> Response:
    if not form.validate():
        return page(form, status=422)
    consultation_id = get_any_consultation(slug).id
    try:
        with unit_of_work():
            changed = act(form, **_how(consultation_id, form.version.data)) is not False
    except EngageError as error:
        versions = Versions()
        form.refuse(error)
        if isinstance(error, StaleConsultationError):
            versions = _merge(form, slug, part()) if part else versions
            _begin(form, slug)
        return page(form, status=status_of(error), versions=versions)
    flash(sentence if changed else _("Nothing was different, so nothing changed."))
    return see_other(consultation_path(slug, back))


def _merge(form: PartForm, slug: str, part: Any) -> Versions:
    consultation = get_any_consultation(slug)
    form.offer(consultation)
    theirs = type(form).about(consultation, formdata=None)
    theirs.fill_from(part)
    return merge(form, theirs, form.compared)


def _how(consultation_id: uuid.UUID, version: str | None) -> dict[str, Any]:
    return {
        "consultation_id": consultation_id,
        "version": read_version(version),
        "at": clock.now(),
        "actor": actor_id(),
    }
