"""Who may comment and vote by this request, and as whom (rule 15)."""

import uuid
from collections.abc import Sequence

from flask import request
from flask_login import current_user

from engage.edge import context
from engage.events.enums import WhoMayComment
from engage.events.models import Event
from engage.events.queries import PASS
from engage.kernel import clock
from engage.kernel.errors import NotAllowedError
from engage.kernel.i18n import N_
from engage.kernel.tokens import verify_row
from engage.responses.enums import IdentityBasis, Vote
from engage.responses.queries import PublicResponse
from engage.responses.services import Sender
from engage.responses.votes import votes_of


class NotYoursToCommentError(NotAllowedError):
    """No pass that holds, and nobody signed in."""

    message = N_(
        "Comments come from people who booked, by the link by which they joined, and from members who are signed in."
        " Nothing was stored: your words are still on this page."
    )


class BookedAloneError(NotAllowedError):
    """The event takes comments from people who booked."""

    message = N_(
        "Comments on this event come from people who booked, by the link by which they joined. Nothing was stored:"
        " your words are still on this page."
    )


class MembersAloneError(NotAllowedError):
    """The event takes comments from members."""

    message = N_(
        "Comments on this event come from members who are signed in. Nothing was stored: your words are still on"
        " this page."
    )


REFUSALS = {
    WhoMayComment.BOOKED_OR_MEMBERS: NotYoursToCommentError,
    WhoMayComment.BOOKED: BookedAloneError,
    WhoMayComment.MEMBERS: MembersAloneError,
}


def refusal(event: Event) -> NotAllowedError:
    """Return why somebody may not comment on an event."""
    return REFUSALS[event.who_may_comment]()


def member() -> Sender | None:
    """Return the member who is signed in."""
    if not current_user.is_authenticated:
        return None
    return Sender(IdentityBasis.MEMBER, person_id=current_user.id, name=current_user.name, email=current_user.email)


def commenter(event: Event) -> Sender | None:
    """Return who may comment on an event's page: a member signed in, or who holds the pass, as the event says."""
    given = request.args.get(PASS, "")
    booked = verify_row(context.site().link_secrets, given, PASS, event.id, event.nonce)
    known = member()
    if not event.who_may_comment.admits(booked=booked, member=known is not None):
        return None
    return known or Sender(IdentityBasis.GUEST)


def admits_bookings(event: Event) -> bool:
    """Tell whether somebody may comment on their booking's page."""
    return event.who_may_comment.admits(booked=True, member=current_user.is_authenticated)


def own_votes(event: Event, threads: Sequence[PublicResponse]) -> dict[uuid.UUID, Vote] | None:
    """Return how the member who is signed in voted on some threads; None for who cannot vote on this page now."""
    may = current_user.is_authenticated and event.who_may_comment.admits(booked=False, member=True)
    if not may or not event.takes_comments(clock.now()):
        return None
    return votes_of(_ids(threads), person_id=current_user.id)


def votes_by_booking(event: Event, threads: Sequence[PublicResponse], email: str) -> dict[uuid.UUID, Vote] | None:
    """Return how somebody who booked voted on some threads; None once they cannot."""
    if not admits_bookings(event) or not event.takes_comments(clock.now()):
        return None
    return votes_of(_ids(threads), booked_as=email)


def _ids(threads: Sequence[PublicResponse]) -> list[uuid.UUID]:
    return [each.id for thread in threads for each in thread.thread()]
