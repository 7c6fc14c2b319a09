"""Who speaks at an event, and which questions it discusses."""

import uuid

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.consultations.queries import all_consultations
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.forms import SignedInForm
from engage.edge.sign_in import actor_id, check_token
from engage.events.enums import AppearanceRole
from engage.events.models import Event
from engage.events.queries import discussed_questions, get_event, line_up
from engage.events.services import add_speaker, remove_speaker, set_questions
from engage.kernel import clock
from engage.kernel.errors import EngageError, NotFoundError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.event_forms import SpeakerForm
from engage.web.organiser.event_views import event_path

MOST_QUESTIONS = 200


@bp.route("/organise/events/<slug>/speakers", methods=["GET", "POST"])
@access("organiser")
def speakers(slug: str) -> Response:
    """Show the line-up; add somebody, or take somebody out (`remove` holds whom)."""
    event = get_event(slug)
    if request.method == "POST" and "remove" in request.form:
        return _remove_speaker(event, request.form["remove"])
    form = SpeakerForm()
    if request.method == "GET":
        return _speakers_page(form, event)
    if not form.validate():
        return _speakers_page(form, event, status=422)
    event_id = event.id
    try:
        with unit_of_work():
            add_speaker(
                event_id,
                name=form.name.data,
                role_title=form.role_title.data,
                organisation=form.organisation.data,
                role=AppearanceRole(form.role.data),
                at=clock.now(),
                actor=actor_id(),
            )
    except EngageError as error:
        form.refuse(error)
        return _speakers_page(form, get_event(slug), status=status_of(error))
    flash(_("One more person is in the line-up."))  # no name: the cookie carries it (P21)
    return see_other(event_path(slug, "speakers"))


def _remove_speaker(event: Event, appearance: str) -> Response:
    check_token()
    event_id, slug = event.id, event.slug
    try:
        appearance_id = uuid.UUID(appearance)
    except ValueError as error:
        raise NotFoundError from error
    with unit_of_work():
        remove_speaker(event_id, appearance_id=appearance_id, at=clock.now(), actor=actor_id())
    flash(_("The line-up is one person shorter."))
    return see_other(event_path(slug, "speakers"))


def _speakers_page(form: SpeakerForm, event: Event, *, status: int = 200) -> Response:
    return show("organiser/events/speakers.html", form=form, event=event, line_up=line_up(event.id), status=status)


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
