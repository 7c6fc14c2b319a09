"""What happens to a consultation: opened, extended, closed, answered late, worked through, answered, withdrawn."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.consultations.errors import NotOpenedYetError, NotOpenError, WithdrawnError
from engage.consultations.models import Consultation
from engage.consultations.queries import get_any_consultation
from engage.consultations.services import (
    analyse_consultation,
    answer_consultation,
    close_consultation,
    end_late_answers,
    move_closing,
    open_consultation,
    take_late_answers,
    withdraw_consultation,
)
from engage.consultations.services.life import OVER
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, check_token
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.counts import count_for_consultation
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.consultation_forms import MomentOfClosingForm
from engage.web.organiser.consultation_views import consultation_page, consultation_path, desk_zone


@bp.post("/organise/consultations/<slug>/open")
@access("organiser")
def open_draft(slug: str) -> Response:
    """Let everybody see it, and answer it from its opening."""
    return _done(slug, open_consultation, _("It is published. Everybody can see it, and answer from its opening."))


@bp.route("/organise/consultations/<slug>/close", methods=["GET", "POST"])
@access("organiser")
def close(slug: str) -> Response:
    """Ask first; then take no more answers."""
    consultation = get_any_consultation(slug)
    if not consultation.is_open(clock.now()):
        raise NotOpenError
    if request.method == "GET":
        return _ask_page("close", consultation)
    return _done(slug, close_consultation, _("It is closed. No more answers are taken."))


@bp.post("/organise/consultations/<slug>/analysing")
@access("organiser")
def begin_analysis(slug: str) -> Response:
    """Say on its page that what was said is being worked through."""
    return _done(slug, analyse_consultation, _("Its page says now that you are working through what was said."))


@bp.post("/organise/consultations/<slug>/answered")
@access("organiser")
def mark_answered(slug: str) -> Response:
    """Say on its page that what came of it is published."""
    return _done(slug, answer_consultation, _("Its page says now that you have published what you make of it."))


@bp.route("/organise/consultations/<slug>/withdraw", methods=["GET", "POST"])
@access("organiser")
def withdraw_announced(slug: str) -> Response:
    """Ask first; then take it back, so that its page says so."""
    consultation = get_any_consultation(slug)
    if consultation.phase(clock.now()) == "draft":
        raise NotOpenError
    if request.method == "GET":
        return _ask_page("withdraw", consultation)
    return _done(slug, withdraw_consultation, _("It is withdrawn. Its page says so, and no more answers are taken."))


def _ask_page(what: str, consultation: Consultation) -> Response:
    counts = count_for_consultation(consultation.id)
    return show(f"organiser/consultations/{what}.html", consultation=consultation, counts=counts, zone=desk_zone())


@bp.route("/organise/consultations/<slug>/closing", methods=["GET", "POST"])
@access("organiser")
def closing(slug: str) -> Response:
    """Let it close at another moment."""
    consultation = get_any_consultation(slug)
    if consultation.phase(clock.now()) == "draft":
        raise NotOpenError
    if consultation.phase(clock.now()) == "withdrawn":
        raise WithdrawnError
    return _moment_page(consultation, "closing", move_closing, _("The closing is moved."))


@bp.route("/organise/consultations/<slug>/late", methods=["GET", "POST"])
@access("organiser")
def late_answers(slug: str) -> Response:
    """Take late answers by a link, until a moment; or take no more of them (`end`)."""
    consultation = get_any_consultation(slug)
    if consultation.phase(clock.now()) not in OVER:
        raise NotOpenedYetError
    if request.method == "POST" and "end" in request.form:
        return _done(slug, end_late_answers, _("No more late answers are taken, and the link opens nothing any more."))
    return _moment_page(consultation, "late", take_late_answers, _("Late answers are taken by the link below."))


def _moment_page(consultation: Consultation, what: str, change: Callable[..., Any], sentence: str) -> Response:
    """Ask for a moment, and give it to a service."""
    form, zone, slug, consultation_id = MomentOfClosingForm(), desk_zone(), consultation.slug, consultation.id

    def page(consultation: Consultation, status: int = 200) -> Response:
        form.offer_fold(zone)
        return show(
            f"organiser/consultations/{what}.html", form=form, consultation=consultation, zone=zone, status=status
        )

    if request.method == "GET":
        form.fill_moment(consultation.late_until or consultation.closes_at, zone)
        return page(consultation)
    if not form.validate():
        return page(consultation, 422)
    try:
        with unit_of_work():
            change(consultation_id, form.wall_time(), timezone=zone, at=clock.now(), actor=actor_id())
    except EngageError as error:
        form.refuse(error)
        return page(get_any_consultation(slug), status_of(error))
    flash(sentence)
    return see_other(consultation_path(slug))


def _done(slug: str, change: Callable[..., Any], sentence: str) -> Response:
    """Do what a button says; a refusal stands on the consultation's page."""
    check_token()
    consultation_id = get_any_consultation(slug).id
    try:
        with unit_of_work():
            change(consultation_id, at=clock.now(), actor=actor_id())
    except EngageError as error:
        problem = error.text(context.locale())
        return consultation_page(get_any_consultation(slug), problem=problem, status=status_of(error))
    flash(sentence)
    return see_other(consultation_path(slug))
