"""The receipt: what was received, what became of it, and taking it back (rule 10)."""

import uuid

from flask import Response, request, url_for
from flask_babel import gettext as _

from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import keep_private, see_other, show
from engage.edge.forms import PublicForm
from engage.kernel import clock
from engage.kernel.links import receipt_url
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.consents import every_wording
from engage.responses.describing import REASONS, STATES
from engage.responses.errors import ResponseNotFoundError
from engage.responses.records import ResponseRecord, get_receipt
from engage.responses.services import Owner, withdraw
from engage.responses.services.captioning import write_down
from engage.web.captioning import Writing, led_to, write_down_words
from engage.web.own_words import CAPTIONED, Desk, choose_uses, edit_words, what_was_done
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
        wordings=every_wording(context.locale()),
        reasons=REASONS,
        states=STATES,
        at=clock.now(),
        done=what_was_done(),
    )


@bp.route("/receipts/<code>/responses/<uuid:response_id>/edit", methods=["GET", "POST"])
@access("receipt")
def edit_by_receipt(code: str, response_id: uuid.UUID) -> Response:
    """Change the words of one response."""
    keep_private()
    return edit_words(_desk(code), lambda: _of_receipt(code, response_id), is_post=request.method == "POST")


@bp.route("/receipts/<code>/responses/<uuid:response_id>/uses", methods=["GET", "POST"])
@access("receipt")
def uses_by_receipt(code: str, response_id: uuid.UUID) -> Response:
    """Change where one response may go."""
    keep_private()
    return choose_uses(_desk(code), lambda: _of_receipt(code, response_id), is_post=request.method == "POST")


@bp.route("/receipts/<code>/responses/<uuid:response_id>/captions", methods=["GET", "POST"])
@access("receipt")
def captions_by_receipt(code: str, response_id: uuid.UUID) -> Response:
    """Write down what is said in one recording."""
    keep_private()
    back = url_for("public.show_receipt", code=code)
    writing = Writing(
        read=lambda: _of_receipt(code, response_id),
        keep=lambda written: write_down(Owner(code=code), response_id, written, at=clock.now()),
        play=lambda media_id: url_for("public.play_own", code=code, media_id=media_id, part="recording"),
        back=(_("Your receipt"), back),
        done=led_to(back, CAPTIONED),
        by_receipt=True,
    )
    return write_down_words(writing, is_post=request.method == "POST")


def _desk(code: str) -> Desk:
    return Desk(Owner(code=code), url_for("public.show_receipt", code=code), _("Your receipt"))


def _of_receipt(code: str, response_id: uuid.UUID) -> ResponseRecord:
    """Return one response of a receipt. Raises ReceiptNotFoundError, and ResponseNotFoundError for those of others."""
    for record in get_receipt(code).responses:
        if record.id == response_id:
            return record
    raise ResponseNotFoundError


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
