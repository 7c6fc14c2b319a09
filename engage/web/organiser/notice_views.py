"""What an organiser is told about an event's bookings: each chooses for themselves."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from engage.bookings.notices import choose_notices, find_choice
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.events.queries import get_event
from engage.kernel import clock
from engage.kernel.unit_of_work import unit_of_work
from engage.web.organiser.blueprint import bp
from engage.web.organiser.booking_forms import NoticesForm


@bp.route("/organise/events/<slug>/notices", methods=["GET", "POST"])
@access("organiser")
def notices(slug: str) -> Response:
    """Show what somebody is told of an event, and take their choice."""
    event = get_event(slug)
    event_id, person_id = event.id, current_user.id
    form = NoticesForm()
    if request.method == "POST" and form.validate():
        with unit_of_work():
            choose_notices(event_id, form.choice(), person_id=person_id, at=clock.now())
        flash(_("Your choice is saved."))
        return see_other(url_for("organiser.bookings", slug=slug))
    if request.method == "GET":
        form.process(obj=find_choice(event_id, person_id))
    status = 422 if request.method == "POST" else 200
    return show("organiser/bookings/notices.html", event=event, form=form, status=status)
