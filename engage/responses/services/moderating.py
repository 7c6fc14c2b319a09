"""Deciding what is shown. Decisions are added, never changed (rule 4); a person makes them."""

import uuid
from datetime import datetime

from sqlalchemy import select

from engage.audit.services import record
from engage.kernel.db import db
from engage.kernel.text import clean
from engage.responses.enums import ModerationAction, Purpose, ReasonCode, ResponseStatus
from engage.responses.errors import (
    NoConsentToPublishError,
    ReasonNeededError,
    ResponseNotFoundError,
    TakenBackError,
)
from engage.responses.models import ModerationDecision, Response

LONGEST_NOTE = 500
OUTCOME = {
    ModerationAction.PUBLISH: ResponseStatus.PUBLISHED,
    ModerationAction.REFUSE: ResponseStatus.REFUSED,
}


def decide(
    response_id: uuid.UUID,
    *,
    action: ModerationAction,
    reason_code: ReasonCode | None = None,
    note: str | None = None,
    moderator: uuid.UUID,
    at: datetime,
) -> Response:
    """Publish a response or refuse it. The same decision again changes nothing.

    Raises NoConsentToPublishError without its author's consent (I12), ReasonNeededError for a refusal without
    a reason, TakenBackError once its author took it back, ResponseNotFoundError.
    """
    statement = select(Response).where(Response.id == response_id).with_for_update()
    response = db.session.scalar(statement, execution_options={"populate_existing": True})
    if response is None:
        raise ResponseNotFoundError
    if response.status is ResponseStatus.WITHDRAWN:
        raise TakenBackError
    if action is ModerationAction.PUBLISH and not response.allows(Purpose.PUBLISH_SITE):
        raise NoConsentToPublishError
    if action is ModerationAction.REFUSE and reason_code is None:
        raise ReasonNeededError
    if response.status is OUTCOME[action]:
        return response
    before = response.status
    response.status = OUTCOME[action]
    db.session.add(
        ModerationDecision(
            response_id=response.id,
            action=action,
            reason_code=reason_code if action is ModerationAction.REFUSE else None,
            note=clean(note or "", multiline=True, limit=LONGEST_NOTE) or None,
            moderator=moderator,
            decided_at=at,
        )
    )
    db.session.flush()
    record(
        f"web:response:{action.value}",
        f"response:{response.id}",
        at=at,
        actor=moderator,
        before={"status": before.value},
        after={"status": response.status.value},
    )
    return response
