"""How moderation works here, and pointing at something published that a moderator should look at."""

import uuid

from flask import Response, request, url_for
from flask_babel import lazy_gettext
from wtforms import RadioField, SelectChoice
from wtforms.validators import InputRequired

from engage.edge import limits
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.forms import PublicForm, text_field
from engage.edge.revalidation import revalidated
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.submission_keys import find_use
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.describing import FLAGS, REASONS
from engage.responses.enums import FlagReason
from engage.responses.errors import FlaggedTodayError
from engage.responses.moderation_report import FEWEST_SHOWN, moderation_report
from engage.responses.queries import get_shown
from engage.responses.services.flags import LONGEST_NOTE, flag
from engage.web.public.blueprint import bp
from engage.web.refusals import form_again


class FlagForm(PublicForm):
    """Why a moderator should look at something. Nobody is asked who they are."""

    reason = RadioField(
        lazy_gettext("What is wrong with it?"),
        choices=[SelectChoice(reason.value, lazy_gettext(words)) for reason, words in FLAGS.items()],
        validators=[InputRequired(lazy_gettext("Choose what is wrong with it."))],
    )
    note = text_field(lazy_gettext("Anything that helps the moderator"), limit=LONGEST_NOTE, multiline=True)


@bp.get("/moderation")
@access("anyone")
@revalidated
def moderation() -> Response:
    """Say what is published and what is not, and how that went so far."""
    return show(
        "public/about/moderation.html", report=moderation_report(at=clock.now()), reasons=REASONS, fewest=FEWEST_SHOWN
    )


@bp.route("/responses/<uuid:response_id>/flag", methods=["GET", "POST"])
@access("anyone")
def flag_response(response_id: uuid.UUID) -> Response:
    """Show something published with the form to flag it, and take the flag."""
    if request.args.get("result") == "sent":
        return show("public/responses/flagged.html")
    form = FlagForm()

    def page(status: int) -> Response:
        return show("public/responses/flag.html", status=status, said=get_shown(response_id), form=form)

    if request.method == "GET":
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    sent = see_other(url_for("public.flag_response", response_id=response_id, result="sent"))
    if find_use(form.key) is not None:
        return sent
    try:
        _limit(response_id)
        with unit_of_work():
            flag(
                response_id,
                reason=FlagReason(form.reason.data),
                note=form.note.data or "",
                key=form.key,
                at=clock.now(),
            )
    except EngageError as error:
        return form_again(error, form, page)
    return sent


def _limit(response_id: uuid.UUID) -> None:
    """Let nobody flag words off a page alone: of each computer one flag a day counts for a response (S31).

    Raises TooManyError, FlaggedTodayError.
    """
    limits.check("flag")
    try:
        limits.check("flag-one", about=str(response_id))
    except limits.TooManyError as error:
        raise FlaggedTodayError from error
