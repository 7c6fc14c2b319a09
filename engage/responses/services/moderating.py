"""Deciding what is shown. Decisions are added, never changed (rule 4); a person makes them."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from engage.audit.services import record
from engage.consultations.models import Question
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.text import clean
from engage.media.enums import MediaState
from engage.responses.enums import HoldReason, ModerationAction, Purpose, ReasonCode, ResponseStatus, VersionKind
from engage.responses.errors import (
    ChangedMeanwhileError,
    ConfidentialQuestionError,
    DecidedMeanwhileError,
    NoConsentToPublishError,
    NotHeardYetError,
    NothingToShowError,
    ReasonNeededError,
    ResponseNotFoundError,
    TakenBackError,
)
from engage.responses.mails import queue_decision
from engage.responses.models import Flag, ModerationDecision, Response, ResponseVersion
from engage.responses.redacting import authors_words, check_redaction, is_stopped
from engage.responses.search import keeping
from engage.responses.spam.checking import promise_feedback
from engage.responses.spam.suspecting import learn_from

LONGEST_NOTE = 500
TELLS_WHY = (ModerationAction.REFUSE, ModerationAction.REDACT)
SETTLES_FLAGS = (ModerationAction.PUBLISH, ModerationAction.REFUSE, ModerationAction.REDACT)
LEADS_TO = {
    ModerationAction.PUBLISH: ResponseStatus.PUBLISHED,
    ModerationAction.REFUSE: ResponseStatus.REFUSED,
    ModerationAction.HOLD: ResponseStatus.HELD,
}


@dataclass(frozen=True)
class Verdict:
    """What a moderator decided: `note` goes to the author, `body` is what a redaction leaves.

    `seen` is the number of the version that the moderator read and `stood` where the response was then; None asks for
    none (R11).
    """

    action: ModerationAction
    reason: ReasonCode | None = None
    note: str | None = None
    body: str = ""
    seen: int | None = None
    stood: ResponseStatus | None = None


def decide(
    response_id: uuid.UUID,
    *,
    action: ModerationAction,
    reason_code: ReasonCode | None = None,
    note: str | None = None,
    moderator: uuid.UUID,
    at: datetime,
) -> Response:
    """Decide on a response and write to nobody; see `decide_and_tell`."""
    return _decide(response_id, Verdict(action, reason_code, note), moderator=moderator, at=at)[0]


def decide_and_tell(
    response_id: uuid.UUID, verdict: Verdict, *, moderator: uuid.UUID, site: Site, at: datetime
) -> bool:
    """Decide on a response; tell whether its author gets a mail. The same decision again changes nothing.

    PUBLISH shows it, REFUSE does not and says why, HOLD keeps it back for another look. REDACT shows its words
    without some of them and without its recording, where its author agreed to be shown at all. RESTORE undoes: the
    author's own words stand again, the recording plays, and what was refused or held waits.

    Raises NoConsentToPublishError without its author's consent and ConfidentialQuestionError (I12), NotHeardYetError
    and NothingToShowError of a recording that cannot be heard yet or never will be, ReasonNeededError for a refusal or
    redaction without a reason, what `check_redaction` raises, ChangedMeanwhileError if its author changed it meanwhile,
    DecidedMeanwhileError if somebody else decided, TakenBackError once its author took it back, ResponseNotFoundError.
    """
    response, decision = _decide(response_id, verdict, moderator=moderator, at=at)
    if decision is None:
        return False
    promise_feedback(response, decision, at=at)
    if decision.action not in TELLS_WHY:
        return False
    return queue_decision(response, decision, site=site, at=at)


def _decide(
    response_id: uuid.UUID, verdict: Verdict, *, moderator: uuid.UUID, at: datetime
) -> tuple[Response, ModerationDecision | None]:
    response = locked_response(response_id)
    if verdict.seen is not None and verdict.seen != latest_version(response):
        raise ChangedMeanwhileError
    if verdict.stood not in (None, response.status) and LEADS_TO.get(verdict.action) is not response.status:
        raise DecidedMeanwhileError
    action = verdict.action
    if action in TELLS_WHY and verdict.reason is None:
        raise ReasonNeededError
    before, said, was_stopped = response.status, response.body, is_stopped(response)
    _apply(response, verdict, moderator=moderator, at=at)
    settled = _settle_flags(response, moderator=moderator, at=at) if action in SETTLES_FLAGS else 0
    if (
        (before, said) == (response.status, response.body)
        and not settled
        and not _turns(verdict, response, was_stopped)
    ):
        return response, None
    decision = ModerationDecision(
        response_id=response.id,
        action=action,
        reason_code=verdict.reason if action in TELLS_WHY else None,
        note=clean(verdict.note or "", multiline=True, limit=LONGEST_NOTE) or None,
        moderator=moderator,
        decided_at=_after_the_last(response, at),
    )
    db.session.add(decision)
    keeping.note(response.id)  # flags and recordings are not seen to change with the response
    db.session.flush()
    learn_from(response, decision)
    record(
        f"web:response:{action.value}",
        f"response:{response.id}",
        at=at,
        actor=moderator,
        before={"status": before.value},
        after={"status": response.status.value},
    )
    return response, decision


def _after_the_last(response: Response, at: datetime) -> datetime:
    """Return the moment of a decision: later than the one before, also where a clock went back (rule 4)."""
    last = db.session.scalar(
        select(func.max(ModerationDecision.decided_at)).where(ModerationDecision.response_id == response.id)
    )
    return at if last is None else max(at, last + timedelta(microseconds=1))


def _turns(verdict: Verdict, response: Response, was_stopped: bool) -> bool:
    """Tell whether a decision stops the recording of a response, or lets it be played again."""
    if verdict.action is ModerationAction.REDACT:
        return response.media_id is not None and not was_stopped
    return verdict.action is ModerationAction.RESTORE and was_stopped


def locked_response(response_id: uuid.UUID) -> Response:
    """Return a response as it is now; nobody changes it meanwhile. Raises ResponseNotFoundError, TakenBackError."""
    statement = select(Response).where(Response.id == response_id).with_for_update()
    response = db.session.scalar(statement, execution_options={"populate_existing": True})
    if response is None:
        raise ResponseNotFoundError
    if response.status is ResponseStatus.WITHDRAWN:
        raise TakenBackError
    return response


def latest_version(response: Response) -> int:
    """Return the number of a response's latest version; 0 while it says what was first written."""
    return max((version.number for version in response.versions), default=0)


