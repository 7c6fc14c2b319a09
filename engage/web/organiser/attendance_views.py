"""Who came: every sign side by side, set by hand for a page of people, or read from a meeting tool's report."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from engage.bookings.attendance import (
    ReportMatch,
    count_rest_as_missed,
    load_report,
    match_report,
    set_by_hand,
)
from engage.bookings.attendance_report import read_report
from engage.bookings.presence import presence_counts, presence_page
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id, check_token
from engage.events.enums import EventStatus
from engage.events.errors import EventCancelledError
from engage.events.models import Event
from engage.events.queries import get_event
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.attendance_forms import ReportForm, VerdictsForm
from engage.web.organiser.blueprint import bp
from engage.web.paging import page_number
from engage.web.refusals import form_again


@bp.route("/organise/events/<slug>/attendance", methods=["GET", "POST"])
@access("organiser")
def attendance(slug: str) -> Response:
    """Show who came, and take an organiser's word for a page of people."""
    event = _event(slug)
    event_id, number = event.id, page_number()
    form = VerdictsForm()

    def page(status: int) -> Response:
        return _page(form, _event(slug), number=number, status=status)

    if request.method == "GET":
        return page(200)
    if not form.validate():
        return page(422)
    try:
        with unit_of_work():
            changed = set_by_hand(event_id, form.changed(), seen=form.seen(), at=clock.now(), actor=actor_id())
    except EngageError as error:
        return form_again(error, form, page)
    flash(
        ngettext("One person’s attendance is saved.", "The attendance of %(num)d people is saved.", changed)
        if changed
        else _("Nothing was different, so nothing changed.")
    )
    return see_other(url_for("organiser.attendance", slug=slug, page=number))


@bp.post("/organise/events/<slug>/attendance/rest")
@access("organiser")
def count_rest(slug: str) -> Response:
    """Count everybody of whom nothing is known as missed."""
    check_token()
    event_id = get_event(slug).id
    try:
        with unit_of_work():
            count = count_rest_as_missed(event_id, at=clock.now(), actor=actor_id())
    except EngageError as error:
        form = VerdictsForm(formdata=None)
        form.refuse(error)
        return _page(form, get_event(slug), number=1, status=status_of(error))
    flash(
        ngettext("One more person counts as missed.", "%(num)d more people count as missed.", count)
        if count
        else _("Something is known of everybody already, so nothing changed.")
    )
    return see_other(url_for("organiser.attendance", slug=slug))


@bp.route("/organise/events/<slug>/attendance/report", methods=["GET", "POST"])
@access("organiser")
def attendance_report(slug: str) -> Response:
    """Take a report: say first what each row would do, then do all of it or nothing.

    Rows of people without a place are shown and not kept, so the page after storing is the answer itself.
    """
    event = _event(slug)
    form = ReportForm()

    def page(status: int) -> Response:
        return show("organiser/attendance/report.html", form=form, event=_event(slug), now=clock.now(), status=status)

    if request.method == "GET":
        return page(200)
    if not form.validate():
        return page(422)
    try:
        data = form.data_sent()
        report = read_report(data)
        if form.is_confirmed:
            event_id = event.id
            with unit_of_work():
                match = load_report(event_id, report, at=clock.now(), actor=actor_id())
            return _rows_page(form, get_event(slug), match, stored=True)
        match = match_report(event, report, at=clock.now())
    except EngageError as error:
        form.packed.data = ""
        return form_again(error, form, page)
    form.pack(data)
    return _rows_page(form, event, match, stored=False)


def _event(slug: str) -> Event:
    """Return an event that was not cancelled. Raises EventNotFoundError, EventCancelledError."""
    event = get_event(slug)
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError
    return event


def _page(form: VerdictsForm, event: Event, *, number: int, status: int = 200) -> Response:
    return show(
        "organiser/attendance/attendance.html",
        form=form,
        event=event,
        page=presence_page(event.id, page=number),
        counts=presence_counts(event.id),
        now=clock.now(),
        status=status,
    )


def _rows_page(form: ReportForm, event: Event, match: ReportMatch, *, stored: bool) -> Response:
    return show("organiser/attendance/rows.html", form=form, event=event, match=match, stored=stored)
