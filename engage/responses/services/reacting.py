"""Agreeing, disagreeing, passing; and voting a question to the speakers up. Votes are added, never changed (rule 4)."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from engage.events.models import Event
from engage.events.queries import get_event_by_id
from engage.kernel.db import db
from engage.responses.counts import is_shown
from engage.responses.enums import Attribution, ResponseKind, Vote
from engage.responses.errors import OwnWordsError, ResponseNotFoundError, UnknownVoteError, VotesClosedError
from engage.responses.models import Reaction, Response
from engage.responses.services.senders import Naming, Sender, respondent_for

OPINIONS = frozenset({Vote.AGREE, Vote.DISAGREE, Vote.PASS, Vote.NONE})
VOTES = {
    ResponseKind.COMMENT: OPINIONS,
    ResponseKind.REPLY: OPINIONS,
    ResponseKind.LIVE_QUESTION: frozenset({Vote.UP, Vote.NONE}),
}


def react(response_id: uuid.UUID, value: str, *, sender: Sender, at: datetime) -> bool:
    """Note what somebody thinks of words that everybody can read; tell whether it is news.

    Whether the sender may was decided by whoever calls. A vote is never anonymous: we must know that each counts
    once, so that no vote goes by the event's pass (P3, P10). Raises ResponseNotFoundError, UnknownVoteError,
    VotesClosedError, OwnWordsError.
    """
    # Held until the vote is stored: words that are taken back meanwhile leave no vote behind.
    response = db.session.scalar(
        select(Response).where(Response.id == response_id, is_shown()).with_for_update(read=True, of=Response)
    )
    if response is None or response.event_id is None:
        raise ResponseNotFoundError
    if value not in VOTES.get(response.kind, frozenset()):
        raise UnknownVoteError
    if not takes_votes(get_event_by_id(response.event_id), response.kind, at):
        raise VotesClosedError
    respondent = respondent_for(Naming(Attribution.NOT_PUBLISHED), sender)
    if respondent is None or respondent.id == response.respondent_id:
        raise OwnWordsError
    newest = (
        select(Reaction)
        .where(Reaction.response_id == response.id, Reaction.respondent_id == respondent.id)
        .order_by(Reaction.at.desc(), Reaction.id.desc())
        .limit(1)
    )
    before = db.session.scalar(newest)
    if (before.value if before else Vote.NONE) == value:
        return False
    moment = at if before is None else max(at, before.at + timedelta(microseconds=1))
    db.session.add(Reaction(response_id=response.id, respondent_id=respondent.id, value=Vote(value), at=moment))
    db.session.flush()
    return True


def takes_votes(event: Event, kind: ResponseKind, at: datetime) -> bool:
    """Tell whether votes are open: on comments as long as comments are, on questions until the event is over."""
    if kind is ResponseKind.LIVE_QUESTION:
        return event.takes_live_questions and event.takes_bookings(at)
    return event.takes_comments(at)
