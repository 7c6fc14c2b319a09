"""One response with the thread that it stands in: an address to pass on."""

import uuid

from flask import Response

from engage.edge.access import access
from engage.edge.answers import show
from engage.edge.revalidation import revalidated
from engage.responses.queries import get_thread
from engage.web.public.blueprint import bp


@bp.get("/responses/<uuid:response_id>")
@access("anyone")
@revalidated
def show_response(response_id: uuid.UUID) -> Response:
    """Show a public response with its thread; what nobody may read is not there (S48)."""
    root = get_thread(response_id)
    chosen = next(each for each in root.thread() if each.id == response_id)
    return show("public/responses/thread.html", root=root, chosen=chosen)
