"""Which questions an event discusses."""

import uuid

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.consultations.queries import all_consultations
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.forms import SignedInForm
from engage.edge.sign_in import actor_id
from engage.events.models import Event
from engage.events.queries import discussed_questions, get_event
from engage.events.services import set_questions
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.event_views import event_path

MOST_QUESTIONS = 200


@bp.route("/organise/events/<slug>/questions", methods=["GET", "POST"])
@access("organiser")
def questions(slug: str) -> Response:
    """Tick the questions that the event discusses, of any consultation; they keep the order of the page."""
    event = get_event(slug)
    event_id = event.id
    form = SignedInForm()
    if request.method == "GET":
        chosen = {str(question.question_id) for question in discussed_questions(event_id)}
        return _questions_page(form, event, chosen)
    ticked = list(dict.fromkeys(request.form.getlist("questions")))[:MOST_QUESTIONS]
    if not form.validate():
        return _questions_page(form, event, set(ticked), status=422)
    try:
        with unit_of_work():
            set_questions(event_id, question_ids=_ids(ticked), at=clock.now(), actor=actor_id())
    except EngageError as error:
        form.form_errors.append(error.text(context.locale()))
        return _questions_page(form, get_event(slug), set(ticked), status=status_of(error))
    flash(_("The questions to be discussed are saved."))
    return see_other(event_path(slug))


def _ids(ticked: list[str]) -> list[uuid.UUID]:
    """Return the ids; what is none becomes one that no question has."""
    ids = []
    for text in ticked:
        try:
            ids.append(uuid.UUID(text))
        except ValueError:
            ids.append(uuid.UUID(int=0))
    return ids


def _questions_page(form: SignedInForm, event: Event, ticked: set[str], *, status: int = 200) -> Response:
    return show(
        "organiser/events/questions.html",
        form=form,
        event=event,
        consultations=all_consultations(),
        ticked=ticked,
        status=status,
    )
