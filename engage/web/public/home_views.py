"""The first page: what is on, what is asked, what was said."""

from flask import Response

from engage.consultations.queries import open_consultations
from engage.edge.access import access
from engage.edge.answers import show
from engage.edge.revalidation import revalidated
from engage.events.queries import find_next_event, line_up
from engage.kernel import clock
from engage.responses.counts import count_for_consultation, counts_by_question
from engage.responses.queries import latest_public
from engage.web.public.blueprint import bp

LATEST = 3


@bp.get("/")
@access("anyone")
@revalidated
def home() -> Response:
    """Show the next event large, the consultation that closes next with its counts, and the latest words."""
    now = clock.now()
    event = find_next_event(now)
    asked = open_consultations(now)
    return show(
        "public/home/home.html",
        event=event,
        people=line_up(event.id) if event else [],
        consultations=asked,
        by_question=counts_by_question(asked[0].id, before=now.date()) if asked else {},
        counts=count_for_consultation(asked[0].id, before=now.date()) if asked else None,
        said=latest_public(LATEST),
        now=now,
    )
