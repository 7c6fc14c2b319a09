"""Somebody answered in an invitee's name: their own page with a button, which alone applies it (rule 9)."""

from flask import Response, request, url_for

from engage.calendars.enums import InviteKind
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, keep_private, see_other, show
from engage.edge.forms import PublicForm
from engage.events.enums import EventStatus, Phase
from engage.events.queries import get_event_by_id
from engage.flows.replies import confirm_held, held_invite
from engage.kernel import clock
from engage.kernel.errors import NotFoundError
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.enums import InboundOutcome
from engage.mail.models import InboundMail
from engage.mail.received import find_held
from engage.web.public.blueprint import bp


@bp.route("/replies/<token>/", methods=["GET", "POST"])
@access("booking link")
def confirm_reply(token: str) -> Response:
    """Ask whether an answer is the reader's own, then do what it says; a second time changes nothing."""
    keep_private()
    _held(token)
    if request.method == "GET":
        return _page(token)
    limits.check("manage")
    site, at = context.site(), clock.now()
    with unit_of_work():
        row = find_held(token, site=site, hold=True)
        if row is not None:
            confirm_held(row, site=site, at=at)
    return see_other(url_for("public.confirm_reply", token=token))


def _held(token: str) -> InboundMail:
    row = find_held(token, site=context.site())
    if row is None:
        raise NotFoundError
    return row


def _page(token: str) -> Response:
    row = _held(token)
    invite = held_invite(row)
    event = None if invite is None else get_event_by_id(invite.event_id)
    now = clock.now()
    page = show(
        "public/replies/reply.html",
        event=event,
        answer=row.reply["given"]["partstat"] if row.reply else "",
        speaks=invite is not None and invite.kind is InviteKind.SPEAKER,
        outcome=InboundOutcome(row.outcome),
        is_too_late=event is not None and (event.status is not EventStatus.PUBLISHED or event.phase(now) is Phase.OVER),
        form=PublicForm.button(),
        token=token,
    )
    return keep_address_private(page)
