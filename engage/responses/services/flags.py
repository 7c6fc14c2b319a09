"""Readers point at something published; a moderator looks. Only a rule of the collection takes it off before that."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import func, select

from engage.audit.services import record_anonymous
from engage.consultations.hold_rules import HoldRules
from engage.kernel.db import db
from engage.kernel.submission_keys import use_once
from engage.kernel.text import clean
from engage.responses.counts import is_shown
from engage.responses.enums import FlagReason, HoldReason, ResponseStatus
from engage.responses.errors import ResponseNotFoundError
from engage.responses.matters import matter_of
from engage.responses.models import Flag, Response

LONGEST_NOTE = 500


def check_is_shown(response_id: uuid.UUID) -> None:
    """Raise ResponseNotFoundError unless anybody may read the response (S48)."""
    if db.session.scalar(select(Response.id).where(Response.id == response_id, is_shown())) is None:
        raise ResponseNotFoundError


def flag(response_id: uuid.UUID, *, reason: FlagReason, note: str, key: str, at: datetime) -> None:
    """Ask a moderator to look at a published response. Of the reader nothing is kept but the words and the day.

    The same form again adds nothing (R8). At the number of flags that the consultation's or event's rule says the
    response is held until somebody has looked; what a moderator looked at and left on the page stays there, and further
    flags bring it before one again. Raises ResponseNotFoundError.
    """
    check_is_shown(response_id)
    if use_once(key, at=at) is not None:
        return
    response = db.session.scalar(
        select(Response).where(Response.id == response_id, is_shown()).with_for_update(of=Response),
        execution_options={"populate_existing": True},
    )
    if response is None:
        raise ResponseNotFoundError
    db.session.add(
        Flag(
            response_id=response.id,
            reason=reason,
            note=clean(note, multiline=True, limit=LONGEST_NOTE) or None,
            flagged_on=at.astimezone(UTC).date(),
        )
    )
    db.session.flush()
    record_anonymous("web:response:flag", f"response:{response.id}", at=at)
    _hold_if_the_rule_says_so(response, at=at)


def _hold_if_the_rule_says_so(response: Response, *, at: datetime) -> None:
    enough = HoldRules.read(matter_of(response).hold_rules).flags
    if not enough or response.status is not ResponseStatus.PUBLISHED:
        return
    flags = select(func.count()).where(Flag.response_id == response.id)
    if db.session.scalar(flags.where(Flag.resolved_by.is_not(None))):
        return
    if (db.session.scalar(flags.where(Flag.resolved_at.is_(None))) or 0) >= enough:
        response.status, response.held_for = ResponseStatus.HELD, HoldReason.FLAGGED
        db.session.flush()
        record_anonymous("rule:response:hold", f"response:{response.id}", at=at)
