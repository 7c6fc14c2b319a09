"""Signing in and out."""

from flask import Response, request
from flask_babel import gettext as _

from engage.accounts.models import Person
from engage.accounts.sessions import check_password, end_session, note_failed_sign_in, start_session
from engage.edge import limits
from engage.edge.access import access
from engage.edge.answers import keep_private, see_other, show
from engage.edge.limits import TooManyError
from engage.edge.logs import log
from engage.edge.next_path import local_path
from engage.edge.sign_in import check_token, current_person
from engage.edge.sign_in import sign_in as put_into_cookie
from engage.edge.sign_in import sign_out as empty_cookie
from engage.kernel import clock
from engage.kernel.unit_of_work import unit_of_work
from engage.web.member.blueprint import bp
from engage.web.member.sign_in_forms import SignInForm

DEFAULT_PAGE = "/account/"


@bp.route("/sign-in", methods=["GET", "POST"])
@access("anyone")
def sign_in() -> Response:
    """Show the form; take an address and a password."""
    keep_private()
    form = SignInForm()
    if request.method == "GET":
        if current_person() is not None:
            return see_other(local_path(request.args.get("next")) or DEFAULT_PAGE)
        form.next.data = local_path(request.args.get("next")) or ""
        form.renew_key()
        return _page(form)
    if not form.validate_on_submit():
        return _page(form, status=422)
    try:
        limits.check("sign-in", account=form.email.data)
    except TooManyError as error:
        form.refuse(error)
        answer = _page(form, status=429)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    person = check_password(form.email.data, form.password.data)
    if person is None:
        return _refused(form)
    return _welcome(person, form)


@bp.route("/sign-out", methods=["POST"])
@access("member")
def sign_out() -> Response:
    """End this sign-in at once, also for whoever copied the cookie."""
    check_token()
    person = current_person()
    if person is not None:
        with unit_of_work():
            end_session(person.session_id, at=clock.now())
        log.info("signed out")
    empty_cookie()
    return see_other("/")


def _refused(form: SignInForm) -> Response:
    """Say the same for an unknown address, a wrong password and a disabled person (S19)."""
    with unit_of_work():
        note_failed_sign_in(form.email.data, at=clock.now())
    log.info("sign-in refused")
    form.form_errors.append(
        _("We could not sign you in: the address and the password do not belong together. Please try again.")
    )
    return _page(form, status=422)


def _welcome(person: Person, form: SignInForm) -> Response:
    with unit_of_work():
        record = start_session(person.id, at=clock.now())
    put_into_cookie(record)
    log.info("signed in")
    return see_other(local_path(form.next.data) or DEFAULT_PAGE)


def _page(form: SignInForm, *, status: int = 200) -> Response:
    password_set = request.method == "GET" and request.args.get("result") == "password"
    return show("member/sign_in/sign_in.html", form=form, status=status, password_set=password_set)
