"""What the booking form asks besides name and address: listed, added, changed, moved, removed."""

import uuid

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.bookings.models import BookingQuestion
from engage.bookings.own_questions import (
    MOST_QUESTIONS,
    add_question,
    change_question,
    move_question_up,
    remove_question,
)
from engage.bookings.queries import answer_counts, asked_questions, get_asked_question
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, check_token
from engage.events.errors import StaleEventError
from engage.events.models import Event
from engage.events.queries import get_event
from engage.kernel import clock
from engage.kernel.errors import EngageError, NotFoundError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.booking_rules_forms import QuestionForm
from engage.web.organiser.booking_rules_views import get_changeable_event
from engage.web.organiser.event_views import event_path, read_version

QUESTIONS = "booking/questions"


@bp.route("/organise/events/<slug>/booking/questions", methods=["GET", "POST"])
@access("organiser")
def own_questions(slug: str) -> Response:
    """List the questions; add one, or ask one earlier (`up` holds which)."""
    event = get_changeable_event(slug)
    event_id = event.id
    if request.method == "POST" and "up" in request.form:
        return _move_up(event, request.form["up"])
    form = QuestionForm()
    if request.method == "GET":
        return _list_page(form, event)
    if not form.validate():
        return _list_page(form, event, status=422)
    try:
        with unit_of_work():
            add_question(event_id, form.draft(), at=clock.now(), actor=actor_id())
    except EngageError as error:
        form.refuse(error)
        return _list_page(form, get_event(slug), status=status_of(error))
    flash(_("The booking form asks one question more."))
    return see_other(event_path(slug, QUESTIONS))


def _move_up(event: Event, question: str) -> Response:
    check_token()
    event_id, slug = event.id, event.slug
    try:
        question_id = uuid.UUID(question)
    except ValueError as error:
        raise NotFoundError from error
    with unit_of_work():
        move_question_up(question_id, event_id=event_id, at=clock.now(), actor=actor_id())
    return see_other(event_path(slug, QUESTIONS))


def _list_page(form: QuestionForm, event: Event, *, status: int = 200) -> Response:
    return show(
        "organiser/booking/questions.html",
        form=form,
        event=event,
        questions=asked_questions(event.id),
        counts=answer_counts(event.id),
        most=MOST_QUESTIONS,
        status=status,
    )


@bp.route("/organise/events/<slug>/booking/questions/<uuid:question_id>", methods=["GET", "POST"])
@access("organiser")
def edit_own_question(slug: str, question_id: uuid.UUID) -> Response:
    """Ask it in other words or in another way."""
    event = get_changeable_event(slug)
    event_id, question = event.id, get_asked_question(question_id, event_id=event.id)
    form = QuestionForm()
    if request.method == "GET":
        form.fill_from(question, event)
        return _question_page(form, event, question)
    if not form.validate():
        return _question_page(form, event, question, status=422)
    try:
        with unit_of_work():
            change_question(
                question_id,
                form.draft(),
                event_id=event_id,
                version=read_version(form.version.data),
                at=clock.now(),
                actor=actor_id(),
            )
    except EngageError as error:
        event = get_event(slug)
        form.refuse(error)
        if isinstance(error, StaleEventError):
            form.version.data = str(event.version)
        question = get_asked_question(question_id, event_id=event_id)
        return _question_page(form, event, question, status=status_of(error))
    flash(_("The question is saved."))
    return see_other(event_path(slug, QUESTIONS))


def _question_page(form: QuestionForm, event: Event, question: BookingQuestion, *, status: int = 200) -> Response:
    answered = answer_counts(event.id).get(question.id, 0)
    return show(
        "organiser/booking/question.html", form=form, event=event, question=question, answered=answered, status=status
    )


@bp.route("/organise/events/<slug>/booking/questions/<uuid:question_id>/remove", methods=["GET", "POST"])
@access("organiser")
def remove_own_question(slug: str, question_id: uuid.UUID) -> Response:
    """Say what becomes of the answers; then ask it no more."""
    event = get_changeable_event(slug)
    event_id, question = event.id, get_asked_question(question_id, event_id=event.id)
    if request.method == "GET":
        answered = answer_counts(event_id).get(question_id, 0)
        return show("organiser/booking/remove_question.html", event=event, question=question, answered=answered)
    check_token()
    with unit_of_work():
        kept = remove_question(question_id, event_id=event_id, at=clock.now(), actor=actor_id())
    flash(_("It is asked no more. Its answers stay in the lists.") if kept else _("It is asked no more."))
    return see_other(event_path(slug, QUESTIONS))
