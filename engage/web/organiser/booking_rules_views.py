"""How people book an event: its one page of settings."""

from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.bookings.queries import asked_questions
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id
from engage.events.enums import EventStatus
from engage.events.errors import EventCancelledError, StaleEventError
from engage.events.models import Event
from engage.events.queries import get_event, groups_of
from engage.events.services import set_booking_rules
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.booking_rules_forms import RulesForm
from engage.web.organiser.event_views import event_path, read_version
from engage.web.two_versions import Versions


@bp.route("/organise/events/<slug>/booking", methods=["GET", "POST"])
@access("organiser")
def booking_rules(slug: str) -> Response:
    """Show how people book, and change it."""
    event = get_changeable_event(slug)
    event_id = event.id
    form = RulesForm()
    if request.method == "GET":
        form.fill_from(event)
        return _page(form, event)
    if not form.validate():
        return _page(form, event, status=422)
    try:
        with unit_of_work():
            version = read_version(form.version.data)
            changed = set_booking_rules(event_id, form.rules(), version=version, at=clock.now(), actor=actor_id())
    except StaleEventError:
        return _stale_page(form, get_event(slug))
    except EngageError as error:
        form.refuse(error)
        return _page(form, get_event(slug), status=status_of(error))
    flash(_("How people book is saved.") if changed else _("Nothing was different, so nothing changed."))
    return see_other(event_path(slug, "booking"))


def get_changeable_event(slug: str) -> Event:
    """Return an event whose booking can be arranged. Raises EventNotFoundError, EventCancelledError."""
    event = get_event(slug)
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError
    return event


def _page(form: RulesForm, event: Event, *, status: int = 200, **more: Any) -> Response:
    form.offer_fold(event.timezone)
    values = {"versions": Versions(), "groups": groups_of(event.id), "questions": asked_questions(event.id), **more}
    return show("organiser/booking/rules.html", form=form, event=event, status=status, **values)


def _stale_page(form: RulesForm, event: Event) -> Response:
    """Show both; saving once more is then a choice made knowingly (R11)."""
    theirs = RulesForm(formdata=None)
    theirs.fill_from(event)
    differences = [
        (yours.label.text, _in_words(theirs[yours.name].data), _in_words(yours.data))
        for yours in (form.waiting_list, form.places_shown, form.date, form.time)
        if (theirs[yours.name].data or "") != (yours.data or "")
    ]
    form.version.data = str(event.version)
    form.form_errors.append(
        _("Somebody else changed this event while you were writing, so nothing is saved yet. Look at it once more.")
    )
    return _page(form, event, status=409, versions=Versions(differences))


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return str(value or _("Nothing"))
