"""The questions of a consultation on the desk: asked, put into words, put in order, taken out."""

import uuid
from functools import partial

from flask import Response, request
from flask_babel import gettext as _

from engage.consultations.errors import QuestionNotFoundError
from engage.consultations.models import Consultation, Question
from engage.consultations.queries import get_any_consultation
from engage.consultations.services import add_question, change_question, move_question_up, remove_question
from engage.edge.access import access
from engage.edge.answers import show
from engage.events.queries import events_about
from engage.web.organiser.blueprint import bp
from engage.web.organiser.consultation_question_forms import QuestionForm
from engage.web.organiser.consultation_saving import add, do, edit
from engage.web.two_versions import Versions

QUESTIONS = "#questions"


@bp.route("/organise/consultations/<slug>/questions/new", methods=["GET", "POST"])
@access("organiser")
def new_consultation_question(slug: str) -> Response:
    """Ask one more."""
    return add(
        slug,
        QuestionForm,
        partial(_page, slug, None),
        lambda form, **how: add_question(details=form.details(), **how),
        sentence=_("The question is added."),
        back=QUESTIONS,
    )


@bp.route("/organise/consultations/<slug>/questions/<int:number>", methods=["GET", "POST"])
@access("organiser")
def edit_consultation_question(slug: str, number: int) -> Response:
    """Ask it in other words or in another way."""
    _consultation, question = _question(slug, number)
    question_id = question.id
    return edit(
        slug,
        QuestionForm,
        partial(_page, slug, question_id),
        lambda: _by_id(get_any_consultation(slug), question_id),
        lambda form, **how: change_question(question_id, form.details(), **how),
        back=QUESTIONS,
    )


def _page(
    slug: str,
    question_id: uuid.UUID | None,
    form: QuestionForm,
    *,
    status: int = 200,
    versions: Versions | None = None,
) -> Response:
    consultation = get_any_consultation(slug)
    return show(
        "organiser/consultations/question.html",
        form=form,
        consultation=consultation,
        question=_by_id(consultation, question_id) if question_id else None,
        status=status,
        versions=versions or Versions(),
    )


@bp.post("/organise/consultations/<slug>/questions/<int:number>/up")
@access("organiser")
def move_consultation_question(slug: str, number: int) -> Response:
    """Ask it before the one that stands before it."""
    _consultation, question = _question(slug, number)
    return do(slug, partial(move_question_up, question.id), back=QUESTIONS)


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
    return do(slug, partial(remove_question, question.id), sentence=_("It is asked no more."), back=QUESTIONS)


def _question(slug: str, number: int) -> tuple[Consultation, Question]:
    consultation = get_any_consultation(slug)
    for question in consultation.questions:
        if question.number == number:
            return consultation, question
    raise QuestionNotFoundError


def _by_id(consultation: Consultation, question_id: uuid.UUID) -> Question:
    """Return it as it is now: somebody may have moved it."""
    for question in consultation.questions:
        if question.id == question_id:
            return question
    raise QuestionNotFoundError
