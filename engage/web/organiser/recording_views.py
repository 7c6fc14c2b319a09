"""Where an event can be watched again."""

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id
from engage.events.models import Event
from engage.events.queries import get_event
from engage.flows.publishing import set_recording
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.event_forms import RecordingForm
from engage.web.organiser.event_views import event_path


@bp.route("/organise/events/<slug>/recording", methods=["GET", "POST"])
@access("organiser")
def recording(slug: str) -> Response:
    """Say where the recording is; the event's page and everybody's way in lead there afterwards."""
    event = get_event(slug)
    event_id = event.id
    form = RecordingForm()
    if request.method == "GET":
        form.recording_url.data = event.recording_url
        return _page(form, event)
    if not form.validate():
        return _page(form, event, status=422)
    try:
        with unit_of_work():
            address = form.recording_url.data or ""
            set_recording(event_id, recording_url=address, at=clock.now(), actor=actor_id())
    except EngageError as error:
        form.refuse(error)
        return _page(form, get_event(slug), status=status_of(error))
    flash(_("The recording’s address is saved."))
    return see_other(event_path(slug))


def _page(form: RecordingForm, event: Event, *, status: int = 200) -> Response:
    return show("organiser/events/recording.html", form=form, event=event, status=status)
