"""The organisation's own words, under what somebody said."""

import uuid

from flask import Response, flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.forms import SignedInForm, text_field
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.queries import get_shown
from engage.responses.services.replying import reply_as_organisation
from engage.responses.services.sittings import LONGEST_BODY
from engage.web.organiser.blueprint import bp
from engage.web.refusals import form_again


class ReplyForm(SignedInForm):
    """What the organisation replies."""

    body = text_field(_l("The reply"), limit=LONGEST_BODY, multiline=True, required=_l("Write the reply first."))


@bp.route("/organise/responses/<uuid:response_id>/reply", methods=["GET", "POST"])
@access("moderator")
def reply_to_response(response_id: uuid.UUID) -> Response:
    """Show what somebody said with the form of a reply, and publish the reply under it."""
    said = get_shown(response_id)
    form = ReplyForm()

    def page(status: int) -> Response:
        return show("organiser/responses/reply.html", status=status, said=said, form=form)

    if request.method == "GET":
        return page(200)
    if not form.validate():
        return page(422)
    actor = current_user.id
    try:
        with unit_of_work():
            reply, told = reply_as_organisation(
                response_id,
                body=form.body.data,
                language=context.locale(),
                site=context.site(),
                at=clock.now(),
                actor=actor,
            )
            reply_id = reply.id
    except EngageError as error:
        return form_again(error, form, page)
    flash(_("The reply is published, and its reader gets a mail.") if told else _("The reply is published."))
    return see_other(f"/responses/{reply_id}")
