"""What an event provides so that people can take part: stated by organisers and access leads alike."""

import uuid

from flask import Response, flash, request
from flask_babel import gettext as _

from engage.bookings.need_lists import count_needs
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, check_token
from engage.events.enums import AccessKind
from engage.events.errors import StaleEventError
from engage.events.queries import get_event, provided_at
from engage.events.services import (
    add_provision,
    change_provision,
    get_provision,
    remove_provision,
    tick_arranged,
    tick_provided,
)
from engage.flows.access_overview import is_overdue
from engage.kernel import clock
from engage.kernel.errors import ConflictError, EngageError, NotFoundError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.access_forms import ProvisionForm, ProvisionWordsForm, read_id
from engage.web.organiser.blueprint import bp
from engage.web.organiser.event_views import event_path, read_version

ACTS = ("arranged", "not-arranged", "kept", "not-kept", "remove")


@bp.route("/organise/events/<slug>/provision", methods=["GET", "POST"])
@access("organiser", "access_lead")
def provision(slug: str) -> Response:
    """Show what the event provides; state something more, take it out, tick it (a button names what)."""
    event = get_event(slug)
    pressed = next((act for act in ACTS if act in request.form), None) if request.method == "POST" else None
    if pressed is not None:
        return _act(slug, pressed, read_id(request.form[pressed]))
    form = ProvisionForm()
    form.offer_kinds()
    if request.method == "GET":
        return _provision_page(form, slug)
    if not form.validate():
        return _provision_page(form, slug, status=422)
    event_id = event.id
    try:
        with unit_of_work():
            add_provision(
                event_id,
                AccessKind(form.kind.data),
                note=form.note.data,
                due_on=form.day(),
                at=clock.now(),
                actor=actor_id(),
            )
    except EngageError as error:
        form.refuse(error)
        return _provision_page(form, slug, status=status_of(error))
    flash(_("One more thing is stated on the event’s page."))
    return see_other(event_path(slug, "provision"))


def _act(slug: str, act: str, provision_id: uuid.UUID) -> Response:
    check_token()
    event_id, at, actor = get_event(slug).id, clock.now(), actor_id()
    get_provision(event_id, provision_id)
    try:
        with unit_of_work():
            if act == "remove":
                remove_provision(event_id, provision_id, at=at, actor=actor)
            elif act.endswith("arranged"):
                tick_arranged(provision_id, arranged=act == "arranged", at=at, actor=actor)
            else:
                tick_provided(provision_id, kept=act == "kept", at=at, actor=actor)
    except ConflictError as error:
        form = ProvisionForm(formdata=None)
        form.offer_kinds()
        form.refuse(error)
        return _provision_page(form, slug, status=409)
    if act == "remove":
        flash(_("It is stated no more."))
    return see_other(f"{event_path(slug, 'provision')}#stated")


def _provision_page(form: ProvisionForm, slug: str, *, status: int = 200) -> Response:
    event, now = get_event(slug), clock.now()
    found = provided_at(event.id)
    return show(
        "organiser/access/provision.html",
        form=form,
        event=event,
        provided=found,
        overdue={each.id for each in found if is_overdue(each, event, at=now)},
        counts=count_needs([event.id])[event.id],
        now=now,
        status=status,
    )


@bp.route("/organise/events/<slug>/provision/<uuid:provision_id>", methods=["GET", "POST"])
@access("organiser", "access_lead")
def change_provided(slug: str, provision_id: uuid.UUID) -> Response:
    """Say in other words what the event provides, or by another day."""
    event = get_event(slug)
    event_id = event.id
    found = get_provision(event_id, provision_id)
    form = ProvisionWordsForm()
    if request.method == "GET":
        form.version.data, form.note.data = str(event.version), found.note or ""
        form.due_on.data = found.due_on.isoformat() if found.due_on else ""
        return _change_page(form, slug, provision_id)
    if not form.validate():
        return _change_page(form, slug, provision_id, status=422)
    try:
        with unit_of_work():
            change_provision(
                event_id,
                provision_id,
                note=form.note.data,
                due_on=form.day(),
                version=read_version(form.version.data),
                at=clock.now(),
                actor=actor_id(),
            )
    except NotFoundError:
        raise
    except EngageError as error:
        if isinstance(error, StaleEventError):
            form.version.data = str(get_event(slug).version)
        form.refuse(error)
        return _change_page(form, slug, provision_id, status=status_of(error))
    flash(_("What the event provides is saved."))
    return see_other(event_path(slug, "provision"))


def _change_page(form: ProvisionWordsForm, slug: str, provision_id: uuid.UUID, *, status: int = 200) -> Response:
    event = get_event(slug)
    found = get_provision(event.id, provision_id)
    return show("organiser/access/change_provision.html", form=form, event=event, provision=found, status=status)
