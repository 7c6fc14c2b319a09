"""The questions of a consultation: added, put into other words, moved, taken out."""

import uuid
from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.consultations.errors import QuestionNotFoundError, StaleConsultationError
from engage.consultations.models import Consultation, Question
from engage.consultations.queries import get_any_consultation
from engage.consultations.services import add_question, change_question, move_question_up, remove_question
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, check_token
from engage.events.queries import events_about
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.consultation_question_forms import COMPARED, QuestionForm
from engage.web.organiser.consultation_views import consultation_page, consultation_path, read_version
from engage.web.organiser.two_versions import Versions, merge, note_beginning

QUESTIONS = "#questions"


@bp.route("/organise/consultations/<slug>/questions/new", methods=["GET", "POST"])
@access("organiser")
def new_consultation_question(slug: str) -> Response:
    """Ask one more."""
    consultation = get_any_consultation(slug)
    consultation_id, form = consultation.id, QuestionForm()
    if request.method == "GET":
        form.begin(consultation)
        return _page(form, consultation)
    if not form.validate():
        return _page(form, consultation, status=422)
    try:
        with unit_of_work():
            add_question(
                consultation_id,
                form.details(),
                version=read_version(form.version.data),
                at=clock.now(),
                actor=actor_id(),
            )
    except EngageError as error:
        consultation = get_any_consultation(slug)
        form.refuse(error)
        form.begin(consultation)
        return _page(form, consultation, status=status_of(error))
    flash(_("The question is added."))
    return see_other(consultation_path(slug, QUESTIONS))


@bp.route("/organise/consultations/<slug>/questions/<int:number>", methods=["GET", "POST"])
@access("organiser")
def edit_consultation_question(slug: str, number: int) -> Response:
    """Ask it in other words or in another way."""
    consultation, question = _question(slug, number)
    form = QuestionForm()
    if request.method == "GET":
        form.begin(consultation)
        form.fill_from(question)
        note_beginning(form, COMPARED)
        return _page(form, consultation, question)
    if not form.validate():
        return _page(form, consultation, question, status=422)
    consultation_id, question_id = consultation.id, question.id
    try:
        with unit_of_work():
            changed = change_question(
                question_id,
                form.details(),
                consultation_id=consultation_id,
                version=read_version(form.version.data),
                at=clock.now(),
                actor=actor_id(),
            )
    except StaleConsultationError as error:
        consultation, question = _question_by_id(slug, question_id)
        theirs = QuestionForm(formdata=None)
        theirs.fill_from(question)
        versions = merge(form, theirs, COMPARED)
        form.refuse(error)
        form.begin(consultation)
        return _page(form, consultation, question, status=409, versions=versions)
    except EngageError as error:
        consultation, question = _question_by_id(slug, question_id)
        form.refuse(error)
        return _page(form, consultation, question, status=status_of(error))
    flash(_("The question is saved.") if changed else _("Nothing was different, so nothing changed."))
    return see_other(consultation_path(slug, QUESTIONS))


def _page(
    form: QuestionForm, consultation: Consultation, question: Question | None = None, *, status: int = 200, **more: Any
) -> Response:
    return show(
        "organiser/consultations/question.html",
        form=form,
        consultation=consultation,
        question=question,
        status=status,
        **{"versions": Versions(), **more},
    )


@bp.post("/organise/consultations/<slug>/questions/<int:number>/up")
@access("organiser")
def move_consultation_question(slug: str, number: int) -> Response:
    """Ask it before the one that stands before it."""
    check_token()
    consultation, question = _question(slug, number)
    consultation_id, question_id = consultation.id, question.id
    try:
        with unit_of_work():
            move_question_up(
                question_id,
                consultation_id=consultation_id,
                version=read_version(request.form.get("version")),
                at=clock.now(),
                actor=actor_id(),
            )
    except EngageError as error:
        return _problem(slug, error)
    return see_other(consultation_path(slug, QUESTIONS))


@bp.route("/organise/consultations/<slug>/questions/<int:number>/remove", methods=["GET", "POST"])
@access("organiser")
def remove_consultation_question(slug: str, number: int) -> Response:
    """Say what goes with it; then ask it no more."""
    consultation, question = _question(slug, number)
    if request.method == "GET":
        return show(
            "organiser/consultations/remove_question.html",
            consultation=consultation,
            question=question,
            events=events_about(question.id),
        )
    check_token()
    consultation_id, question_id = consultation.id, question.id
    try:
        with unit_of_work():
            remove_question(
                question_id,
                consultation_id=consultation_id,
                version=read_version(request.form.get("version")),
                at=clock.now(),
                actor=actor_id(),
            )
    except EngageError as error:
        return _problem(slug, error)
    flash(_("It is asked no more."))
    return see_other(consultation_path(slug, QUESTIONS))


def _problem(slug: str, error: EngageError) -> Response:
    problem = error.text(context.locale())
    return consultation_page(get_any_consultation(slug), problem=problem, status=status_of(error))


def _question(slug: str, number: int) -> tuple[Consultation, Question]:
    consultation = get_any_consultation(slug)
    for question in consultation.questions:
        if question.number == number:
            return consultation, question
    raise QuestionNotFoundError


def _question_by_id(slug: str, question_id: uuid.UUID) -> tuple[Consultation, Question]:
    """Return it as it is now: somebody may have moved it."""
    consultation = get_any_consultation(slug)
    for question in consultation.questions:
        if question.id == question_id:
            return consultation, question
    raise QuestionNotFoundError
