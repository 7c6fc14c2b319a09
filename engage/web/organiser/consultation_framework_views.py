"""Missions, goals and principles on the desk: their source, and what they list."""

import uuid
from functools import partial
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from engage.consultations.models import Framework, Theme
from engage.consultations.queries import get_any_consultation
from engage.consultations.services import (
    add_framework,
    add_theme,
    change_framework,
    change_theme,
    framework_of,
    remove_framework,
    remove_theme,
    theme_of,
)
from engage.edge.access import access
from engage.edge.answers import show
from engage.web.organiser.blueprint import bp
from engage.web.organiser.consultation_context_forms import FRAMEWORK, THEME, FrameworkForm, ThemeForm
from engage.web.organiser.consultation_saving import begin, do, save
from engage.web.organiser.two_versions import Versions, note_beginning

CONTEXT = "#context"


@bp.route("/organise/consultations/<slug>/frameworks/new", methods=["GET", "POST"])
@access("organiser")
def new_framework(slug: str) -> Response:
    """Add what the questions are about."""
    form = FrameworkForm()
    page = partial(_framework_page, form, slug, None)
    if request.method == "GET":
        begin(form, slug)
        return page()
    return save(
        slug,
        form,
        page,
        lambda **how: add_framework(details=form.details(), **how),
        sentence=_("It is added. List what it holds next."),
        back=CONTEXT,
    )


@bp.route("/organise/consultations/<slug>/frameworks/<uuid:framework_id>", methods=["GET", "POST"])
@access("organiser")
def edit_framework(slug: str, framework_id: uuid.UUID) -> Response:
    """Change where it comes from."""
    form = FrameworkForm()
    page = partial(_framework_page, form, slug, framework_id)
    if request.method == "GET":
        begin(form, slug)
        form.fill_from(_framework(slug, framework_id))
        note_beginning(form, FRAMEWORK)
        return page()

    def saved() -> FrameworkForm:
        theirs = FrameworkForm(formdata=None)
        theirs.fill_from(_framework(slug, framework_id))
        return theirs

    return save(
        slug,
        form,
        page,
        lambda **how: change_framework(framework_id, form.details(), **how),
        sentence=_("Your change is saved."),
        back=CONTEXT,
        saved=saved,
        compared=FRAMEWORK,
    )


@bp.post("/organise/consultations/<slug>/frameworks/<uuid:framework_id>/remove")
@access("organiser")
def remove_listed_framework(slug: str, framework_id: uuid.UUID) -> Response:
    """Take it out, with all that it lists."""
    return do(slug, partial(remove_framework, framework_id), sentence=_("It is taken out."), back=CONTEXT)


def _framework_page(
    form: FrameworkForm,
    slug: str,
    framework_id: uuid.UUID | None,
    *,
    status: int = 200,
    versions: Versions | None = None,
) -> Response:
    framework = _framework(slug, framework_id) if framework_id else None
    values: dict[str, Any] = {"form": form, "framework": framework, "versions": versions or Versions()}
    consultation = get_any_consultation(slug)
    return show("organiser/consultations/framework.html", consultation=consultation, status=status, **values)


@bp.route("/organise/consultations/<slug>/frameworks/<uuid:framework_id>/themes/new", methods=["GET", "POST"])
@access("organiser")
def new_theme(slug: str, framework_id: uuid.UUID) -> Response:
    """List one more."""
    form = ThemeForm()
    page = partial(_theme_page, form, slug, framework_id=framework_id)
    if request.method == "GET":
        begin(form, slug)
        return page()
    return save(
        slug,
        form,
        page,
        lambda **how: add_theme(framework_id, form.details(), **how),
        sentence=_("It is listed."),
        back=CONTEXT,
    )


@bp.route("/organise/consultations/<slug>/themes/<uuid:theme_id>", methods=["GET", "POST"])
@access("organiser")
def edit_theme(slug: str, theme_id: uuid.UUID) -> Response:
    """Put it into other words."""
    form = ThemeForm()
    page = partial(_theme_page, form, slug, theme_id=theme_id)
    if request.method == "GET":
        begin(form, slug)
        form.fill_from(_theme(slug, theme_id))
        note_beginning(form, THEME)
        return page()

    def saved() -> ThemeForm:
        theirs = ThemeForm(formdata=None)
        theirs.fill_from(_theme(slug, theme_id))
        return theirs

    return save(
        slug,
        form,
        page,
        lambda **how: change_theme(theme_id, form.details(), **how),
        sentence=_("Your change is saved."),
        back=CONTEXT,
        saved=saved,
        compared=THEME,
    )


@bp.post("/organise/consultations/<slug>/themes/<uuid:theme_id>/remove")
@access("organiser")
def remove_listed_theme(slug: str, theme_id: uuid.UUID) -> Response:
    """Take it out of its list."""
    return do(slug, partial(remove_theme, theme_id), sentence=_("It is taken out."), back=CONTEXT)


def _theme_page(
    form: ThemeForm,
    slug: str,
    *,
    framework_id: uuid.UUID | None = None,
    theme_id: uuid.UUID | None = None,
    status: int = 200,
    versions: Versions | None = None,
) -> Response:
    theme = _theme(slug, theme_id) if theme_id else None
    held_by = theme.framework_id if theme else framework_id
    return show(
        "organiser/consultations/theme.html",
        form=form,
        consultation=get_any_consultation(slug),
        framework=_framework(slug, held_by) if held_by else None,
        theme=theme,
        versions=versions or Versions(),
        status=status,
    )


def _framework(slug: str, framework_id: uuid.UUID) -> Framework:
    return framework_of(get_any_consultation(slug), framework_id)


def _theme(slug: str, theme_id: uuid.UUID) -> Theme:
    return theme_of(get_any_consultation(slug), theme_id)
