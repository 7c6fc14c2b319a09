"""What is suspected of a response as it comes in, and what moderators' decisions teach."""

from datetime import UTC, datetime

from sqlalchemy import select

from engage.consultations.enums import ModerationMode
from engage.kernel.db import db
from engage.responses.enums import HoldReason, ModerationAction, ReasonCode, SpamEngine, SpamVerdict
from engage.responses.models import ModerationDecision, Response, SpamCheck
from engage.responses.spam.arrivals import Arrival
from engage.responses.spam.local import SPAM_FROM, learn, spam_score


def words_of(response: Response) -> str:
    """Return everything of a response that somebody typed and others would read, a line each."""
    typed = [response.body or response.body_original, response.display_name or ""]
    return "\n".join(filter(None, [*typed, *(choice.other_text or "" for choice in response.choices)]))


def suspicion_of(response: Response, arrival: Arrival, *, mode: ModerationMode, at: datetime) -> HoldReason | None:
    """Return why a response is held whatever else a rule says, and note for moderators what speaks against it.

    Who fills in a field that nobody sees is a machine. Quick sending and the words themselves are weaker signs: they
    hold back what would be shown unread, and where everything is read first they are not looked for.
    """
    signs: list[tuple[SpamEngine, float | None]] = [(engine, None) for engine in arrival.signs()]
    if mode is ModerationMode.PRE:
        signs = [sign for sign in signs if sign[0] is SpamEngine.HONEYPOT]
    elif (score := spam_score(words_of(response)) or 0.0) >= SPAM_FROM:
        signs.append((SpamEngine.LOCAL, score))
    for engine, certainty in signs:
        db.session.add(
            SpamCheck(
                response_id=response.id,
                engine=engine,
                verdict=SpamVerdict.SPAM,
                score=certainty,
                checked_on=at.astimezone(UTC).date(),
            )
        )
    return HoldReason.SPAM if signs else None


def learn_from(response: Response, decision: ModerationDecision) -> None:
    """Let the local filter learn from a decision, and forget what an earlier one on the same response taught."""
    now = _taught(decision.action, decision.reason_code)
    earlier = db.session.execute(
        select(ModerationDecision.action, ModerationDecision.reason_code)
        .where(ModerationDecision.response_id == response.id, ModerationDecision.id != decision.id)
        .order_by(ModerationDecision.decided_at)
    )
    before = None
    for action, reason in earlier:
        taught = _taught(action, reason)
        before = before if taught is None else taught
    if now is None or now == before:
        return
    text = response.body_original
    if before is not None:
        learn(text, is_spam=before, times=-1)
    learn(text, is_spam=now)


def _taught(action: ModerationAction, reason: ReasonCode | None) -> bool | None:
    """Return what a decision says of advertising: that it is, that it is not, or nothing."""
    if action is ModerationAction.PUBLISH:
        return False
    return True if action is ModerationAction.REFUSE and reason is ReasonCode.SPAM else None
