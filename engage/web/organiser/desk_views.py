"""The first page of the desk: what waits."""

from flask import Response

from engage.edge.access import access, roles_held
from engage.edge.answers import see_other, show
from engage.flows.overview import desk_overview
from engage.kernel import clock
from engage.web.organiser.blueprint import bp


@bp.get("/organise/")
@access("organiser", "moderator", "access_lead")
def desk() -> Response:
    """Show what needs doing next, and the events that are coming; lead the others to their own part of the desk."""
    held = roles_held()
    if "organiser" not in held:
        return see_other("/organise/access/" if "access_lead" in held else "/organise/responses/")
    return show("organiser/desk/desk.html", desk=desk_overview(at=clock.now()))
