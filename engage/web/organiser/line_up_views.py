"""Who speaks at an event: added, put in order, invited, put back."""

import uuid
from collections.abc import Callable

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, check_token
from engage.events.appearances import slots_of
from engage.events.enums import AppearanceStatus
from engage.events.models import Event
from engage.events.queries import get_event
from engage.events.services import move_speaker
from engage.flows.line_up import add_to_line_up, invite_again, invite_now, put_back
from engage.kernel import clock
from engage.kernel.errors import EngageError, NotFoundError
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.faults import faults_of
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.event_forms import SpeakerForm
from engage.web.organiser.event_views import event_path


@bp.route("/organise/events/<slug>/speakers", methods=["GET", "POST"])
@access("organiser")
def speakers(slug: str) -> Response:
    """Show the line-up; add somebody, or do what the button of one of them says (its value is whom)."""
    event = get_event(slug)
    if request.method == "POST":
        for name, act in ACTS.items():
            if name in request.form:
                return _act(event, act, request.form[name])
    form = SpeakerForm()
    if request.method == "GET":
        return _speakers_page(form, event)
    if not form.validate():
        return _speakers_page(form, event, status=422)
    event_id, details, at = event.id, form.details(), clock.now()
    try:
        with unit_of_work():
            added = add_to_line_up(event_id, details, site=context.site(), at=at, actor=actor_id())
            is_invited = added.status is AppearanceStatus.INVITED
    except EngageError as error:
        form.refuse(error)
        return _speakers_page(form, get_event(slug), status=status_of(error))
    flash(  # no name: the cookie carries it (P21)
        _("One more person is in the line-up, and their invitation is on its way.")
        if is_invited
        else _("One more person is in the line-up.")
    )
    return see_other(event_path(slug, "speakers"))


def _act(event: Event, act: Callable[[uuid.UUID, uuid.UUID], str], appearance: str) -> Response:
    check_token()
    event_id, slug = event.id, event.slug
    try:
        appearance_id = uuid.UUID(appearance)
    except ValueError as error:
        raise NotFoundError from error
    if appearance_id not in {slot.appearance.id for slot in slots_of(event_id)}:
        raise NotFoundError
    try:
        with unit_of_work():
            done = act(event_id, appearance_id)
    except NotFoundError:
        raise
    except EngageError as error:
        form = SpeakerForm(formdata=None)
        form.form_errors.append(error.text(context.locale()))
        return _speakers_page(form, get_event(slug), status=status_of(error))
    flash(done)
    return see_other(event_path(slug, "speakers"))


def _put_back(event_id: uuid.UUID, appearance_id: uuid.UUID) -> str:
    put_back(event_id, appearance_id, site=context.site(), at=clock.now(), actor=actor_id())
    return str(_("They stand at the end of the line-up again."))


def _invite(_event_id: uuid.UUID, appearance_id: uuid.UUID) -> str:
    invite_now(appearance_id, site=context.site(), at=clock.now(), actor=actor_id())
    return str(_("The invitation is on its way."))


def _invite_again(_event_id: uuid.UUID, appearance_id: uuid.UUID) -> str:
    invite_again(appearance_id, site=context.site(), at=clock.now(), actor=actor_id())
    return str(_("The invitation is on its way again."))


def _move_up(event_id: uuid.UUID, appearance_id: uuid.UUID) -> str:
    move_speaker(event_id, appearance_id=appearance_id, by=-1, at=clock.now(), actor=actor_id())
    return str(_("The order is saved."))


def _move_down(event_id: uuid.UUID, appearance_id: uuid.UUID) -> str:
    move_speaker(event_id, appearance_id=appearance_id, by=1, at=clock.now(), actor=actor_id())
    return str(_("The order is saved."))


ACTS: dict[str, Callable[[uuid.UUID, uuid.UUID], str]] = {
    "put_back": _put_back,
    "invite": _invite,
    "invite_again": _invite_again,
    "up": _move_up,
    "down": _move_down,
}


def _speakers_page(form: SpeakerForm, event: Event, *, status: int = 200) -> Response:
    slots = slots_of(event.id)
    listed = [slot for slot in slots if slot.appearance.status is not AppearanceStatus.WITHDRAWN]
    return show(
        "organiser/events/speakers.html",
        form=form,
        event=event,
        slots=listed,
        gone=[slot for slot in slots if slot not in listed],
        faults=faults_of([slot.speaker.email for slot in slots if slot.speaker.email]),
        now=clock.now(),
        status=status,
    )
