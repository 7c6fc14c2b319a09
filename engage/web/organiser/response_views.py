"""Reading what came in, and deciding what is shown."""

import uuid

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from engage.consultations.queries import all_consultations, get_any_consultation
from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.events.queries import every_event, get_event
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.consents import wordings
from engage.responses.describing import REASONS, STATES
from engage.responses.enums import ModerationAction
from engage.responses.records import State, get_record, moderation_queue
from engage.responses.services import decide
from engage.web.organiser.blueprint import bp
from engage.web.organiser.response_forms import DecisionForm
from engage.web.paging import page_number
from engage.web.refusals import form_again


@bp.get("/organise/responses/")
@access("moderator")
def queue() -> Response:
    """List responses in a state, of all events and consultations or of one."""
    event_slug = request.args.get("event", "")
    consultation_slug = request.args.get("consultation", "")
    event = get_event(event_slug) if event_slug else None
    consultation = get_any_consultation(consultation_slug) if consultation_slug else None
    asked = request.args.get("state", "")
    state = State(asked) if asked in set(State) else State.WAITING
    return show(
        "organiser/responses/queue.html",
        queue=moderation_queue(
            state,
            event_id=event.id if event else None,
            consultation_id=consultation.id if consultation else None,
            page=page_number(),
        ),
        state=state,
        event=event,
        consultation=consultation,
        events=every_event(),
        consultations=all_consultations(),
        wordings=wordings(context.locale()),
        reasons=REASONS,
        states=STATES,
    )


@bp.route("/organise/responses/<uuid:response_id>", methods=["GET", "POST"])
@access("moderator")
def decide_on_response(response_id: uuid.UUID) -> Response:
    """Show one response with the form to decide on it, and take the decision."""
    form = DecisionForm()

    def page(status: int) -> Response:
        return show(
            "organiser/responses/response.html",
            status=status,
            response=get_record(response_id),
            form=form,
            wordings=wordings(context.locale()),
            reasons=REASONS,
            states=STATES,
        )

    if request.method == "GET":
        return page(200)
    if not form.validate():
        return page(422)
    moderator = current_user.id
    try:
        with unit_of_work():
            decide(
                response_id,
                action=form.decision,
                reason_code=form.reason,
                note=form.note.data,
                moderator=moderator,
                at=clock.now(),
            )
    except EngageError as error:
        return form_again(error, form, page)
    if form.decision is ModerationAction.PUBLISH:
        flash(_("The response is published: everybody can read it."))
    else:
        flash(_("The response is not published. Its author can read why on the receipt."))
    return see_other(url_for("organiser.queue"))
