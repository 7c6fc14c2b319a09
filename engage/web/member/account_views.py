"""A member's own pages."""

from flask import Response

from engage.edge.access import access, roles_held
from engage.edge.answers import show
from engage.edge.sign_in import current_person
from engage.kernel.errors import NotFoundError
from engage.web.member.blueprint import bp


@bp.get("/account/")
@access("member")
def account() -> Response:
    """Say who is signed in and what is open to them."""
    person = current_person()
    if person is None:
        raise NotFoundError
    return show("member/account/account.html", person=person, roles=roles_held())
