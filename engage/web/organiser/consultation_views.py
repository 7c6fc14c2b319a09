"""A consultation on the desk: made, changed, looked at before anybody sees it, and its one page."""

from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.consultations.enums import ConsultationPhase
from engage.consultations.errors import StaleConsultationError
from engage.consultations.footnotes import footnote_faults
from engage.consultations.models import Consultation
from engage.consultations.queries import all_consultations, get_any_consultation, late_token
from engage.consultations.services import change_consultation, draft_consultation
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id
from engage.kernel import clock, links, when
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.counts import count_for_consultation, counts_by_consultation, counts_by_question
from engage.web.consultation_pages import public_page
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.consultation_forms import (
    DATES,
    WORDS,
    ConsultationForm,
    DatedConsultationForm,
    NewConsultationForm,
)
from engage.web.two_versions import Versions, merge, note_beginning


def consultation_path(slug: str, page: str = "") -> str:
    """Return the address of a consultation's page on the desk."""
    return f"/organise/consultations/{slug}/{page}"


def desk_zone() -> str:
    """Return the zone whose clocks a consultation opens and closes by: that of the site."""
    return context.site().default_timezone


def read_version(text: str | None) -> int:
    """Return the version that the organiser saw. Raises StaleConsultationError when none was sent (R11)."""
    text = text or ""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise StaleConsultationError
    return int(text)


@bp.get("/organise/consultations/")
@access("organiser")
def consultations() -> Response:
    """List every consultation, drafts too."""
    return show(
        "organiser/consultations/list.html",
        consultations=all_consultations(),
        counts=counts_by_consultation(),
        now=clock.now(),
        zone=desk_zone(),
    )


@bp.get("/organise/consultations/<slug>/")
@access("organiser")
def show_consultation(slug: str) -> Response:
    """Show a consultation's one page: where it is in its life, its questions with counts, its context (rule 11)."""
    return consultation_page(get_any_consultation(slug))


def consultation_page(consultation: Consultation, *, problem: str = "", status: int = 200) -> Response:
    """Return the page of a consultation, with what did not work on it."""
    site, now = context.site(), clock.now()
    late_link = links.late_answers_url(site.base_url, consultation.slug, late_token(consultation, site))
    return show(
        "organiser/consultations/consultation.html",
        consultation=consultation,
        counts=count_for_consultation(consultation.id),
        by_question=counts_by_question(consultation.id),
        late_link=late_link if consultation.takes_late_answers(now) else "",
        faults=footnote_faults(consultation),
        problem=problem,
        now=now,
        zone=desk_zone(),
        status=status,
    )


@bp.route("/organise/consultations/new", methods=["GET", "POST"])
@access("organiser")
def new_consultation() -> Response:
    """Make a draft."""
    form = NewConsultationForm()
    if request.method == "GET":
        return _new_page(form)
    if not form.validate():
        return _new_page(form, status=422)
    try:
        with unit_of_work():
            slug = draft_consultation(
                form.details(),
                form.times(desk_zone()),
                slug=form.slug.data or None,
                at=clock.now(),
                actor=actor_id(),
            ).slug
    except EngageError as error:
        form.refuse_times(error, desk_zone())
        return _new_page(form, status=status_of(error))
    flash(_("The draft is saved. Nobody but organisers can see it yet. Add its questions next."))
    return see_other(consultation_path(slug))


def _new_page(form: NewConsultationForm, *, status: int = 200) -> Response:
    form.offer_folds(desk_zone())
    return show("organiser/consultations/new.html", form=form, zone_words=_zone_words(), status=status)


def _zone_words() -> str:
    return when.zone_words(desk_zone(), context.locale())


@bp.route("/organise/consultations/<slug>/edit", methods=["GET", "POST"])
@access("organiser")
def edit_consultation(slug: str) -> Response:
    """Change its words and rules, and its times while it has not opened."""
    consultation, zone = get_any_consultation(slug), desk_zone()
    form = _form_of(consultation)
    if request.method == "GET":
        form.fill_from(consultation, zone)
        note_beginning(form, _compared(form))
        return _edit_page(form, consultation)
    if not form.validate():
        return _edit_page(form, consultation, status=422)
    consultation_id, version = consultation.id, form.version.data
    try:
        with unit_of_work():
            changed = change_consultation(
                consultation_id,
                form.details(),
                form.times(zone),
                version=read_version(version),
                at=clock.now(),
                actor=actor_id(),
            )
    except StaleConsultationError:
        return _stale_page(form, get_any_consultation(slug))
    except EngageError as error:
        form.refuse_times(error, zone)
        return _edit_page(form, get_any_consultation(slug), status=status_of(error))
    flash(_("Your change is saved.") if changed else _("Nothing was different, so nothing changed."))
    return see_other(consultation_path(slug))


def _form_of(consultation: Consultation, **options: Any) -> ConsultationForm:
    is_dated = consultation.phase(clock.now()) in (ConsultationPhase.DRAFT, ConsultationPhase.COMING)
    return (DatedConsultationForm if is_dated else ConsultationForm)(**options)


def _compared(form: ConsultationForm) -> tuple[str, ...]:
    return (*WORDS, *DATES) if isinstance(form, DatedConsultationForm) else WORDS


def _stale_page(form: ConsultationForm, consultation: Consultation) -> Response:
    """Show both texts; saving once more is then a choice made knowingly (R11)."""
    theirs = type(form)(formdata=None)
    theirs.fill_from(consultation, desk_zone())
    versions = merge(form, theirs, _compared(form))
    form.forget_folds()
    form.version.data = str(consultation.version)
    form.refuse(StaleConsultationError())
    return _edit_page(form, consultation, status=409, versions=versions)


def _edit_page(form: ConsultationForm, consultation: Consultation, *, status: int = 200, **more: Any) -> Response:
    form.offer_folds(desk_zone())
    return show(
        "organiser/consultations/edit.html",
        form=form,
        consultation=consultation,
        zone_words=_zone_words(),
        status=status,
        **{"versions": Versions(), **more},
    )


@bp.get("/organise/consultations/<slug>/preview")
@access("organiser")
def preview_consultation(slug: str) -> Response:
    """Show the public page of a consultation before anybody else can see it."""
    return public_page(get_any_consultation(slug), theme=request.args.get("theme", ""), is_preview=True)
