"""Votes on what others said: by members who are signed in, and on a booking's page (P3, P10)."""

import uuid

from flask import Response, request, url_for
from wtforms import StringField

from engage.bookings.errors import BookingNotFoundError
from engage.bookings.queries import MANAGE, get_booking_by_token
from engage.edge import context, limits
from engage.edge.access import access
from engage.edge.answers import keep_private, see_other
from engage.edge.forms import SignedInForm
from engage.events.queries import get_public_event
from engage.kernel import clock
from engage.kernel.unit_of_work import unit_of_work
from engage.responses.enums import IdentityBasis, ResponseKind
from engage.responses.errors import ResponseNotFoundError, StaleVoteError
from engage.responses.queries import get_shown
from engage.responses.services import Sender
from engage.responses.services.reacting import react
from engage.web.paging import page_number
from engage.web.public.blueprint import bp
from engage.web.public.commenting_as import admits_bookings, member, refusal


class VoteForm(SignedInForm):
    """One of the buttons."""

    value = StringField()


@bp.post("/responses/<uuid:response_id>/vote")
@access("member")
def vote(response_id: uuid.UUID) -> Response:
    """Note a member's vote, and lead back to the words."""
    said = get_shown(response_id)
    sender = member()
    if said.event is None or sender is None:
        raise ResponseNotFoundError
    event = get_public_event(said.event.slug)
    if not event.who_may_comment.admits(booked=False, member=True):
        raise refusal(event)
    form = VoteForm()
    if not form.validate():
        raise StaleVoteError
    limits.check("comment")
    with unit_of_work():
        react(response_id, form.value.data or "", sender=sender, at=clock.now())
    back = url_for("public.comment_on_event", slug=said.event.slug, page=page_number())
    return see_other(f"{back}#response-{response_id}")


@bp.post("/bookings/<token>/votes/<uuid:response_id>")
@access("booking link")
def vote_by_booking(token: str, response_id: uuid.UUID) -> Response:
    """Note the vote of somebody who booked, and lead back to the words."""
    keep_private()
    booking = get_booking_by_token(token, purpose=MANAGE, site=context.site())
    if not booking.is_live():
        raise BookingNotFoundError
    said = get_shown(response_id)
    if said.event is None:
        raise ResponseNotFoundError
    event = get_public_event(said.event.slug)
    if event.id != booking.event_id:
        raise ResponseNotFoundError
    is_question = said.kind is ResponseKind.LIVE_QUESTION
    if not is_question and not admits_bookings(event):
        raise refusal(event)
    sender = Sender(IdentityBasis.BOOKING, name=booking.name, email=booking.email_normalised)
    limits.check("comment")
    with unit_of_work():
        react(response_id, request.form.get("value", ""), sender=sender, at=clock.now())
    endpoint = "public.comment_by_booking" if not is_question else "public.ask_speakers"
    return see_other(f"{url_for(endpoint, token=token, page=page_number())}#response-{response_id}")
