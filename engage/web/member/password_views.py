"""Setting another password by mail: GET shows, POST acts, and every sign-in ends (S11, S17, S19)."""

from flask import Response, request, url_for

from engage.accounts.new_passwords import ask_for_new_password, owner_of, set_password
from engage.accounts.passwords import hash_password
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, keep_private, see_other, show
from engage.edge.logs import log
from engage.edge.sign_in import sign_out as empty_cookie
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.submission_keys import use_once
from engage.kernel.unit_of_work import unit_of_work
from engage.web.member.blueprint import bp
from engage.web.member.joining_forms import NewPasswordForm, ResetForm
from engage.web.refusals import form_again

SENT = "sent"


@bp.route("/reset", methods=["GET", "POST"])
@access("anyone")
def reset() -> Response:
    """Ask for an address, and mail the link. The answer is the same for every address (S19)."""
    form = ResetForm()

    def page(status: int) -> Response:
        sent = request.method == "GET" and request.args.get("result") == SENT
        return show("member/joining/reset.html", status=status, form=form, sent=sent)

    if request.method == "GET":
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    at = clock.now()
    try:
        limits.check("reset", account=form.email.data)
        with unit_of_work():
            if use_once(form.key, at=at, result=SENT) is None:
                ask_for_new_password(form.email.data, locale=context.locale(), site=context.site(), at=at)
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("member.reset", result=SENT))


@bp.route("/reset/<code>", methods=["GET", "POST"])
@access("account link")
def new_password(code: str) -> Response:
    """Take another password; afterwards everybody who was signed in as this person signs in anew."""
    keep_private()
    at = clock.now()
    owner = owner_of(code, at=at)
    email, words, form = owner.email, (owner.email, owner.name, context.site().organisation_name), NewPasswordForm()

    def page(status: int) -> Response:
        answer = show("member/joining/new_password.html", status=status, form=form, email=email, code=code)
        return keep_address_private(answer)

    if request.method == "GET":
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    try:
        limits.check("reset")
        password = hash_password(form.password.data, context=words)
        with unit_of_work():
            set_password(code, password=password, at=at)
    except EngageError as error:
        return form_again(error, form, page)
    empty_cookie()
    log.info("password set")
    return see_other(url_for("member.sign_in", result="password"))
