"""Missions, goals and principles on the desk: their source, and what they list."""

import uuid
from collections.abc import Callable
from functools import partial

from flask import Response
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
from engage.web.organiser.consultation_context_forms import FrameworkForm, ThemeForm
from engage.web.organiser.consultation_saving import add, do, edit
from engage.web.two_versions import Versions

CONTEXT = "#context"


@bp.route("/organise/consultations/<slug>/frameworks/new", methods=["GET", "POST"])
@access("organiser")
def new_framework(slug: str) -> Response:
    """Add what the questions are about."""
    return add(
        slug,
        FrameworkForm,
        partial(_framework_page, slug, None),
        lambda form, **how: add_framework(details=form.details(), **how),
        sentence=_("It is added. List what it holds next."),
        back=CONTEXT,
    )


@bp.route("/organise/consultations/<slug>/frameworks/<uuid:framework_id>", methods=["GET", "POST"])
@access("organiser")
def edit_framework(slug: str, framework_id: uuid.UUID) -> Response:
    """Change where it comes from."""
    return edit(
        slug,
        FrameworkForm,
        partial(_framework_page, slug, framework_id),
        partial(_framework, slug, framework_id),
        lambda form, **how: change_framework(framework_id, form.details(), **how),
        back=CONTEXT,
    )


@bp.post("/organise/consultations/<slug>/frameworks/<uuid:framework_id>/remove")
@access("organiser")
def remove_listed_framework(slug: str, framework_id: uuid.UUID) -> Response:
    """Take it out, with all that it lists."""
    return do(slug, partial(remove_framework, framework_id), sentence=_("It is taken out."), back=CONTEXT)


def _framework_page(
    slug: str,
    framework_id: uuid.UUID | None,
    form: FrameworkForm,
    *,
    status: int = 200,
    versions: Versions | None = None,
) -> Response:
    return show(
        "organiser/consultations/framework.html",
        form=form,
        consultation=get_any_consultation(slug),
        framework=_framework(slug, framework_id) if framework_id else None,
        versions=versions or Versions(),
        status=status,
    )


@bp.route("/organise/consultations/<slug>/frameworks/<uuid:framework_id>/themes/new", methods=["GET", "POST"])
@access("organiser")
def new_theme(slug: str, framework_id: uuid.UUID) -> Response:
    """List one more."""
    return add(
        slug,
        ThemeForm,
        partial(_theme_page, slug, partial(_framework, slug, framework_id), None),
        lambda form, **how: add_theme(framework_id, form.details(), **how),
        sentence=_("It is listed."),
        back=CONTEXT,
    )


@bp.route("/organise/consultations/<slug>/themes/<uuid:theme_id>", methods=["GET", "POST"])
@access("organiser")
def edit_theme(slug: str, theme_id: uuid.UUID) -> Response:
    """Put it into other words."""
    return edit(
        slug,
        ThemeForm,
        partial(_theme_page, slug, lambda: _framework(slug, _theme(slug, theme_id).framework_id), theme_id),
        partial(_theme, slug, theme_id),
        lambda form, **how: change_theme(theme_id, form.details(), **how),
        back=CONTEXT,
    )


@bp.post("/organise/consultations/<slug>/themes/<uuid:theme_id>/remove")
@access("organiser")
def remove_listed_theme(slug: str, theme_id: uuid.UUID) -> Response:
    """Take it out of its list."""
    return do(slug, partial(remove_theme, theme_id), sentence=_("It is taken out."), back=CONTEXT)


def _theme_page(
    slug: str,
    framework: Callable[[], Framework],
    theme_id: uuid.UUID | None,
    form: ThemeForm,
    *,
    status: int = 200,
    versions: Versions | None = None,
) -> Response:
    return show(
        "organiser/consultations/theme.html",
        form=form,
        consultation=get_any_consultation(slug),
        framework=framework(),
        theme=_theme(slug, theme_id) if theme_id else None,
        versions=versions or Versions(),
        status=status,
    )


def _framework(slug: str, framework_id: uuid.UUID) -> Framework:
    return framework_of(get_any_consultation(slug), framework_id)


def _theme(slug: str, theme_id: uuid.UUID) -> Theme:
    return theme_of(get_any_consultation(slug), theme_id)
