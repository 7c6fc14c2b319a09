"""Reading what came in, and deciding what is shown."""

import uuid
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses import describing
from engage.responses.consents import every_wording
from engage.responses.moderation_queries import decisions_on, queue_item, versions_of
from engage.responses.near_duplicates import near_duplicates
from engage.responses.records import parent_of
from engage.responses.services.moderating import decide_and_tell
from engage.web.organiser.blueprint import bp
from engage.web.organiser.queue_forms import FILTERS
from engage.web.organiser.response_forms import DecisionForm, said
from engage.web.refusals import form_again


@bp.route("/organise/responses/<uuid:response_id>", methods=["GET", "POST"])
@access("moderator")
def decide_on_response(response_id: uuid.UUID) -> Response:
    """Show all that is known of one response with the form to decide on it, and take the decision."""
    form = DecisionForm()

    def page(status: int) -> Response:
        item = queue_item(response_id)
        versions = versions_of(response_id)
        form.show_possible(item, max(0, len(versions) - 1))
        return show(
            "organiser/responses/response.html",
            status=status,
            item=item,
            versions=versions,
            decisions=decisions_on(response_id),
            alike=near_duplicates(response_id),
            replied_to=parent_of(response_id),
            form=form,
            filters=_filters(),
            wordings=every_wording(context.locale()),
            words=describing,
        )

    if request.method == "GET":
        return page(200)
    if not form.validate():
        return page(422)
    moderator = current_user.id
    try:
        with unit_of_work():
            told = decide_and_tell(
                response_id, form.verdict(), moderator=moderator, site=context.site(), at=clock.now()
            )
    except EngageError as error:
        return form_again(error, form, page)
    flash(said(form.decision, told=told))
    return see_other(url_for("organiser.queue", **_filters()))


def _filters() -> dict[str, Any]:
    """Return how the queue is looked through, for the links that lead back to it."""
    return {name: value for name in (*FILTERS, "page") if (value := request.args.get(name, ""))}
