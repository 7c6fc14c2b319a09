"""Who may comment on an event, for how long, whether questions go to the speakers, and what is read before it shows."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engage.audit.services import record
from engage.consultations.enums import ModerationMode
from engage.consultations.hold_rules import HoldRules
from engage.events.enums import EventStatus, WhoMayComment
from engage.events.errors import CommentDaysError, EventCancelledError, StaleEventError
from engage.events.models import Event
from engage.events.queries import lock_event
from engage.events.services.life import note_change
from engage.kernel.db import db

MOST_DAYS = 1000


@dataclass(frozen=True)
class CommentRules:
    """What an organiser decides about people's words; with no days no comment is taken."""

    who: WhoMayComment
    open_for_days: int
    takes_live_questions: bool
    mode: ModerationMode
    hold_rules: HoldRules


def set_comment_rules(
    event_id: uuid.UUID, rules: CommentRules, *, version: int, at: datetime, actor: uuid.UUID | None
) -> bool:
    """Say who comments and how; also once the event is over. Tells whether anything changed.

    `version` is the one that the organiser saw (R11). Raises CommentDaysError, StaleEventError, EventCancelledError.
    """
    if not 0 <= rules.open_for_days <= MOST_DAYS:
        raise CommentDaysError(limit=MOST_DAYS)
    event = lock_event(event_id)
    if event.status is EventStatus.CANCELLED:
        raise EventCancelledError
    if event.version != version:
        raise StaleEventError
    before = _noted(event)
    event.who_may_comment, event.comments_open_for_days = rules.who, rules.open_for_days
    event.takes_live_questions, event.moderation_mode = rules.takes_live_questions, rules.mode
    event.hold_rules = rules.hold_rules.stored()
    after = _noted(event)
    changed = sorted(name for name in after if before[name] != after[name])
    if not changed:
        return False
    note_change(event, at=at, in_calendars=False)
    record(
        "organiser:event:set-comment-rules",
        f"event:{event_id}",
        at=at,
        actor=actor,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    db.session.flush()
    return True


def _noted(event: Event) -> dict[str, Any]:
    return {
        "who_may_comment": event.who_may_comment.value,
        "comments_open_for_days": event.comments_open_for_days,
        "takes_live_questions": event.takes_live_questions,
        "moderation_mode": event.moderation_mode.value,
        "hold_rules": event.hold_rules or None,
    }
