"""The first page of the desk: what waits."""

from flask import Response

from engage.edge.access import access
from engage.edge.answers import show
from engage.flows.overview import desk_overview
from engage.kernel import clock
from engage.web.organiser.blueprint import bp


@bp.get("/organise/")
@access("organiser")
def desk() -> Response:
    """Show what needs doing next, and the events that are coming."""
    return show("organiser/desk/desk.html", desk=desk_overview(at=clock.now()))
