"""Saying anew where one's words may go (P12, P13)."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from engage.kernel.db import db
from engage.kernel.tokens import sha256_hex
from engage.responses.consents import uses_of
from engage.responses.enums import HoldReason, Purpose, ResponseStatus
from engage.responses.errors import ChosenMeanwhileError, UseNotAskedError
from engage.responses.models import Consent, Response
from engage.responses.queries import current_notice
from engage.responses.services.owning import Owner, OwnSitting, own_sitting

STATE_LENGTH = 24


@dataclass(frozen=True)
class SentWith:
    """The responses that were sent together with one and still stand: how many, and a digest of what they allow."""

    number: int
    state: str


def sent_with(response_id: uuid.UUID) -> SentWith:
    """Return what was sent in the same sitting as a response. Who asks has shown that it is theirs."""
    submission = select(Response.submission_id).where(Response.id == response_id).scalar_subquery()
    others = db.session.scalars(
        select(Response)
        .where(Response.submission_id == submission, Response.id != response_id)
        .options(selectinload(Response.consents))
    )
    standing = [other for other in others if other.status is not ResponseStatus.WITHDRAWN]
    return SentWith(len(standing), _state_of(standing))


def change_consents(
    owner: Owner,
    response_id: uuid.UUID,
    *,
    granted: frozenset[Purpose],
    began: frozenset[Purpose] | None = None,
    together: str | None = None,
    wordings: Mapping[Purpose, str],
    language: str,
    at: datetime,
) -> frozenset[Purpose]:
    """Allow the uses in `granted` and no other of those that are asked about; returns what changed.

    `together` is `SentWith.state` as the author saw it: all that was sent with it then gets the same choice, each
    response where it is asked about; None leaves the others alone. `wordings` are the words that stood beside the
    ticks. Without the consent to publish, what was published is shown nowhere at once; given again, a moderator reads
    it first. `began` are the uses that stood when the form was opened: a page left open gives nothing back that was
    taken since (R11); None asks for none. Raises UseNotAskedError, ChosenMeanwhileError, ReceiptNotFoundError,
    ResponseNotFoundError, GivenBackError.
    """
    sitting = own_sitting(owner, response_id)
    response = sitting.choose(response_id)
    asked = uses_of(response)
    if not granted <= set(asked):
        raise UseNotAskedError
    if began is not None and began != {use for use in asked if response.allows(use)}:
        raise ChosenMeanwhileError
    others = [] if together is None else _others(sitting, response)
    if together is not None and together != _state_of(others):
        raise ChosenMeanwhileError
    changed: frozenset[Purpose] = frozenset()
    for each in (response, *others):
        uses = [use for use in uses_of(each) if use in asked]
        changed |= _change(sitting, each, uses, granted, wordings=wordings, language=language, at=at)
    return changed


def _others(sitting: OwnSitting, response: Response) -> list[Response]:
    return [each for each in sitting.responses if each is not response and each.status is not ResponseStatus.WITHDRAWN]


def _state_of(responses: Sequence[Response]) -> str:
    states = sorted([str(each.id), *(use.value for use in uses_of(each) if each.allows(use))] for each in responses)
    return sha256_hex(json.dumps(states))[:STATE_LENGTH]


def _change(
    sitting: OwnSitting,
    response: Response,
    asked: Sequence[Purpose],
    granted: frozenset[Purpose],
    *,
    wordings: Mapping[Purpose, str],
    language: str,
    at: datetime,
) -> frozenset[Purpose]:
    """Add the rows for what differs, and never change one but that it ends now; return what differed."""
    changed = frozenset(use for use in asked if response.allows(use) is not (use in granted))
    if not changed:
        return changed
    for consent in response.consents:
        if consent.purpose in changed and consent.withdrawn_at is None:
            consent.withdrawn_at = sitting.moment(at)
    db.session.flush()  # one row for each use may hold: the old one ends before the new one comes
    notice_id = current_notice(language, at=at).id
    response.agree(
        Consent(
            purpose=use,
            granted=use in granted,
            notice_id=notice_id,
            wording_shown=wordings[use],
            language=language,
            given_at=sitting.moment(at),
        )
        for use in asked
        if use in changed
    )
    _stand_anew(response, changed)
    db.session.flush()
    after = {"allowed": sorted(changed & granted), "no_longer": sorted(changed - granted)}
    sitting.note("web:response:consent", f"response:{response.id}", at=at, after=after)
    return changed


def _stand_anew(response: Response, changed: frozenset[Purpose]) -> None:
    """Show nothing without the consent to that (I12), and let a moderator look at what is allowed again.

    What a moderator or a rule holds stays held: nobody gets round it by saying no and then yes.
    """
    if Purpose.PUBLISH_SITE not in changed:
        return
    if response.status is ResponseStatus.PUBLISHED:
        response.status = ResponseStatus.RECEIVED
    elif response.status is ResponseStatus.RECEIVED and response.allows(Purpose.PUBLISH_SITE):
        response.status, response.held_for = ResponseStatus.HELD, HoldReason.EDITED
