"""What we ask, and the context that people need to answer."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.consultations.enums import (
    ConsultationPhase,
    ConsultationStatus,
    FrameworkKind,
    ModerationMode,
    QuestionType,
    ThemeRelation,
)
from engage.kernel.db import JSON_VALUE, Base, SampleMark, UUIDKey, words
from engage.kernel.tokens import new_nonce


class Consultation(UUIDKey, SampleMark, Base):
    """Numbered questions on one matter, open for a time. `intro` and `why_now` are Markdown.

    `hold_rules` say what `moderation_mode` hold keeps back: {"first": bool, "links": bool, "words": [...]}. Until
    `late_until` whoever has the late link, which `nonce` is behind, may still answer. `version` counts changes (R11).
    """

    __tablename__ = "consultation"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="closes_after_opening"),)

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    intro: Mapped[str] = mapped_column(Text)
    why_now: Mapped[str] = mapped_column(Text)
    status: Mapped[ConsultationStatus] = mapped_column(words(ConsultationStatus, "status"))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    late_until: Mapped[datetime | None]
    nonce: Mapped[str] = mapped_column(String(32), default=new_nonce)
    moderation_mode: Mapped[ModerationMode] = mapped_column(
        words(ModerationMode, "moderation_mode"), default=ModerationMode.PRE, server_default="pre"
    )
    hold_rules: Mapped[dict[str, Any] | None] = mapped_column(JSON_VALUE)
    contact_email: Mapped[str | None] = mapped_column(String(254))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime | None]

    questions: Mapped[list["Question"]] = relationship(
        order_by="Question.number", back_populates="consultation", cascade="all, delete-orphan"
    )
    frameworks: Mapped[list["Framework"]] = relationship(
        order_by="Framework.title", back_populates="consultation", cascade="all, delete-orphan"
    )
    footnotes: Mapped[list["Footnote"]] = relationship(order_by="Footnote.number", cascade="all, delete-orphan")

    def is_open(self, at: datetime) -> bool:
        """Tell whether answers are taken at a moment."""
        return self.phase(at) is ConsultationPhase.OPEN

    def takes_late_answers(self, at: datetime) -> bool:
        """Tell whether whoever has the late link may answer at a moment."""
        return self.phase(at) is ConsultationPhase.LATE

    def phase(self, at: datetime) -> ConsultationPhase:
        """Return what people find at a moment."""
        if self.status not in (ConsultationStatus.OPEN, ConsultationStatus.CLOSED):
            return ConsultationPhase(self.status.value)
        if self.status is ConsultationStatus.OPEN and at < self.closes_at:
            return ConsultationPhase.COMING if at < self.opens_at else ConsultationPhase.OPEN
        is_late = self.late_until is not None and at < self.late_until
        return ConsultationPhase.LATE if is_late else ConsultationPhase.CLOSED


class Question(UUIDKey, Base):
    """One numbered question. Its number is its name: people say "question four".

    The first answer locks it (`locked_at`); what it says afterwards is another `version`, and the one before is kept
    as a `QuestionVersion`. `media_min_s` and `media_max_s` are seconds of a recording; `max_words` limits a text.
    Answers to a confidential one are never published.
    """

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("consultation_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("0 < media_min_s AND media_min_s <= media_max_s", name="media_limits"),
    )

    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    number: Mapped[int]
    type: Mapped[QuestionType] = mapped_column(
        words(QuestionType, "type"), default=QuestionType.OPEN, server_default="open"
    )
    text: Mapped[str] = mapped_column(Text)
    help: Mapped[str | None] = mapped_column(Text)
    required: Mapped[bool] = mapped_column(default=False, server_default=false())
    max_words: Mapped[int | None]
    allows_text: Mapped[bool] = mapped_column(default=True, server_default=true())
    allows_audio: Mapped[bool] = mapped_column(default=True, server_default=true())
    allows_video: Mapped[bool] = mapped_column(default=True, server_default=true())
    media_min_s: Mapped[int] = mapped_column(default=60, server_default="60")
    media_max_s: Mapped[int] = mapped_column(default=120, server_default="120")
    is_confidential: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    locked_at: Mapped[datetime | None]

    consultation: Mapped[Consultation] = relationship(back_populates="questions")
    options: Mapped[list["QuestionOption"]] = relationship(
        order_by="QuestionOption.position", cascade="all, delete-orphan"
    )
    themes: Mapped[list["Theme"]] = relationship(
        secondary="question_theme", order_by="Theme.framework_id, Theme.number"
    )


class QuestionOption(UUIDKey, Base):
    """What can be chosen; a place on a scale from its first to its last. `is_other` takes words besides.

    One that was taken out after somebody had chosen it is retired, and not asked any more.
    """

    __tablename__ = "question_option"
    __table_args__ = (UniqueConstraint("question_id", "position"),)

    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(300))
    is_other: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None]


class QuestionVersion(UUIDKey, Base):
    """What a question said before it was changed, for the answers that were given to it. Append-only."""

    __tablename__ = "question_version"
    __table_args__ = (UniqueConstraint("question_id", "version"),)

    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    help: Mapped[str | None] = mapped_column(Text)
    options: Mapped[list[str]] = mapped_column(JSON_VALUE)
    replaced_at: Mapped[datetime]


class Framework(UUIDKey, Base):
    """Missions, goals or principles that the questions are about, with their source and dates."""

    __tablename__ = "framework"

    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), index=True)
    kind: Mapped[FrameworkKind] = mapped_column(words(FrameworkKind, "kind"))
    title: Mapped[str] = mapped_column(String(200))
    source_title: Mapped[str | None] = mapped_column(String(200))
    source_url: Mapped[str | None] = mapped_column(String(500))
    source_published_on: Mapped[date | None]
    stated_count: Mapped[int | None]
    reviewed_on: Mapped[date | None]
    review_due_on: Mapped[date | None]

    consultation: Mapped[Consultation] = relationship(back_populates="frameworks")
    themes: Mapped[list["Theme"]] = relationship(order_by="Theme.number", cascade="all, delete-orphan")
    footnotes: Mapped[list["Footnote"]] = relationship(order_by="Footnote.number", cascade="all, delete-orphan")

    def counts_differ(self) -> bool:
        """Tell whether the source announces another number than it lists (rule 11)."""
        return self.stated_count is not None and self.stated_count != len(self.themes)

    def review_is_overdue(self, today: date) -> bool:
        """Tell whether somebody should have looked at it again by now (rule 11)."""
        return self.review_due_on is not None and self.review_due_on < today


class Theme(UUIDKey, Base):
    """One mission, goal or principle."""

    __tablename__ = "theme"
    __table_args__ = (UniqueConstraint("framework_id", "number"),)

    framework_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str | None] = mapped_column(Text)
    target_year: Mapped[int | None]


class ThemeLink(UUIDKey, Base):
    """How one mission or goal bears on another: "transport supports work"."""

    __tablename__ = "theme_link"
    __table_args__ = (
        UniqueConstraint("from_id", "to_id", "relation"),
        CheckConstraint("from_id <> to_id", name="two_themes"),
    )

    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"))
    to_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), index=True)
    relation: Mapped[ThemeRelation] = mapped_column(words(ThemeRelation, "relation"))
    note: Mapped[str | None] = mapped_column(String(300))


class QuestionTheme(Base):
    """That a question is about a mission or goal."""

    __tablename__ = "question_theme"

    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    theme_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Footnote(UUIDKey, Base):
    """A source that the texts of a consultation, or of a framework's themes, cite as `[^number]`."""

    __tablename__ = "footnote"
    __table_args__ = (
        UniqueConstraint("consultation_id", "number"),
        UniqueConstraint("framework_id", "number"),
        CheckConstraint("(consultation_id IS NULL) <> (framework_id IS NULL)", name="of_one_text"),
    )

    consultation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    framework_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("framework.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(String(500))
