"""Where a response stands when it has come in: the one rule for every way in, and for what is edited.

Nothing but a person refuses. What a rule holds back waits for a moderator, and so does all that nobody may publish.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, exists, select

from engage.audit.services import record, record_anonymous
from engage.consultations.enums import ModerationMode
from engage.consultations.hold_rules import HoldRules
from engage.consultations.models import Consultation, Question
from engage.events.models import Event
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.responses.enums import Attribution, HoldReason, Purpose, ResponseStatus, SpamEngine, SpamVerdict
from engage.responses.matters import matter_of
from engage.responses.models import ModerationDecision, Response, SpamCheck
from engage.responses.spam.arrivals import Arrival
from engage.responses.spam.checking import promise_check, promise_recheck
from engage.responses.spam.suspecting import suspicion_of, words_of

FirstState = tuple[ResponseStatus, HoldReason | None]
READ_AGAIN = (ResponseStatus.PUBLISHED, ResponseStatus.REFUSED)
_RECEIVED: FirstState = (ResponseStatus.RECEIVED, None)
_PUBLISHED: FirstState = (ResponseStatus.PUBLISHED, None)


def first_state(
    response: Response,
    *,
    mode: ModerationMode,
    rules: HoldRules,
    is_first_post: bool,
    suspicion: HoldReason | None = None,
    is_confidential: bool = False,
    is_days_old: bool = False,
) -> FirstState:
    """Return the status of a response that came in, and why it is held if it is.

    `suspicion` holds in every mode. Before publication (pre) the rest waits; afterwards (post) it is shown at once if
    its author agreed; by rules (hold) it is shown unless one of them finds something. What is anonymous is never shown
    at once: the page would tell the minute at which it came, so it waits until it `is_days_old` (P4). A recording waits
    for somebody who hears it, since no rule can (S48). Answers to confidential questions are shown to nobody (I12).
    """
    if suspicion is not None:
        return ResponseStatus.HELD, suspicion
    if mode is ModerationMode.PRE or is_confidential or not response.allows(Purpose.PUBLISH_SITE):
        return _RECEIVED
    if mode is ModerationMode.HOLD and (reason := _held_by(response, rules, is_first_post=is_first_post)):
        return ResponseStatus.HELD, reason
    if response.media_id is not None or response.media is not None:
        return _RECEIVED
    return _RECEIVED if response.attribution is Attribution.ANONYMOUS and not is_days_old else _PUBLISHED


def _held_by(response: Response, rules: HoldRules, *, is_first_post: bool) -> HoldReason | None:
    text = words_of(response)
    if rules.finds_link(text):
        return HoldReason.LINKS
    if rules.finds_word(text):
        return HoldReason.WORDS
    return HoldReason.FIRST if rules.first and is_first_post else None


def settle(
    responses: Sequence[Response], about: Consultation | Event, *, arrival: Arrival, site: Site, at: datetime
) -> None:
    """Put the responses of a sitting where they stand now that they are stored; what is published is noted as such.

    What Akismet is asked about, and held by if it says so, is not shown before it has answered.
    """
    rules = HoldRules.read(about.hold_rules)
    asks_for_first = about.moderation_mode is ModerationMode.HOLD and rules.first
    is_first = asks_for_first and is_first_post(responses[0].respondent_id)
    confidential = _confidential(responses) if _looks_closer(about, site) else frozenset()
    for response in responses:
        response.status, response.held_for = first_state(
            response,
            mode=about.moderation_mode,
            rules=rules,
            is_first_post=is_first,
            suspicion=suspicion_of(response, arrival, mode=about.moderation_mode, at=at),
            is_confidential=response.question_id in confidential,
        )
        awaits = promise_check(
            response, arrival, is_confidential=response.question_id in confidential, site=site, at=at
        )
        if awaits and response.status is ResponseStatus.PUBLISHED:
            response.status = ResponseStatus.RECEIVED
        if response.status is ResponseStatus.PUBLISHED:
            record("rule:response:publish", f"response:{response.id}", at=at, after={"status": response.status.value})
    db.session.flush()


def settle_checked(response: Response, *, at: datetime) -> None:
    """Put a response where it stands now that Akismet found nothing."""
    about = matter_of(response)
    rules = HoldRules.read(about.hold_rules)
    held = db.session.scalars(
        select(SpamCheck.id).where(
            SpamCheck.response_id == response.id,
            SpamCheck.engine != SpamEngine.AKISMET,
            SpamCheck.verdict == SpamVerdict.SPAM,
        )
    ).first()
    response.status, response.held_for = first_state(
        response,
        mode=about.moderation_mode,
        rules=rules,
        is_first_post=is_first_post(response.respondent_id),
        suspicion=HoldReason.SPAM if held else None,
        is_confidential=bool(_confidential([response])),
    )
    if response.status is ResponseStatus.PUBLISHED:
        record("rule:response:publish", f"response:{response.id}", at=at, after={"status": response.status.value})
    db.session.flush()


def settle_edited(response: Response, *, arrival: Arrival, site: Site, at: datetime) -> None:
    """Put a response where it stands now that its author changed the words, and let them be checked as the first were.

    What was published or refused waits for a moderator (S48), and so does what is now taken for advertising.
    """
    suspicion = suspicion_of(response, arrival, mode=matter_of(response).moderation_mode, at=at)
    if response.status in READ_AGAIN:
        response.status, response.held_for = ResponseStatus.HELD, suspicion or HoldReason.EDITED
    elif response.status is ResponseStatus.RECEIVED and suspicion is not None:
        response.status, response.held_for = ResponseStatus.HELD, suspicion
    db.session.flush()
    promise_recheck(response, arrival, is_confidential=bool(_confidential([response])), site=site, at=at)


def _looks_closer(about: Consultation | Event, site: Site) -> bool:
    return about.moderation_mode is not ModerationMode.PRE or site.akismet_mode != "off"


def publish_anonymous_of_days_before(*, at: datetime) -> int:
    """Publish by rule what came anonymously before today, day by day as nobody can tell when (P4); returns how many.

    What a moderator decided on is theirs: put back to wait, it waits for another decision.
    """
    waiting = [*_waiting_in(Consultation, at=at), *_waiting_in(Event, at=at)]
    confidential = _confidential([response for response, _ in waiting])
    for response, about in waiting:
        response.status, response.held_for = first_state(
            response,
            mode=about.moderation_mode,
            rules=HoldRules.read(about.hold_rules),
            is_first_post=True,
            is_confidential=response.question_id in confidential,
            is_days_old=True,
        )
    published = [about for response, about in waiting if response.status is ResponseStatus.PUBLISHED]
    for about in published:
        record_anonymous("rule:response:publish", f"{about.__tablename__}:{about.id}", at=at)
    db.session.flush()
    return len(published)


def _waiting_in(
    model: type[Consultation] | type[Event], *, at: datetime
) -> list[tuple[Response, Consultation | Event]]:
    """Return what waits anonymously since a day before, in collections of a kind whose words are read afterwards."""
    is_event = model is Event
    statement: Select[*tuple[Any, ...]] = (
        select(Response, model)
        .join(model, model.id == (Response.event_id if is_event else Response.consultation_id))
        .where(
            Response.status == ResponseStatus.RECEIVED,
            Response.attribution == Attribution.ANONYMOUS,
            Response.received_on < at.astimezone(UTC).date(),
            ~exists().where(ModerationDecision.response_id == Response.id),
            model.moderation_mode != ModerationMode.PRE,
            Response.event_id.is_not(None) if is_event else Response.event_id.is_(None),
        )
        .with_for_update(of=Response)
    )
    return [(row[0], row[1]) for row in db.session.execute(statement)]


def is_first_post(respondent_id: uuid.UUID | None) -> bool:
    """Tell whether nothing of a respondent is published yet; nobody knows it of anonymous ones, so for them it is."""
    if respondent_id is None:
        return True
    return not db.session.scalar(
        select(exists().where(Response.respondent_id == respondent_id, Response.status == ResponseStatus.PUBLISHED))
    )


def _confidential(responses: Sequence[Response]) -> frozenset[uuid.UUID | None]:
    """Return which of the questions that were answered are confidential."""
    asked = {response.question_id for response in responses if response.question_id}
    return frozenset(db.session.scalars(select(Question.id).where(Question.id.in_(asked), Question.is_confidential)))