def _apply(response: Response, verdict: Verdict, *, moderator: uuid.UUID, at: datetime) -> None:
    match verdict.action:
        case ModerationAction.PUBLISH:
            _check_may_be_published(response)
            _put(response, ResponseStatus.PUBLISHED)
        case ModerationAction.REFUSE:
            _put(response, ResponseStatus.REFUSED)
        case ModerationAction.HOLD:
            _put(response, ResponseStatus.HELD)
        case ModerationAction.REDACT:
            _redact(response, verdict, moderator=moderator, at=at)
        case ModerationAction.RESTORE:
            response.body = authors_words(response)
            if response.status in (ResponseStatus.REFUSED, ResponseStatus.HELD):
                _put(response, ResponseStatus.RECEIVED)


def _put(response: Response, status: ResponseStatus) -> None:
    if response.status is status:
        return
    response.status = status
    response.held_for = HoldReason.MODERATOR if status is ResponseStatus.HELD else None


def _redact(response: Response, verdict: Verdict, *, moderator: uuid.UUID, at: datetime) -> None:
    """Let it say less from now on. What was first written stays, for moderators alone (rule 3)."""
    body = check_redaction(response, verdict.body)
    if body == response.body and response.media_id is None:
        return
    if body not in (response.body, authors_words(response)):
        response.versions.append(
            ResponseVersion(
                number=latest_version(response) + 1,
                kind=VersionKind.REDACTION,
                language=response.language,
                body=body,
                author_id=moderator,
                reason=verdict.reason and verdict.reason.value,
                made_on=at.astimezone(UTC).date(),
            )
        )
    response.body = body
    if response.allows(Purpose.PUBLISH_SITE) and not _is_confidential(response):
        _put(response, ResponseStatus.PUBLISHED)


def _check_may_be_published(response: Response) -> None:
    if _is_confidential(response):
        raise ConfidentialQuestionError
    if not response.allows(Purpose.PUBLISH_SITE):
        raise NoConsentToPublishError
    state = None if response.media is None else response.media.state
    if state is MediaState.RECEIVED and not is_stopped(response):
        raise NotHeardYetError
    if state is MediaState.REFUSED and not response.body and not response.choices:
        raise NothingToShowError


def _is_confidential(response: Response) -> bool:
    question = db.session.get(Question, response.question_id) if response.question_id else None
    return question is not None and question.is_confidential


def _settle_flags(response: Response, *, moderator: uuid.UUID, at: datetime) -> int:
    """Say that readers' flags were looked at; returns how many."""
    settled = db.session.execute(
        update(Flag)
        .where(Flag.response_id == response.id, Flag.resolved_at.is_(None))
        .values(resolved_at=at, resolved_by=moderator)
        .returning(Flag.id)
        .execution_options(synchronize_session=False)
    )
    return len(settled.all())
