"""The receipt: what was received, what became of it, and taking it back (rule 10)."""

import uuid

from flask import Response, request, url_for

from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import keep_private, see_other, show
from engage.edge.forms import PublicForm
from engage.kernel import clock
from engage.kernel.links import receipt_url
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.consents import wordings
from engage.responses.describing import REASONS, STATES
from engage.responses.errors import ResponseNotFoundError
from engage.responses.records import get_receipt
from engage.responses.services import withdraw
from engage.web.public.blueprint import bp


@bp.get("/receipts/<code>/")
@access("receipt")
def show_receipt(code: str) -> Response:
    """Show a sitting to its sender."""
    keep_private()
    return show(
        "public/responses/receipt.html",
        receipt=get_receipt(code),
        code=code,
        address=receipt_url(context.site().base_url, code),
        wordings=wordings(context.locale()),
        reasons=REASONS,
        states=STATES,
    )


@bp.route("/receipts/<code>/withdraw", methods=["GET", "POST"])
@access("receipt")
def withdraw_by_receipt(code: str) -> Response:
    """Ask before a response, or all of the sitting, is taken back; then take it back."""
    keep_private()
    receipt = get_receipt(code)
    response_id = response_asked(request.values.get("response", ""))
    if request.method == "GET":
        form = PublicForm()
        form.renew_key()
        chosen = [r for r in receipt.responses if response_id in (None, r.id)]
        if not chosen:
            raise ResponseNotFoundError
        return show("public/responses/withdraw.html", receipt=receipt, chosen=chosen, code=code, form=form)
    with unit_of_work():
        withdraw(code, response_id=response_id, at=clock.now())
    return see_other(url_for("public.show_receipt", code=code))


def response_asked(text: str) -> uuid.UUID | None:
    """Return the response that a form names; None when it names none. Raises ResponseNotFoundError for nonsense."""
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise ResponseNotFoundError from error
