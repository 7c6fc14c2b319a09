"""What moderators decide, what readers flag, and what is judged to be advertising."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engage.kernel.db import JSON_VALUE, Base, UUIDKey, words
from engage.responses.enums import FlagReason, ModerationAction, ReasonCode, SpamEngine, SpamVerdict


class ModerationDecision(UUIDKey, Base):
    """What a moderator decided, and why. Append-only. `note` goes to the author."""

    __tablename__ = "moderation_decision"
    __table_args__ = (Index("ix_moderation_decision_response_id", "response_id", "decided_at"),)

    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    action: Mapped[ModerationAction] = mapped_column(words(ModerationAction, "action"))
    reason_code: Mapped[ReasonCode | None] = mapped_column(words(ReasonCode, "reason_code"))
    note: Mapped[str | None] = mapped_column(String(500))
    moderator: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]


class Flag(UUIDKey, Base):
    """That a reader asks a moderator to look at something published. Of the reader there is nothing but the words."""

    __tablename__ = "flag"

    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"), index=True)
    reason: Mapped[FlagReason] = mapped_column(words(FlagReason, "reason"))
    note: Mapped[str | None] = mapped_column(String(500))
    flagged_on: Mapped[date]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class SpamCheck(UUIDKey, Base):
    """One judgement. `fields` are what Akismet was asked with, for feedback that repeats them; wiped with the response.

    `guid` and `is_blatant` are what it said besides. The day alone is kept: most of what is judged is nobody's spam.
    """

    __tablename__ = "spam_check"
    __table_args__ = (Index("ix_spam_check_response_id", "response_id"), {"sqlite_with_rowid": False})

    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    engine: Mapped[SpamEngine] = mapped_column(words(SpamEngine, "engine"))
    verdict: Mapped[SpamVerdict] = mapped_column(words(SpamVerdict, "verdict"))
    score: Mapped[float | None]
    guid: Mapped[str | None] = mapped_column(String(64))
    is_blatant: Mapped[bool] = mapped_column(default=False)
    detail: Mapped[str | None] = mapped_column(Text)
    fields: Mapped[dict[str, Any] | None] = mapped_column(JSON_VALUE)
    checked_on: Mapped[date]


class SpamWord(Base):
    """How many refused and published responses held a word; the empty word counts the responses themselves."""

    __tablename__ = "spam_word"
    __table_args__ = ({"sqlite_with_rowid": False},)

    word: Mapped[str] = mapped_column(String(60), primary_key=True)
    ham: Mapped[int] = mapped_column(default=0)
    spam: Mapped[int] = mapped_column(default=0)
