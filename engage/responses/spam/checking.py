"""Who is asked about what: Akismet about words that are to be published and whose author is known, and nothing else.

Never of anonymous or confidential answers, nor of words that their author wants nobody to read, nor of what staff
typed in. Verdicts are noted in every mode; in mode `hold` they keep a response back, and so does a check that failed.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select, update

from engage.kernel.db import db
from engage.kernel.jobs import defer
from engage.kernel.settings import Site
from engage.responses.enums import (
    Attribution,
    HoldReason,
    ModerationAction,
    Purpose,
    ReasonCode,
    ResponseKind,
    ResponseStatus,
    SpamEngine,
    SpamVerdict,
)
from engage.responses.models import ModerationDecision, Response, SpamCheck
from engage.responses.spam.arrivals import Arrival
from engage.responses.spam.verdicts import AkismetAnswer, Feedback

CHECK = "responses.check-spam"
TELL = "responses.tell-akismet"
FIELDS_KEPT = timedelta(days=90)
TYPES = {ResponseKind.COMMENT: "comment", ResponseKind.REPLY: "reply", ResponseKind.LIVE_QUESTION: "comment"}


def promise_check(response: Response, arrival: Arrival, *, is_confidential: bool, site: Site, at: datetime) -> bool:
    """Promise to ask Akismet about a response; tell whether its verdict is to be waited for before it is shown."""
    if not arrival.address or not _may_ask(response, is_confidential=is_confidential, site=site):
        return False
    _promise(response.id, _fields(response, arrival, site=site, at=at), at=at)
    return site.akismet_mode == "hold"


def _may_ask(response: Response, *, is_confidential: bool, site: Site) -> bool:
    return bool(
        site.akismet_mode != "off"
        and response.attribution is not Attribution.ANONYMOUS
        and not is_confidential
        and response.allows(Purpose.PUBLISH_SITE)
        and response.body
    )


def _fields(response: Response, arrival: Arrival, *, site: Site, at: datetime) -> dict[str, str]:
    return {
        "blog": site.base_url,
        "user_ip": arrival.address,
        "user_agent": arrival.agent,
        "referrer": arrival.referrer,
        "permalink": f"{site.base_url}/responses/{response.id}",
        "comment_type": TYPES.get(response.kind, "message"),
        "comment_author": response.display_name or "",
        "comment_content": response.body,
        "comment_date_gmt": at.astimezone(UTC).isoformat(timespec="seconds"),
        "blog_lang": ", ".join(site.languages),
        "blog_charset": "UTF-8",
        **({"is_test": "1"} if site.development else {}),
    }


def promise_recheck(response: Response, arrival: Arrival, *, is_confidential: bool, site: Site, at: datetime) -> None:
    """Ask about words that their author changed: with what was sent about the first ones, as far as it is kept."""
    if not _may_ask(response, is_confidential=is_confidential, site=site):
        return
    last = _last_check(response)
    if last is not None and last.fields is not None:
        fields = {**last.fields, "comment_content": response.body}
    elif arrival.address:
        fields = _fields(response, arrival, site=site, at=at)
    else:
        return
    _promise(response.id, {**fields, "recheck_reason": "edit"}, at=at)


def promise_feedback(response: Response, decision: ModerationDecision, *, at: datetime) -> None:
    """Tell Akismet where a moderator found otherwise, with the very fields that it was asked with."""
    last = _last_check(response)
    if last is None or last.fields is None:
        return
    feedback = None
    if decision.action is ModerationAction.PUBLISH and last.verdict is SpamVerdict.SPAM:
        feedback = Feedback.FALSE_POSITIVE
    elif decision.reason_code is ReasonCode.SPAM and last.verdict is SpamVerdict.HAM:
        feedback = Feedback.MISSED_SPAM
    if feedback is not None:
        defer(TELL, at=at, check=str(last.id), feedback=feedback.value)


def fields_of(check_id: uuid.UUID) -> Mapping[str, str] | None:
    """Return what Akismet is asked with; None once the words were taken back or what was kept of them is gone."""
    check = db.session.get(SpamCheck, check_id)
    response = db.session.get(Response, check.response_id) if check is not None else None
    if check is None or response is None or response.status is ResponseStatus.WITHDRAWN:
        return None
    fields: dict[str, Any] | None = check.fields
    if fields is not None and check.verdict is SpamVerdict.PROVISIONAL and check.guid is not None:
        return {**fields, "recheck_reason": "recheck"}
    return fields


def take_verdict(check_id: uuid.UUID, answer: AkismetAnswer, *, site: Site, at: datetime) -> Response | None:
    """Note a verdict, and hold the response where it says so; returns it if it may be shown now as its rules say.

    What a moderator decided stays as it is.
    """
    check = db.session.get(SpamCheck, check_id)
    if check is None:
        return None
    response = db.session.scalar(
        select(Response).where(Response.id == check.response_id).with_for_update(),
        execution_options={"populate_existing": True},
    )
    check.verdict, check.guid, check.is_blatant = answer.verdict, answer.guid, answer.is_blatant
    check.detail = answer.detail
    db.session.flush()
    if response is None or site.akismet_mode != "hold" or _is_decided(response.id):
        return None
    waits = response.status is ResponseStatus.RECEIVED or response.held_for is HoldReason.SPAM_CHECK_FAILED
    if answer.verdict is SpamVerdict.HAM:
        return response if waits and not _others_are_asked(check) else None
    reason = {SpamVerdict.SPAM: HoldReason.SPAM, SpamVerdict.ERROR: HoldReason.SPAM_CHECK_FAILED}.get(answer.verdict)
    if reason is not None and (waits or response.status is ResponseStatus.PUBLISHED):
        response.status, response.held_for = ResponseStatus.HELD, reason
        db.session.flush()
    return None


def wipe_old_fields(*, at: datetime) -> None:
    """Forget what Akismet was asked with, visitors' addresses among it, once feedback on it makes no sense any more."""
    before = (at - FIELDS_KEPT).astimezone(UTC).date()
    old = (SpamCheck.fields.is_not(None), SpamCheck.checked_on < before)
    db.session.execute(update(SpamCheck).where(*old).values(fields=None).execution_options(synchronize_session=False))


def _promise(response_id: uuid.UUID, fields: dict[str, str], *, at: datetime) -> None:
    check = SpamCheck(
        id=uuid.uuid4(),
        response_id=response_id,
        engine=SpamEngine.AKISMET,
        verdict=SpamVerdict.PROVISIONAL,
        fields=fields,
        checked_on=at.astimezone(UTC).date(),
    )
    db.session.add(check)
    db.session.flush()
    defer(CHECK, at=at, check=str(check.id))


def _last_check(response: Response) -> SpamCheck | None:
    """Return the check by Akismet of what a response says now, else of what it said before."""
    checks = db.session.scalars(
        select(SpamCheck).where(SpamCheck.response_id == response.id, SpamCheck.engine == SpamEngine.AKISMET)
    ).all()
    by_age = sorted(checks, key=lambda check: ((check.fields or {}).get("comment_content") == response.body, check.id))
    return by_age[-1] if by_age else None


def _is_decided(response_id: uuid.UUID) -> bool:
    return bool(db.session.scalar(select(exists().where(ModerationDecision.response_id == response_id))))


def _others_are_asked(check: SpamCheck) -> bool:
    other = exists().where(
        SpamCheck.response_id == check.response_id,
        SpamCheck.id != check.id,
        SpamCheck.engine == SpamEngine.AKISMET,
        SpamCheck.verdict != SpamVerdict.HAM,
    )
    return bool(db.session.scalar(select(other)))
