"""An event on the desk: made, changed, published, cancelled, and its one page."""

from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, check_token
from engage.events.errors import EventCancelledError, StaleEventError
from engage.events.models import Event
from engage.events.queries import every_event, get_event
from engage.events.services import create_event
from engage.flows.cancelling import cancel_event as cancel_event_and_tell
from engage.flows.overview import Stage, event_overview, stage_of
from engage.flows.publishing import publish_event
from engage.flows.rescheduling import change_event
from engage.flows.telling import when_told
from engage.kernel import clock, when
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.event_forms import CancelForm, EventForm, NewEventForm
from engage.web.organiser.event_times import fill_from, offer_fold, refuse_time
from engage.web.two_versions import Versions, merge, note_beginning

COMPARED = ("title", "summary", "description", "date", "start_time", "end_time", "timezone", "capacity", "join_url")


def event_path(slug: str, page: str = "") -> str:
    """Return the address of an event's page on the desk."""
    return f"/organise/events/{slug}/{page}"


@bp.get("/organise/events/")
@access("organiser")
def events() -> Response:
    """List every event, drafts too."""
    at = clock.now()
    listed = [(event, stage_of(event, at=at)) for event in every_event()]
    return show("organiser/events/list.html", events=listed)


@bp.route("/organise/events/new", methods=["GET", "POST"])
@access("organiser")
def new_event() -> Response:
    """Make a draft."""
    form = NewEventForm()
    if request.method == "GET":
        form.timezone.data = context.site().default_timezone
        return _new_page(form)
    if not form.validate():
        return _new_page(form, status=422)
    details = form.details()
    try:
        with unit_of_work():
            event = create_event(details, slug=form.slug.data or None, at=clock.now(), actor=actor_id())
            slug = event.slug
    except EngageError as error:
        refuse_time(form, error)
        return _new_page(form, status=status_of(error))
    flash(_("The draft is saved. Nobody but organisers can see it yet."))
    return see_other(event_path(slug))


def _new_page(form: NewEventForm, *, status: int = 200) -> Response:
    offer_fold(form)
    return show("organiser/events/new.html", form=form, zones=when.zone_names(), status=status)


@bp.get("/organise/events/<slug>/")
@access("organiser")
def show_event(slug: str) -> Response:
    """Show the event's one page."""
    return _event_page(get_event(slug))


def _event_page(event: Event, *, problem: str = "", status: int = 200) -> Response:
    now = clock.now()
    overview = event_overview(event, at=now)
    told_at = when_told(event.id, at=now)
    minutes = 0 if told_at is None else max(1, round((told_at - now).total_seconds() / 60))
    values = {"overview": overview, "event": event, "problem": problem, "now": now, "told_in_minutes": minutes}
    return show("organiser/events/show.html", status=status, **values)


@bp.route("/organise/events/<slug>/edit", methods=["GET", "POST"])
@access("organiser")
def edit_event(slug: str) -> Response:
    """Change an event; people who booked are told when it moves."""
    event = get_event(slug)
    event_id = event.id
    if stage_of(event, at=clock.now()) is Stage.CANCELLED:
        raise EventCancelledError
    form = EventForm()
    if request.method == "GET":
        fill_from(form, event)
        note_beginning(form, COMPARED)
        return _edit_page(form, event)
    if not form.validate():
        return _edit_page(form, event, status=422)
    details = form.details()
    try:
        with unit_of_work():
            change = change_event(
                event_id,
                details,
                version=read_version(form.version.data),
                site=context.site(),
                at=clock.now(),
                actor=actor_id(),
            )
            changed, moved_up, tells = bool(change.changed), change.moved_up, change.is_told
    except StaleEventError:
        return _stale_page(form, get_event(slug))
    except EngageError as error:
        refuse_time(form, error)
        return _edit_page(form, get_event(slug), status=status_of(error))
    flash(_("Your change is saved.") if changed else _("Nothing was different, so nothing changed."))
    if tells and not context.site().calendar_collect_seconds:
        flash(_("Everybody in whose calendar it stands gets a mail about it now."))
    if moved_up:
        flash(
            ngettext(
                "One booking came off the waiting list by it, and a mail about the place is on its way.",
                "%(num)d bookings came off the waiting list by it, and mails about the places are on their way.",
                moved_up,
            )
        )
    return see_other(event_path(slug))


def read_version(text: str | None) -> int:
    """Return the version that the organiser saw. Raises StaleEventError when none was sent (R11)."""
    text = text or ""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise StaleEventError
    return int(text)


def _edit_page(form: EventForm, event: Event, *, status: int = 200, **more: Any) -> Response:
    offer_fold(form)
    overview = event_overview(event, at=clock.now())
    return show(
        "organiser/events/edit.html",
        form=form,
        event=event,
        tellable=overview.tellable,
        zones=when.zone_names(),
        status=status,
        **{"versions": Versions(), **more},
    )


def _stale_page(form: EventForm, event: Event) -> Response:
    """Show both texts; saving once more is then a choice made knowingly (R11)."""
    theirs = EventForm(formdata=None)
    fill_from(theirs, event)
    versions = merge(form, theirs, COMPARED)
    if (form.date.data, form.start_time.data) == (theirs.date.data, theirs.start_time.data):
        form.fold.data = theirs.fold.data
    form.version.data = str(event.version)
    form.form_errors.append(
        _("Somebody else changed this event while you were writing, so nothing is saved yet. Both texts are below.")
        if versions.differences
        else _("Somebody else changed this event while you were writing, so nothing is saved yet. Save it once more.")
    )
    return _edit_page(form, event, status=409, versions=versions)


@bp.post("/organise/events/<slug>/publish")
@access("organiser")
def publish(slug: str) -> Response:
    """Let everybody see and book it."""
    check_token()
    event_id = get_event(slug).id
    try:
        with unit_of_work():
            publish_event(event_id, site=context.site(), at=clock.now(), actor=actor_id())
    except EngageError as error:
        return _event_page(get_event(slug), problem=error.text(context.locale()), status=status_of(error))
    flash(
        _("The event is published: everybody can see it, and members can book a place.")
        if get_event(slug).is_for_members(clock.now())
        else _("The event is published: everybody can see it and book a place.")
    )
    return see_other(event_path(slug))


@bp.route("/organise/events/<slug>/cancel", methods=["GET", "POST"])
@access("organiser")
def cancel_event(slug: str) -> Response:
    """Ask first and say who will be told; then cancel."""
    event = get_event(slug)
    event_id = event.id
    if stage_of(event, at=clock.now()) is Stage.CANCELLED:
        flash(_("The event is cancelled already."))
        return see_other(event_path(slug))
    form = CancelForm()
    if request.method == "GET":
        return _cancel_page(form, event)
    if not form.validate():
        return _cancel_page(form, event, status=422)
    try:
        with unit_of_work():
            told = cancel_event_and_tell(
                event_id, reason=form.reason.data, site=context.site(), at=clock.now(), actor=actor_id()
            )
    except EngageError as error:
        form.refuse(error)
        return _cancel_page(form, get_event(slug), status=status_of(error))
    flash(
        ngettext(
            "The event is cancelled. One person is being told.",
            "The event is cancelled. %(num)s people are being told.",
            told,
        )
        if told
        else _("The event is cancelled. Nobody had booked or was asked to speak, so nobody is told.")
    )
    return see_other(event_path(slug))


def _cancel_page(form: CancelForm, event: Event, *, status: int = 200) -> Response:
    overview = event_overview(event, at=clock.now())
    return show("organiser/events/cancel.html", form=form, event=event, overview=overview, status=status)
