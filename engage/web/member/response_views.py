"""A member's own responses."""

import uuid

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import see_other, show
from engage.edge.forms import SignedInForm
from engage.kernel import clock
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.consents import every_wording
from engage.responses.describing import REASONS, STATES
from engage.responses.records import get_own_response, responses_of_person
from engage.responses.services import Owner, withdraw_own
from engage.responses.services.captioning import write_down
from engage.web.captioning import Writing, led_to, write_down_words
from engage.web.member.blueprint import bp
from engage.web.own_words import CAPTIONED, Desk, choose_uses, edit_words, what_was_done


@bp.get("/account/responses")
@access("member")
def responses() -> Response:
    """List what the member gave under a name of any kind, with what became of it."""
    return show(
        "member/responses/list.html",
        responses=responses_of_person(current_user.id),
        states=STATES,
        reasons=REASONS,
        wordings=every_wording(context.locale()),
        at=clock.now(),
        done=what_was_done(),
    )


@bp.route("/account/responses/<uuid:response_id>/edit", methods=["GET", "POST"])
@access("member")
def edit_response(response_id: uuid.UUID) -> Response:
    """Change the words of a response."""
    person_id = current_user.id
    return edit_words(_desk(), lambda: get_own_response(person_id, response_id), is_post=request.method == "POST")


@bp.route("/account/responses/<uuid:response_id>/uses", methods=["GET", "POST"])
@access("member")
def response_uses(response_id: uuid.UUID) -> Response:
    """Change where a response may go."""
    person_id = current_user.id
    return choose_uses(_desk(), lambda: get_own_response(person_id, response_id), is_post=request.method == "POST")


@bp.route("/account/responses/<uuid:response_id>/captions", methods=["GET", "POST"])
@access("member")
def response_captions(response_id: uuid.UUID) -> Response:
    """Write down what is said in a recording."""
    person_id, back = current_user.id, url_for("member.responses")
    writing = Writing(
        read=lambda: get_own_response(person_id, response_id),
        keep=lambda written: write_down(Owner(person_id=person_id), response_id, written, at=clock.now()),
        play=lambda media_id: url_for("public.play", media_id=media_id, part="recording"),
        back=(_("My responses"), back),
        done=led_to(back, CAPTIONED),
        here="account",
    )
    return write_down_words(writing, is_post=request.method == "POST")


def _desk() -> Desk:
    return Desk(Owner(person_id=current_user.id), url_for("member.responses"), _("My responses"), here="account")


@bp.route("/account/responses/<uuid:response_id>/withdraw", methods=["GET", "POST"])
@access("member")
def withdraw_response(response_id: uuid.UUID) -> Response:
    """Ask before a response is taken back; then take it back."""
    form = SignedInForm()
    person_id = current_user.id
    if request.method == "GET" or not form.validate():
        response = get_own_response(person_id, response_id)
        status = 200 if request.method == "GET" else 422
        return show("member/responses/withdraw.html", status=status, response=response, form=form, states=STATES)
    with unit_of_work():
        withdraw_own(person_id, response_id, at=clock.now())
    return see_other(url_for("member.responses"))
