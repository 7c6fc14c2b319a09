"""Booking for many people from a table: looked at first, row by row; then done just as it was shown."""

from flask import Response, flash, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import FileField, HiddenField

from engage.bookings.errors import ImportChangedError
from engage.bookings.import_table import MOST_PEOPLE, ImportRow, read_people
from engage.bookings.importing import ImportPlan, import_bookings, plan_import
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id
from engage.events.queries import get_event
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.submission_keys import set_result, use_once
from engage.kernel.tokens import new_nonce
from engage.kernel.unit_of_work import unit_of_work
from engage.web.errors import status_of
from engage.web.organiser.blueprint import bp
from engage.web.organiser.upload_forms import UploadForm
from engage.web.refusals import form_again


class ImportForm(UploadForm):
    """The table; then what was seen of it, and a key that is used once, so that sent twice it is done once (R8)."""

    file = FileField(_l("The table, as a CSV file"))
    seen = HiddenField()
    key = HiddenField()

    def show_next(self, data: bytes, plan: ImportPlan) -> None:
        """Let the next form carry the table and what is seen of it."""
        self.pack(data)
        self.seen.data, self.key.data = plan.digest, new_nonce()


@bp.route("/organise/events/<slug>/bookings/import", methods=["GET", "POST"])
@access("organiser")
def import_table(slug: str) -> Response:
    """Take a table: say first what would become of each row, then do all of that or nothing."""
    get_event(slug)
    form = ImportForm()

    def page(status: int) -> Response:
        form.packed.data = ""
        event = get_event(slug)
        return show("organiser/bookings/import.html", form=form, event=event, most=MOST_PEOPLE, status=status)

    if request.method == "GET":
        return page(200)
    if not form.validate():
        return page(422)
    try:
        data = form.data_sent()
        people = read_people(data)
        if form.is_confirmed and form.seen.data:  # nothing is imported that nobody was shown
            try:
                return _done(slug, _import(slug, people, form))
            except ImportChangedError as error:
                form.refuse(error)
                return _rows_page(slug, form, data, people, status=status_of(error))
        return _rows_page(slug, form, data, people)
    except EngageError as error:
        return form_again(error, form, page)


def _import(slug: str, people: list[ImportRow], form: ImportForm) -> int:
    """Import once for each form; sent again, it says again how many were booked."""
    site, at = context.site(), clock.now()
    with unit_of_work():
        event_id = get_event(slug).id
        key = f"import:{event_id}:{form.key.data}:{form.seen.data}"
        used = use_once(key, at=at)
        if used is not None:
            return int(used.result or 0)
        count = import_bookings(
            event_id,
            people,
            seen=form.seen.data or "",
            locale=site.languages[0],
            site=site,
            at=at,
            actor=actor_id(),
        )
        set_result(key, str(count))
        return count


def _done(slug: str, count: int) -> Response:
    flash(
        ngettext(
            "One booking is made, and the invitation is on its way.",
            "%(num)d bookings are made, and the invitations are on their way.",
            count,
        )
    )
    return see_other(url_for("organiser.bookings", slug=slug))


def _rows_page(slug: str, form: ImportForm, data: bytes, people: list[ImportRow], *, status: int = 200) -> Response:
    event = get_event(slug)
    plan = plan_import(event, people, at=clock.now())
    form.show_next(data, plan)
    return show("organiser/bookings/import_rows.html", event=event, form=form, plan=plan, status=status)
