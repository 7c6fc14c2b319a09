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
from engage.web.organiser.consultation_question_forms import COMPARED, QuestionForm
from engage.web.organiser.consultation_saving import begin, do, save
from engage.web.organiser.two_versions import Versions, note_beginning

QUESTIONS = "#questions"


@bp.route("/organise/consultations/<slug>/questions/new", methods=["GET", "POST"])
@access("organiser")
def new_consultation_question(slug: str) -> Response:
    """Ask one more."""
    form = QuestionForm.of(get_any_consultation(slug))
    page = partial(_page, form, slug)
    if request.method == "GET":
        begin(form, slug)
        return page()
    return save(
        slug,
        form,
        page,
        lambda **how: add_question(details=form.details(), **how),
        sentence=_("The question is added."),
        back=QUESTIONS,
    )


@bp.route("/organise/consultations/<slug>/questions/<int:number>", methods=["GET", "POST"])
@access("organiser")
def edit_consultation_question(slug: str, number: int) -> Response:
    """Ask it in other words or in another way."""
    consultation, question = _question(slug, number)
    form, question_id = QuestionForm.of(consultation), question.id
    page = partial(_page, form, slug, question_id)
    if request.method == "GET":
        begin(form, slug)
        form.fill_from(question)
        note_beginning(form, COMPARED)
        return page()

    def saved() -> QuestionForm:
        consultation = get_any_consultation(slug)
        theirs = QuestionForm.of(consultation, formdata=None)
        theirs.fill_from(_by_id(consultation, question_id))
        form.offer(consultation)
        return theirs

    return save(
        slug,
        form,
        page,
        lambda **how: change_question(question_id, form.details(), **how),
        sentence=_("The question is saved."),
        back=QUESTIONS,
        saved=saved,
        compared=COMPARED,
    )


def _page(
    form: QuestionForm,
    slug: str,
    question_id: uuid.UUID | None = None,
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
