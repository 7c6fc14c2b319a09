"""When reminders and follow-up of an event are sent: what goes when, and the plan behind it."""

from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.bookings.mail_steps import change_mail_plan
from engage.bookings.planned_steps import planned_steps
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id
from engage.events.errors import StaleEventError
from engage.events.models import Event
from engage.events.queries import get_event
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.booking_rules_views import get_changeable_event
from engage.web.organiser.event_views import event_path, read_version
from engage.web.organiser.mail_plan_forms import MailPlanForm
from engage.web.two_versions import Versions


@bp.route("/organise/events/<slug>/mails", methods=["GET", "POST"])
@access("organiser")
def mail_plan(slug: str) -> Response:
    """Show what is sent when, and change it."""
    event = get_changeable_event(slug)
    event_id = event.id
    form = MailPlanForm()
    if request.method == "GET":
        form.fill_from(event)
        return _page(form, event)
    if not form.validate():
        return _page(form, event, status=422)
    try:
        with unit_of_work():
            version = read_version(form.version.data)
            changed = change_mail_plan(event_id, form.plan(), version=version, at=clock.now(), actor=actor_id())
    except StaleEventError:
        return _stale_page(form, get_event(slug))
    except EngageError as error:
        form.refuse(error)
        return _page(form, get_event(slug), status=status_of(error))
    flash(
        _("The plan is saved. Below is what is sent now.")
        if changed
        else _("Nothing was different, so nothing changed.")
    )
    return see_other(event_path(slug, "mails"))


def _page(form: MailPlanForm, event: Event, *, status: int = 200, **more: Any) -> Response:
    steps = planned_steps(event, at=clock.now())
    values = {"versions": Versions(), **more}
    return show("organiser/events/mails.html", form=form, event=event, steps=steps, status=status, **values)


def _stale_page(form: MailPlanForm, event: Event) -> Response:
    """Show both; saving once more is then a choice made knowingly (R11)."""
    theirs = MailPlanForm(formdata=None)
    theirs.fill_from(event)
    pairs = zip(_in_words(theirs), _in_words(form), strict=True)
    differences = [(label, saved, typed) for (label, saved), (_label, typed) in pairs if saved != typed]
    form.version.data = str(event.version)
    form.form_errors.append(
        _("Somebody else changed this event while you were writing, so nothing is saved yet. Look at it once more.")
    )
    return _page(form, event, status=409, versions=Versions(differences))


def _in_words(form: MailPlanForm) -> list[tuple[str, str]]:
    """Return each row of a form with what it says."""
    reminders = [(number, unit, bool(number.data)) for number, unit in form.reminder_rows()]
    follow_ups = [(on, number, unit) for on, number, unit in form.follow_up_rows()]
    return [
        *((number.label.text, _span_words(number, unit) if given else _("None")) for number, unit, given in reminders),
        *((on.label.text, _span_words(number, unit) if on.data else _("No")) for on, number, unit in follow_ups),
    ]


def _span_words(number: Any, unit: Any) -> str:
    words = next((choice.label for choice in unit.choices if choice.value == unit.data), "")
    return f"{number.data} {words}"
