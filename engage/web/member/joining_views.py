"""Becoming a member: the address is proved by a link in a mail (S11, S12, S19)."""

from flask import Response, request, url_for

from engage.accounts.enums import TokenPurpose
from engage.accounts.joining import ask_to_join, join
from engage.accounts.link_tokens import get_token
from engage.accounts.passwords import hash_password
from engage.accounts.sessions import start_session
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, keep_private, see_other, show
from engage.edge.logs import log
from engage.edge.sign_in import current_person
from engage.edge.sign_in import sign_in as put_into_cookie
from engage.kernel import clock
from engage.kernel.errors import EngageError
from engage.kernel.submission_keys import use_once
from engage.kernel.unit_of_work import unit_of_work
from engage.web.member.blueprint import bp
from engage.web.member.joining_forms import ConfirmForm, JoinForm
from engage.web.refusals import form_again

SENT = "sent"


@bp.route("/join-us", methods=["GET", "POST"])
@access("anyone")
def join_us() -> Response:
    """Ask for a name and an address, and mail the link. The answer is the same for every address (S19)."""
    form = JoinForm()

    def page(status: int) -> Response:
        sent = request.method == "GET" and request.args.get("result") == SENT
        return show("member/joining/join.html", status=status, form=form, sent=sent)

    if request.method == "GET":
        if current_person() is not None:
            return see_other(url_for("member.account"))
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    at = clock.now()
    try:
        limits.check("join-us", account=form.email.data)
        with unit_of_work():
            if use_once(form.key, at=at, result=SENT) is None:
                ask_to_join(
                    form.email.data,
                    name=form.name.data,
                    organisation=form.organisation.data,
                    occasion=form.key,
                    locale=context.locale(),
                    site=context.site(),
                    at=at,
                )
    except EngageError as error:
        return form_again(error, form, page)
    return see_other(url_for("member.join_us", result=SENT))


@bp.route("/join-us/<code>", methods=["GET", "POST"])
@access("account link")
def confirm_address(code: str) -> Response:
    """Show who joins; take a password, make the member and sign them in."""
    keep_private()
    at = clock.now()
    token = get_token(code, TokenPurpose.CONFIRM, at=at)
    email, form = token.email, ConfirmForm()

    def page(status: int) -> Response:
        answer = show("member/joining/confirm.html", status=status, form=form, email=email, code=code)
        return keep_address_private(answer)

    if request.method == "GET":
        form.name.data = token.name
        form.renew_key()
        return page(200)
    if not form.validate():
        return page(422)
    try:
        limits.check("join-us")
        words = (email, form.name.data, context.site().organisation_name)
        password = hash_password(form.password.data, context=words)
        with unit_of_work():
            person = join(code, name=form.name.data, password=password, at=at)
            record = start_session(person.id, at=at)
    except EngageError as error:
        return form_again(error, form, page)
    put_into_cookie(record)
    log.info("joined")
    return see_other(url_for("member.account"))
