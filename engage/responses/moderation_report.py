"""What the public page says of moderation: how much was decided, why, and how long it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import func, select

from engage.kernel.clock import start_of_day
from engage.kernel.db import db
from engage.responses.enums import Attribution, ModerationAction, ReasonCode
from engage.responses.models import Consent, ModerationDecision, Response

PERIOD = timedelta(days=365)
FEWEST_SHOWN = 5  # P9: a smaller number is not told
LATEST = 1000  # as many first decisions the medians are made of


@dataclass(frozen=True)
class ModerationReport:
    """A year until the day that it is read; days of anonymous responses, hours of the others (P4).

    Numbers of decisions by reason, None for those under FEWEST_SHOWN; reasons without any are left out.
    """

    published: int
    refused: int
    redacted: int
    reasons: dict[ReasonCode, int | None]
    median_hours: int | None
    median_days_anonymous: int | None


def moderation_report(*, at: datetime) -> ModerationReport:
    """Count what was decided before today: the numbers do not tell when something came."""
    today = start_of_day(at)
    within = (ModerationDecision.decided_at >= today - PERIOD, ModerationDecision.decided_at < today)
    counted = (func.count(), ModerationDecision.action)
    actions = {action: n for n, action in db.session.execute(select(*counted).where(*within).group_by(counted[1]))}
    why = select(ModerationDecision.reason_code, func.count()).where(
        *within, ModerationDecision.reason_code.is_not(None)
    )
    found = {code: n for code, n in db.session.execute(why.group_by(ModerationDecision.reason_code)) if code}
    hours, days = _waits(today)
    return ModerationReport(
        published=actions.get(ModerationAction.PUBLISH, 0),
        refused=actions.get(ModerationAction.REFUSE, 0),
        redacted=actions.get(ModerationAction.REDACT, 0),
        reasons={code: found[code] if found[code] >= FEWEST_SHOWN else None for code in ReasonCode if code in found},
        median_hours=_middle(hours),
        median_days_anonymous=_middle(days),
    )


def _waits(today: datetime) -> tuple[list[float], list[float]]:
    """Return how long responses waited for their first decision: hours, and days of the anonymous ones."""
    first = (
        select(ModerationDecision.response_id, func.min(ModerationDecision.decided_at).label("decided_at"))
        .where(ModerationDecision.decided_at < today)
        .group_by(ModerationDecision.response_id)
        .order_by(func.min(ModerationDecision.decided_at).desc())
        .limit(LATEST)
        .subquery()
    )
    came = select(func.min(Consent.given_at)).where(Consent.response_id == Response.id).scalar_subquery()
    rows = db.session.execute(
        select(Response.attribution, Response.received_on, came, first.c.decided_at).join(
            first, first.c.response_id == Response.id
        )
    ).all()
    hours = [
        (_utc(decided) - _utc(given)).total_seconds() / 3600
        for attribution, _, given, decided in rows
        if attribution is not Attribution.ANONYMOUS and given is not None
    ]
    days = [
        float((_utc(decided).date() - day).days)
        for attribution, day, _, decided in rows
        if attribution is Attribution.ANONYMOUS
    ]
    return hours, days


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _middle(values: Sequence[float]) -> int | None:
    """Return the median, rounded up; None of too few to be told."""
    return -int(-median(values) // 1) if len(values) >= FEWEST_SHOWN else None
