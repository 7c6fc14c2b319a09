"""How missions and goals bear on one another, and what the texts cite: listed, added, changed, taken out."""

import uuid
from functools import partial

from flask import Response, request
from flask_babel import gettext as _

from engage.consultations.footnotes import footnote_faults
from engage.consultations.interdependencies import draw
from engage.consultations.queries import get_any_consultation, links_between, themes_of
from engage.consultations.services import (
    add_footnote,
    change_footnote,
    change_link,
    footnote_of,
    link_of,
    link_themes,
    remove_footnote,
    unlink_themes,
)
from engage.edge.access import access
from engage.edge.answers import show
from engage.kernel.errors import NotFoundError
from engage.web.organiser.blueprint import bp
from engage.web.organiser.consultation_context_forms import FootnoteForm, LinkForm
from engage.web.organiser.consultation_saving import add, do, edit
from engage.web.two_versions import Versions

LINKS, FOOTNOTES = "links", "footnotes"


@bp.route("/organise/consultations/<slug>/links", methods=["GET", "POST"])
@access("organiser")
def theme_links(slug: str) -> Response:
    """List the links; add one, or take one out (`remove` holds which)."""
    if "remove" in request.form:
        link_id = _id(request.form["remove"])
        return do(slug, partial(unlink_themes, link_id), sentence=_("The link is taken out."), back=LINKS)
    return add(
        slug,
        LinkForm,
        partial(_links_page, slug, None),
        lambda form, **how: link_themes(form.details(), **how),
        sentence=_("The link is added."),
        back=LINKS,
    )


@bp.route("/organise/consultations/<slug>/links/<uuid:link_id>", methods=["GET", "POST"])
@access("organiser")
def edit_link(slug: str, link_id: uuid.UUID) -> Response:
    """Change a link where it stands in the list."""
    link_of(get_any_consultation(slug), link_id)
    return edit(
        slug,
        LinkForm,
        partial(_links_page, slug, link_id),
        lambda: link_of(get_any_consultation(slug), link_id),
        lambda form, **how: change_link(link_id, form.details(), **how),
        back=LINKS,
    )


def _links_page(
    slug: str, editing: uuid.UUID | None, form: LinkForm, *, status: int = 200, versions: Versions | None = None
) -> Response:
    consultation = get_any_consultation(slug)
    themes = themes_of(consultation)
    links = links_between(themes)
    return show(
        "organiser/consultations/links.html",
        form=form,
        editing=editing,
        consultation=consultation,
        themes={theme.id: theme for theme in themes},
        links=links,
        drawing=draw(themes, links),
        versions=versions or Versions(),
        status=status,
    )


@bp.route("/organise/consultations/<slug>/footnotes", methods=["GET", "POST"])
@access("organiser")
def footnotes(slug: str) -> Response:
    """List the footnotes and what does not add up; add one, or take one out (`remove` holds which)."""
    if "remove" in request.form:
        footnote_id = _id(request.form["remove"])
        return do(slug, partial(remove_footnote, footnote_id), sentence=_("It is taken out."), back=FOOTNOTES)
    return add(
        slug,
        FootnoteForm,
        partial(_footnotes_page, slug, None),
        lambda form, **how: add_footnote(form.details(), **how),
        sentence=_("The footnote is listed."),
        back=FOOTNOTES,
    )


@bp.route("/organise/consultations/<slug>/footnotes/<uuid:footnote_id>", methods=["GET", "POST"])
@access("organiser")
def edit_footnote(slug: str, footnote_id: uuid.UUID) -> Response:
    """Change a footnote where it stands in the list."""
    footnote_of(get_any_consultation(slug), footnote_id)
    return edit(
        slug,
        FootnoteForm,
        partial(_footnotes_page, slug, footnote_id),
        lambda: footnote_of(get_any_consultation(slug), footnote_id),
        lambda form, **how: change_footnote(footnote_id, form.details(), **how),
        back=FOOTNOTES,
    )


def _footnotes_page(
    slug: str, editing: uuid.UUID | None, form: FootnoteForm, *, status: int = 200, versions: Versions | None = None
) -> Response:
    consultation = get_any_consultation(slug)
    return show(
        "organiser/consultations/footnotes.html",
        form=form,
        editing=editing,
        consultation=consultation,
        faults=footnote_faults(consultation),
        versions=versions or Versions(),
        status=status,
    )


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFoundError from error
