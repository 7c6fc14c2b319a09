"""How missions and goals bear on one another, and the sources that the texts cite: listed, added, taken out."""

import uuid
from functools import partial

from flask import Response, request
from flask_babel import gettext as _

from engage.consultations.enums import ThemeRelation
from engage.consultations.footnotes import footnote_faults
from engage.consultations.interdependencies import draw
from engage.consultations.queries import get_any_consultation, links_between, themes_of
from engage.consultations.services import add_footnote, link_themes, remove_footnote, unlink_themes
from engage.edge.access import access
from engage.edge.answers import show
from engage.kernel.errors import NotFoundError
from engage.web.organiser.blueprint import bp
from engage.web.organiser.consultation_context_forms import OF_CONSULTATION, FootnoteForm, LinkForm
from engage.web.organiser.consultation_saving import begin, do, save
from engage.web.organiser.two_versions import Versions


@bp.route("/organise/consultations/<slug>/links", methods=["GET", "POST"])
@access("organiser")
def theme_links(slug: str) -> Response:
    """List the links; add one, or take one out (`remove` holds which)."""
    if "remove" in request.form:
        link_id = _id(request.form["remove"])
        return do(slug, partial(unlink_themes, link_id), sentence=_("The link is taken out."), back="links")
    form = LinkForm()
    form.offer(get_any_consultation(slug))
    page = partial(_links_page, form, slug)
    if request.method == "GET":
        begin(form, slug)
        return page()
    return save(
        slug,
        form,
        page,
        lambda **how: link_themes(
            uuid.UUID(form.from_.data),
            uuid.UUID(form.to.data),
            ThemeRelation(form.relation.data),
            note=form.note.data or "",
            **how,
        ),
        sentence=_("The link is added."),
        back="links",
    )


def _links_page(form: LinkForm, slug: str, *, status: int = 200, versions: Versions | None = None) -> Response:
    consultation = get_any_consultation(slug)
    themes = themes_of(consultation)
    links = links_between(themes)
    return show(
        "organiser/consultations/links.html",
        form=form,
        consultation=consultation,
        themes={theme.id: theme for theme in themes},
        links=links,
        drawing=draw(themes, links),
        status=status,
    )


@bp.route("/organise/consultations/<slug>/footnotes", methods=["GET", "POST"])
@access("organiser")
def footnotes(slug: str) -> Response:
    """List the footnotes and what does not add up; add one, or take one out (`remove` holds which)."""
    if "remove" in request.form:
        footnote_id = _id(request.form["remove"])
        return do(slug, partial(remove_footnote, footnote_id), sentence=_("It is taken out."), back="footnotes")
    form = FootnoteForm()
    form.offer(get_any_consultation(slug))
    page = partial(_footnotes_page, form, slug)
    if request.method == "GET":
        begin(form, slug)
        return page()
    return save(
        slug,
        form,
        page,
        lambda **how: add_footnote(
            framework_id=None if form.of.data == OF_CONSULTATION else uuid.UUID(form.of.data),
            number=int(form.number.data),
            text=form.text.data,
            url=form.url.data or "",
            **how,
        ),
        sentence=_("The footnote is listed."),
        back="footnotes",
    )


def _footnotes_page(form: FootnoteForm, slug: str, *, status: int = 200, versions: Versions | None = None) -> Response:
    consultation = get_any_consultation(slug)
    faults = footnote_faults(consultation)
    return show(
        "organiser/consultations/footnotes.html", form=form, consultation=consultation, faults=faults, status=status
    )


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFoundError from error
