"""An event's bookings: the list, the files for a spreadsheet, the list to print. For organisers alone (P24)."""

from collections.abc import Callable, Iterator, Sequence

from flask import Response, make_response, request

from engage.audit.services import record
from engage.bookings.enums import BookingView
from engage.bookings.lists import PAGE_LENGTH, booking_counts, bookings_page, file_rows, people_to_print
from engage.bookings.outbox import troubles_of
from engage.calendars.queries import invites_of
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id
from engage.events.models import Event
from engage.events.queries import get_event
from engage.kernel import clock
from engage.kernel.spreadsheets import CSV_TYPE, XLSX_TYPE, Cell, csv_file, xlsx_file
from engage.kernel.unit_of_work import unit_of_work
from engage.web.organiser.blueprint import bp
from engage.web.organiser.booking_forms import SearchForm
from engage.web.paging import page_number

BOOKINGS_SHEET = "Bookings"


@bp.route("/organise/events/<slug>/bookings", methods=["GET", "POST"])
@access("organiser")
def bookings(slug: str) -> Response:
    """List the bookings of an event, cancelled ones too, or find some of them.

    What is looked for is a name or an address, so it comes by POST and stands in no address (P21).
    """
    event = get_event(slug)
    form = SearchForm()
    asked = request.args.get("view", "")
    view = BookingView(asked) if asked in set(BookingView) else BookingView.ALL
    good = request.method == "GET" or form.validate()
    search = (form.search.data or "") if good else ""
    page = bookings_page(event.id, view=view, search=search, page=1 if search else page_number())
    return show(
        "organiser/bookings/list.html",
        event=event,
        form=form,
        view=view,
        search=search,
        page=page,
        invites=invites_of([each.id for each in page.items]),
        troubles=troubles_of({each.id: each.email for each in page.items}),
        most=PAGE_LENGTH,
        counts=booking_counts(event.id),
        now=clock.now(),
        status=200 if good else 422,
    )


@bp.get("/organise/events/<slug>/bookings.csv")
@access("organiser")
def bookings_file(slug: str) -> Response:
    """Give the bookings as CSV (RFC 4180)."""
    return _file(get_event(slug), "csv", CSV_TYPE, csv_file)


@bp.get("/organise/events/<slug>/bookings.xlsx")
@access("organiser")
def bookings_workbook(slug: str) -> Response:
    """Give the bookings as a workbook, with times in the event's own zone."""
    event = get_event(slug)
    timezone = event.timezone
    return _file(event, "xlsx", XLSX_TYPE, lambda rows: xlsx_file(rows, timezone=timezone, sheet_name=BOOKINGS_SHEET))


@bp.get("/organise/events/<slug>/bookings/print")
@access("organiser")
def bookings_to_print(slug: str) -> Response:
    """Show whoever holds a place, with a box to tick for each; that somebody took the list is noted (S37)."""
    event = get_event(slug)
    people = people_to_print(event.id)
    page = show("organiser/bookings/print.html", event=event, people=people, places=sum(one.places for one in people))
    _note_export(event, "print", len(people))
    return page


def _file(event: Event, kind: str, content_type: str, write: Callable[[Iterator[Sequence[Cell]]], bytes]) -> Response:
    """Return the file of an event's bookings, and note who took how many (S37)."""
    taken = 0

    def rows() -> Iterator[Sequence[Cell]]:
        nonlocal taken
        for taken, row in enumerate(file_rows(event.id)):  # noqa: B007 - the head is number 0, so it is their count
            yield row

    name = f"{event.slug}-bookings.{kind}"
    answer = make_response(write(rows()))
    answer.headers["Content-Type"] = content_type
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    _note_export(event, kind, taken)
    return answer


def _note_export(event: Event, kind: str, taken: int) -> None:
    event_id = event.id
    with unit_of_work():
        after = {"bookings": taken, "as": kind}
        record("organiser:bookings:export", f"event:{event_id}", at=clock.now(), actor=actor_id(), after=after)


@bp.get("/organise/events/<slug>/responses")
@access("organiser")
def event_responses(slug: str) -> Response:
    """Lead to the responses that belong to an event."""
    return see_other(f"/organise/responses/?event={get_event(slug).slug}")
