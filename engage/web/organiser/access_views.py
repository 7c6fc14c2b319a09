"""What people need to take part, for access leads and administrators alone; each reading is noted (P25, S35)."""

import uuid

from flask import Response, flash, make_response, request
from flask_babel import gettext as _

from engage.audit.services import record
from engage.bookings.access_needs import answer_need, tick_kept
from engage.bookings.errors import StaleAccessNeedError
from engage.bookings.need_lists import get_need, need_rows, needs_of
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, check_token
from engage.events.errors import StaleEventError
from engage.events.queries import get_event, provided_at
from engage.events.services import tick_arranged
from engage.flows.access_overview import access_overview
from engage.kernel import clock
from engage.kernel.errors import ConflictError, EngageError
from engage.kernel.spreadsheets import CSV_TYPE, csv_file
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.access_forms import PromiseForm, read_id
from engage.web.organiser.blueprint import bp
from engage.web.organiser.event_views import event_path, read_version


@bp.route("/organise/access/", methods=["GET", "POST"])
@access("access_lead")
def access_desk() -> Response:
    """Show what is to be arranged by when, and where people wait for an answer; tick what is arranged."""
    if request.method == "GET":
        return show("organiser/access/desk.html", desk=access_overview(at=clock.now()))
    check_token()
    arranged = "arranged" in request.form
    provision_id = read_id(request.form.get("arranged") or request.form.get("not-arranged", ""))
    with unit_of_work():
        tick_arranged(provision_id, arranged=arranged, at=clock.now(), actor=actor_id())
    return see_other("/organise/access/#arranged" if arranged else "/organise/access/#due")


@bp.route("/organise/events/<slug>/access", methods=["GET", "POST"])
@access("access_lead")
def needs(slug: str) -> Response:
    """Show what the people of an event need and what we promised; tick what was kept."""
    event = get_event(slug)
    if request.method == "GET":
        return _needs_page(slug)
    check_token()
    event_id, kept = event.id, "kept" in request.form
    booking_id = read_id(request.form.get("kept") or request.form.get("not-kept", ""))
    try:
        get_need(event_id, booking_id)
        with unit_of_work():
            version = _seen_version(request.form.get("version"))
            tick_kept(booking_id, kept=kept, version=version, at=clock.now(), actor=actor_id())
    except ConflictError as error:
        return _needs_page(slug, problem=error, status=409)
    return see_other(f"{event_path(slug, 'access')}#need-{booking_id}")


def _needs_page(slug: str, *, problem: EngageError | None = None, status: int = 200) -> Response:
    event = get_event(slug)
    found = needs_of(event.id)
    page = show(
        "organiser/access/needs.html",
        event=event,
        needs=found,
        provided=provided_at(event.id),
        problem=problem.text() if problem else "",
        now=clock.now(),
        status=status,
    )
    _note_reading("read", event.id, len(found))
    return page


@bp.route("/organise/events/<slug>/access/<uuid:booking_id>", methods=["GET", "POST"])
@access("access_lead")
def promise(slug: str, booking_id: uuid.UUID) -> Response:
    """Show what one booking's people need, and write down what we promise them."""
    event_id = get_event(slug).id
    need = get_need(event_id, booking_id)
    form = PromiseForm()
    form.offer_kinds()
    if request.method == "GET":
        form.version.data = str(need.version)
        form.promised.data, form.kinds.data = need.promised or "", need.kinds
        return _promise_page(form, slug, booking_id)
    if not form.validate():
        return _promise_page(form, slug, booking_id, status=422)
    try:
        with unit_of_work():
            answer_need(
                booking_id,
                promised=form.promised.data,
                kinds=form.chosen_kinds(),
                version=_seen_version(form.version.data),
                at=clock.now(),
                actor=actor_id(),
            )
    except EngageError as error:
        if isinstance(error, StaleAccessNeedError):
            form.version.data = str(get_need(event_id, booking_id).version)
        form.refuse(error)
        return _promise_page(form, slug, booking_id, status=status_of(error))
    flash(_("What we promise is saved."))
    return see_other(f"{event_path(slug, 'access')}#need-{booking_id}")


def _promise_page(form: PromiseForm, slug: str, booking_id: uuid.UUID, *, status: int = 200) -> Response:
    event = get_event(slug)
    need = get_need(event.id, booking_id)
    page = show("organiser/access/promise.html", event=event, need=need, form=form, status=status)
    _note_reading("read", event.id, 1)
    return page


@bp.get("/organise/events/<slug>/access.csv")
@access("access_lead")
def needs_file(slug: str) -> Response:
    """Give what people need as CSV (RFC 4180), an export of its own; that somebody took it is noted (S37)."""
    event = get_event(slug)
    found = needs_of(event.id)
    answer = make_response(csv_file(need_rows(found)))
    answer.headers["Content-Type"] = CSV_TYPE
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-access.csv"'
    _note_reading("export", event.id, len(found))
    return answer


def _seen_version(text: str | None) -> int:
    """Return the version that somebody saw. Raises StaleAccessNeedError when none was sent (R11)."""
    try:
        return read_version(text)
    except StaleEventError as error:
        raise StaleAccessNeedError from error


def _note_reading(act: str, event_id: uuid.UUID, count: int) -> None:
    """Note that somebody read what people need, and of how many; nobody's words."""
    with unit_of_work():
        about = f"event:{event_id}"
        record(f"access_lead:access-need:{act}", about, at=clock.now(), actor=actor_id(), after={"needs": count})
