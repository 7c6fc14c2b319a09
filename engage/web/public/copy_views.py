"""One's own words on paper, or in a mail."""

from flask import Response, request, url_for

from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_private, see_other, show
from engage.edge.forms import PublicForm
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.records import get_receipt
from engage.responses.services.copying import copy_address, mail_copy
from engage.web.public.blueprint import bp
from engage.web.refusals import form_again

PROOF = "mailed"  # what the mail with the receipt brings along


@bp.route("/receipts/<code>/copy", methods=["GET", "POST"])
@access("receipt")
def copy_of_answers(code: str) -> Response:
    """Show the words of a sitting as they are printed; mail them to whom they belong."""
    keep_private()
    receipt = get_receipt(code)
    proof = request.args.get(PROOF, "")
    form = PublicForm.button() if request.method == "GET" else PublicForm()
    may_mail = copy_address(code, proof=proof, site=context.site()) is not None

    def page(status: int) -> Response:
        return show(
            "public/responses/copy.html",
            status=status,
            receipt=receipt,
            code=code,
            address=url_for("public.copy_of_answers", code=code, mailed=proof or None),
            may_mail=may_mail,
            done="done" in request.args,
            form=form,
        )

    if request.method == "GET":
        return page(200)
    try:
        limits.check("respond")
        with unit_of_work():
            mail_copy(code, proof=proof, locale=context.locale(), site=context.site(), at=clock.now())
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("public.copy_of_answers", code=code, mailed=proof or None, done="yes"))
