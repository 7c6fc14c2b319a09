"""An event's bookings: a page of them, and the file for a spreadsheet."""

import csv
import io

from flask import Response, make_response, request

from engage.audit.services import record
from engage.bookings.queries import bookings_of, turnout
from engage.bookings.reports import bookings_page, csv_rows
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.sign_in import actor_id
from engage.events.queries import get_event
from engage.kernel import clock
from engage.kernel.unit_of_work import unit_of_work
from engage.web.organiser.blueprint import bp


def _page_number() -> int:
    asked = request.args.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 6 else 1


@bp.get("/organise/events/<slug>/bookings")
@access("organiser")
def bookings(slug: str) -> Response:
    """List the bookings of an event with cancelled ones."""
    event = get_event(slug)
    return show(
        "organiser/bookings/list.html",
        event=event,
        page=bookings_page(event.id, page=_page_number()),
        turnout=turnout(event.id),
    )


@bp.get("/organise/events/<slug>/bookings.csv")
@access("organiser")
def bookings_file(slug: str) -> Response:
    """Give the bookings as CSV (RFC 4180); that somebody took them is noted (S37)."""
    event_id = get_event(slug).id
    with unit_of_work():
        rows = list(csv_rows(bookings_of(event_id)))
        count = {"bookings": len(rows) - 1}
        record("organiser:bookings:export", f"event:{event_id}", at=clock.now(), actor=actor_id(), after=count)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    answer = make_response(text.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8; header=present"
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-bookings.csv"'
    return answer


@bp.get("/organise/events/<slug>/responses")
@access("organiser")
def event_responses(slug: str) -> Response:
    """Lead to the responses that belong to an event."""
    return see_other(f"/organise/responses/?event={get_event(slug).slug}")
