"""What we ask, and the context that people need to answer."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.consultations.enums import ConsultationStatus, FrameworkKind
from engage.kernel.db import Base, SampleMark, UUIDKey, words


class Consultation(UUIDKey, SampleMark, Base):
    """Numbered questions on one matter, open for a time. `intro` and `why_now` are Markdown."""

    __tablename__ = "consultation"
    __table_args__ = (CheckConstraint("closes_at > opens_at", name="closes_after_opening"),)

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    intro: Mapped[str] = mapped_column(Text)
    why_now: Mapped[str] = mapped_column(Text)
    status: Mapped[ConsultationStatus] = mapped_column(words(ConsultationStatus, "status"))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    created_at: Mapped[datetime]

    questions: Mapped[list["Question"]] = relationship(
        order_by="Question.number", back_populates="consultation", cascade="all, delete-orphan"
    )
    frameworks: Mapped[list["Framework"]] = relationship(
        order_by="Framework.title", back_populates="consultation", cascade="all, delete-orphan"
    )

    def is_open(self, at: datetime) -> bool:
        """Tell whether answers are taken at a moment."""
        return self.status is ConsultationStatus.OPEN and self.opens_at <= at < self.closes_at


class Question(UUIDKey, Base):
    """One numbered question. Its number is its name: people say "question four"."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("consultation_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
    )

    consultation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    help: Mapped[str | None] = mapped_column(Text)

    consultation: Mapped[Consultation] = relationship(back_populates="questions")


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

    consultation: Mapped[Consultation] = relationship(back_populates="frameworks")
    themes: Mapped[list["Theme"]] = relationship(order_by="Theme.number", cascade="all, delete-orphan")

    def counts_differ(self) -> bool:
        """Tell whether the source announces another number than it lists (rule 11)."""
        return self.stated_count is not None and self.stated_count != len(self.themes)


class Theme(UUIDKey, Base):
    """One mission, goal or principle."""

    __tablename__ = "theme"
    __table_args__ = (UniqueConstraint("framework_id", "number"),)

    framework_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("framework.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
